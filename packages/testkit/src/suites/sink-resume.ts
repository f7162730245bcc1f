import type { ByteRange } from '@ropeway/core'
import { collect, sha256 } from '@ropeway/oci'
import { must, mustEqual } from './case.js'
import { covers, joined, sealedOf } from './ranges.js'
import {
  bring,
  bytesOf,
  bytesTarget,
  rangesOf,
  sinkCase,
  writeRanges,
  type Cargo,
  type SinkBench,
} from './sink-bench.js'

const only = { only: 'bytes' } as const

/** Clauses on going on after an interruption, for sinks that store bytes. */
export const resumeCases = [
  sinkCase(
    'bytes-stored-at-first',
    '`stored` MUST be empty when nothing was delivered before.',
    async (bench) => {
      const { plan } = await bench.cargo()
      const delivery = bytesOf(await bench.open(plan))
      mustEqual(await delivery.stored(), [], 'something is stored before the first write')
      await delivery.abort('the kit looked only')
    },
    only,
  ),
  sinkCase(
    'bytes-resumes-after-abort',
    'After abort, another run MUST be told every range that was sealed, and finish the same bytes without writing those again.',
    async (bench) => {
      const cargo = await bench.cargo()
      await resumes(bench, cargo, await interrupted(bench, cargo))
    },
    only,
  ),
  sinkCase(
    'bytes-resumes-after-kill',
    'After a run that ended without a word, another MUST be told every range that was sealed, and finish the same bytes.',
    async (bench) => {
      const cargo = await bench.cargo()
      const { delivery, sealed } = await begun(bench, cargo)
      await resumes(bench, cargo, sealed)
      // A killed process gives its handles back; this one has to be told.
      await delivery.abort('the kit is done')
    },
    only,
  ),
  sinkCase(
    'bytes-survives-lost-state',
    'When the state of the interrupted run was lost, another MUST still finish the same bytes.',
    async (bench) => {
      const cargo = await bench.cargo()
      const sealed = await interrupted(bench, cargo)
      const delivery = bytesOf(await bench.open(cargo.plan, 'elsewhere'))
      for (const range of sealedOf(await delivery.stored())) {
        must(covers(sealed, range), `bytes ${range.start} to ${range.end} are told as sealed, and never were`)
      }
      await bring(delivery, cargo)
      await delivery.close()
      const bytes = await bytesTarget(bench).read()
      mustEqual(bytes && sha256(bytes), sha256(cargo.archive.bytes), 'the resumed delivery gave other bytes')
    },
    only,
  ),
  sinkCase(
    'bytes-seals-only-sealed',
    'A range that was written and not sealed MUST NOT be told as sealed.',
    async (bench) => {
      const cargo = await bench.cargo()
      const delivery = bytesOf(await bench.open(cargo.plan))
      const ranges = rangesOf(delivery, cargo.archive.bytes.byteLength)
      for (const range of ranges) await delivery.write(range, cargo.archive.bytes.slice(range.start, range.end))
      await delivery.abort('the kit stops here')
      const again = bytesOf(await bench.open(cargo.plan))
      mustEqual(sealedOf(await again.stored()), [], 'ranges that were never sealed are told as sealed')
      await again.abort('the kit looked only')
    },
    only,
  ),
  sinkCase(
    'bytes-tells-what-is-stored',
    'What is told as stored and not sealed MUST hold the bytes that were written.',
    async (bench) => {
      const { plan, archive } = await bench.cargo()
      const delivery = bytesOf(await bench.open(plan))
      const ranges = rangesOf(delivery, archive.bytes.byteLength).slice(0, 2)
      for (const range of ranges) await delivery.write(range, archive.bytes.slice(range.start, range.end))
      await delivery.abort('the kit stops here')
      const again = bytesOf(await bench.open(plan))
      for (const range of await again.stored()) {
        must(covers(ranges, range), `bytes ${range.start} to ${range.end} are told as stored, and were never written`)
        const read = again.read === undefined ? undefined : await collect(again.read(range), archive.bytes.byteLength)
        const wanted = archive.bytes.subarray(range.start, range.end)
        must(
          read === undefined || Buffer.compare(read, wanted) === 0,
          `bytes ${range.start} to ${range.end} came back otherwise`,
        )
      }
      await again.abort('the kit looked only')
    },
    only,
  ),
  sinkCase(
    'bytes-not-of-another',
    'What an interrupted delivery of another archive left MUST NOT be told, nor get into this one.',
    async (bench) => {
      const other = await bench.cargo(2)
      await interrupted(bench, other)
      const cargo = await bench.cargo(1)
      const delivery = bytesOf(await bench.open(cargo.plan))
      mustEqual(joined(await delivery.stored()), [], 'ranges of another archive are told as stored')
      await bring(delivery, cargo)
      await delivery.close()
      const bytes = await bytesTarget(bench).read()
      mustEqual(bytes && sha256(bytes), sha256(cargo.archive.bytes), 'the target holds other bytes than the archive')
    },
    only,
  ),
]

/** Writes and seals every second range, and leaves the delivery open. */
async function begun(bench: SinkBench, { plan, archive }: Cargo) {
  const delivery = bytesOf(await bench.open(plan))
  const some = rangesOf(delivery, archive.bytes.byteLength).filter((_, index) => index % 2 === 0)
  await writeRanges(delivery, archive, some)
  return { delivery, sealed: joined(some) }
}

/** Writes and seals every second range, and gives up. */
async function interrupted(bench: SinkBench, cargo: Cargo): Promise<readonly ByteRange[]> {
  const { delivery, sealed } = await begun(bench, cargo)
  await delivery.abort('the kit stops here')
  return sealed
}

async function resumes(bench: SinkBench, cargo: Cargo, sealed: readonly ByteRange[]): Promise<void> {
  mustEqual(await bytesTarget(bench).read(), undefined, 'an interrupted delivery stands at the final name')
  const delivery = bytesOf(await bench.open(cargo.plan))
  mustEqual(sealedOf(await delivery.stored()), sealed, 'other ranges are told as sealed than were')
  await bring(delivery, cargo)
  await delivery.close()
  const bytes = await bytesTarget(bench).read()
  mustEqual(bytes && sha256(bytes), sha256(cargo.archive.bytes), 'the resumed delivery gave other bytes')
}
