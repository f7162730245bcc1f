import { RopewayError, type Content } from '@ropeway/core'
import { must, mustEqual, mustFail } from './case.js'
import { artifactsTarget, bring, sinkCase } from './sink-bench.js'

const only = { only: 'artifacts' } as const

/** Clauses for sinks that take whole artifacts. */
export const artifactsCases = [
  sinkCase(
    'artifacts-hidden-until-close',
    'Nothing that was put MUST be visible before `close`.',
    async (bench) => {
      const cargo = await bench.cargo()
      const { delivery } = await bench.open(cargo.plan)
      await bring(delivery, cargo)
      mustEqual(await artifactsTarget(bench).entries(), {}, 'what was put is visible before close')
      await delivery.close()
    },
    only,
  ),
  sinkCase(
    'artifacts-broken-content',
    'Content that fails MUST make `put` reject, and nothing of that artifact MUST become visible.',
    async (bench) => {
      const { plan, samples } = await bench.cargo()
      const { delivery } = await bench.open(plan)
      must(delivery.type === 'artifacts', 'the sink takes artifacts, and open gave another delivery')
      for (const { planned, content } of samples) {
        const error = await mustFail(
          () => delivery.put(planned, breaking(content)),
          `${planned.id} was taken, and its content broke`,
        )
        must(error instanceof Error, 'something else than an error was thrown')
      }
      await delivery.abort('the kit broke all content')
      mustEqual(await artifactsTarget(bench).entries(), {}, 'an artifact whose content broke is visible')
    },
    only,
  ),
  sinkCase(
    'artifacts-deterministic',
    'Two deliveries of one plan to two empty targets MUST show the same.',
    async (bench) => {
      const cargo = await bench.cargo()
      await bench.deliver(cargo)
      const beside = await bench.beside(async (other) => {
        await other.deliver(cargo)
        return await artifactsTarget(other).entries()
      })
      mustEqual(beside, await artifactsTarget(bench).entries(), 'the two targets differ')
    },
    only,
  ),
  sinkCase(
    'artifacts-replaced',
    'A delivery of other content under the same names MUST show that content after close, and the earlier one until then.',
    async (bench) => {
      const target = artifactsTarget(bench)
      await bench.deliver(await bench.cargo(1))
      const before = await target.entries()
      const cargo = await bench.cargo(2)
      const { delivery } = await bench.open(cargo.plan)
      await bring(delivery, cargo)
      mustEqual(await target.entries(), before, 'the target changed before close')
      await delivery.close()
      const after = await target.entries()
      must(JSON.stringify(after) !== JSON.stringify(before), 'the target shows the earlier content still')
    },
    only,
  ),
]

/** Content whose every stream breaks half-way. */
function breaking(content: Content): Content {
  return {
    ...content,
    async *open(descriptor, options) {
      yield* content.open(descriptor, { ...options, end: Math.floor(descriptor.size / 2) })
      throw new RopewayError({ code: 'KIT_STREAM_BROKE', side: 'source', message: 'the kit broke this stream' })
    },
  }
}
