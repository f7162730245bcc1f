import { must, mustEqual, mustFail } from './case.js'
import { sampleBytes } from './samples.js'
import { bytesOf, bytesTarget, rangesOf, shuffled, sinkCase, writeRanges } from './sink-bench.js'
import { isRopewayError } from '@ropeway/core'
import { collect, sha256 } from '@ropeway/oci'

const only = { only: 'bytes' } as const

/** Clauses for sinks that store the computed archive as bytes. */
export const bytesCases = [
  sinkCase(
    'bytes-any-order',
    'Ranges MUST be writable in any order and at the same time.',
    async (bench) => {
      const { plan, archive } = await bench.cargo()
      const delivery = bytesOf(await bench.open(plan))
      await writeRanges(delivery, archive, shuffled(rangesOf(delivery, archive.bytes.byteLength)))
      await delivery.close()
      const bytes = await bytesTarget(bench).read()
      mustEqual(bytes && sha256(bytes), sha256(archive.bytes), 'the target holds other bytes than the archive')
    },
    only,
  ),
  sinkCase(
    'bytes-hidden-until-close',
    'Nothing MUST stand at the final name before `close`; what stood there before MUST stay until then.',
    async (bench) => {
      const target = bytesTarget(bench)
      for (const [seed, before] of [
        [1, undefined],
        [2, sha256((await bench.cargo(1)).archive.bytes)],
      ] as const) {
        const { plan, archive } = await bench.cargo(seed)
        const delivery = bytesOf(await bench.open(plan))
        await writeRanges(delivery, archive, rangesOf(delivery, archive.bytes.byteLength))
        const bytes = await target.read()
        mustEqual(bytes && sha256(bytes), before, 'the final name changed before close')
        await delivery.close()
        const after = await target.read()
        mustEqual(after && sha256(after), sha256(archive.bytes), 'the final name holds something else after close')
      }
    },
    only,
  ),
  sinkCase(
    'bytes-close-needs-all',
    '`close` MUST reject while a part of the archive was never stored, and show nothing.',
    async (bench) => {
      const { plan, archive } = await bench.cargo()
      const delivery = bytesOf(await bench.open(plan))
      await writeRanges(delivery, archive, rangesOf(delivery, archive.bytes.byteLength).slice(1))
      const error = await mustFail(() => delivery.close(), 'an archive without its first bytes was closed')
      must(isRopewayError(error), 'closing half an archive ends with another error than a RopewayError')
      mustEqual(await bytesTarget(bench).read(), undefined, 'half an archive stands at the final name')
      await delivery.abort(error)
    },
    only,
  ),
  sinkCase(
    'bytes-rewrites',
    'A range that was written and not sealed MUST be writable again; the last bytes count.',
    async (bench) => {
      const { plan, archive } = await bench.cargo()
      const delivery = bytesOf(await bench.open(plan))
      const ranges = rangesOf(delivery, archive.bytes.byteLength)
      for (const range of ranges) await delivery.write(range, sampleBytes(99, range.end - range.start))
      await writeRanges(delivery, archive, ranges)
      await delivery.close()
      const bytes = await bytesTarget(bench).read()
      mustEqual(bytes && sha256(bytes), sha256(archive.bytes), 'bytes that were replaced came back')
    },
    only,
  ),
  sinkCase(
    'bytes-unit',
    'The unit MUST be a whole number of bytes, smaller than half of the archive; another range MUST be refused.',
    async (bench) => {
      const { plan, archive } = await bench.cargo()
      const delivery = bytesOf(await bench.open(plan))
      const { unit } = delivery
      must(unit !== undefined, 'the delivery has no `unit`; if any range will do, declare `unit: false`')
      must(Number.isSafeInteger(unit) && unit > 0, `the unit is ${unit}`)
      must(unit * 2 < archive.bytes.byteLength, `the archive of the setup has less than three units of ${unit} bytes`)
      for (const range of [
        { start: 1, end: unit + 1 },
        { start: 0, end: unit - 1 },
        { start: 0, end: unit * 2 },
      ]) {
        const bytes = archive.bytes.slice(range.start, range.end)
        const error = await mustFail(
          () => delivery.write(range, bytes),
          `bytes ${range.start} to ${range.end} were taken`,
        )
        must(isRopewayError(error), 'a range that is no unit is refused with another error than a RopewayError')
      }
      await delivery.abort('the kit looked only')
    },
    { only: 'bytes', needs: 'unit' },
  ),
  sinkCase(
    'bytes-read-back',
    '`read` MUST give the bytes that were written.',
    async (bench) => {
      const { plan, archive } = await bench.cargo()
      const delivery = bytesOf(await bench.open(plan))
      must(delivery.read !== undefined, 'the delivery has no `read`; if it cannot read, declare `readBack: false`')
      for (const range of rangesOf(delivery, archive.bytes.byteLength)) {
        const bytes = archive.bytes.slice(range.start, range.end)
        await delivery.write(range, bytes)
        const part = { start: range.start, end: range.start + Math.ceil(bytes.byteLength / 2) }
        const read = await collect(delivery.read(part), bytes.byteLength)
        must(
          Buffer.compare(read, bytes.subarray(0, part.end - part.start)) === 0,
          `bytes ${part.start} to ${part.end} came back otherwise`,
        )
      }
      await delivery.abort('the kit looked only')
    },
    { only: 'bytes', needs: 'readBack' },
  ),
]
