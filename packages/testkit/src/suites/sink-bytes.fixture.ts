import { RopewayError, isRopewayError, type ByteRange } from '@ropeway/core'
import { sha256 } from '@ropeway/oci'
import { paperFileSetup, paperMultipartSetup } from '../paper/setups.js'
import { covers } from './ranges.js'
import { delivering, mutated, path } from './sink-mutant.fixture.js'
import type { Mutant } from './mutant.fixture.js'
import type { SinkSetup } from './sink.js'

/** Sinks that break what holds for bytes. */
export const bytesMutants: readonly Mutant<SinkSetup>[] = [
  {
    clause: 'bytes-any-order',
    that: 'can only append',
    setup: () =>
      delivering(paperFileSetup(), 'bytes', (delivery) => {
        let written = 0
        return {
          async write(range, bytes) {
            if (range.start > 0 && range.start < written)
              throw new RopewayError({ code: 'APPENDS', side: 'sink', message: 'only appending' })
            written = range.end
            await delivery.write(range, bytes)
          },
        }
      }),
  },
  {
    clause: 'bytes-hidden-until-close',
    that: 'deletes the old file first',
    setup: () =>
      delivering(paperFileSetup(), 'bytes', (delivery, disk) => ({
        async write(range, bytes) {
          disk.files.delete(path)
          await delivery.write(range, bytes)
        },
      })),
  },
  {
    clause: 'bytes-close-needs-all',
    that: 'closes half an archive',
    setup: () =>
      delivering(paperFileSetup(), 'bytes', (delivery, disk) => ({
        async close() {
          try {
            return await delivery.close()
          } catch {
            disk.files.set(path, { identity: '', bytes: new Uint8Array(1) })
            return { location: path }
          }
        },
      })),
  },
  {
    clause: 'bytes-rewrites',
    that: 'keeps the first bytes of a range',
    setup: () =>
      delivering(paperFileSetup(), 'bytes', (delivery) => {
        const written: ByteRange[] = []
        return {
          async write(range, bytes) {
            if (!covers(written, range)) await delivery.write(range, bytes)
            written.push(range)
          },
        }
      }),
  },
  {
    clause: 'bytes-unit',
    that: 'takes any range beside its unit',
    setup: () =>
      delivering(paperMultipartSetup(), 'bytes', (delivery) => ({
        async write(range, bytes) {
          try {
            await delivery.write(range, bytes)
          } catch (error) {
            if (!isRopewayError(error) || error.code !== 'PART_MISALIGNED') throw error
          }
        },
      })),
  },
  {
    clause: 'bytes-read-back',
    that: 'reads back what earlier runs wrote alone',
    setup: () =>
      delivering(paperFileSetup(), 'bytes', (delivery) => {
        const written: ByteRange[] = []
        return {
          async write(range, bytes) {
            written.push(range)
            await delivery.write(range, bytes)
          },
          async *read(range) {
            if (!covers(written, range)) yield* delivery.read?.(range) ?? []
          },
        }
      }),
  },
  {
    clause: 'bytes-stored-at-first',
    that: 'begins with an empty range',
    setup: () =>
      delivering(paperFileSetup(), 'bytes', (delivery) => ({
        stored: async () => [{ start: 0, end: 0, sealed: true }, ...(await delivery.stored())],
      })),
  },
  {
    clause: 'bytes-resumes-after-abort',
    that: 'throws away everything when it gives up',
    setup: () =>
      delivering(paperFileSetup(), 'bytes', (_delivery, disk) => ({ abort: async () => disk.partials.clear() })),
  },
  {
    clause: 'bytes-resumes-after-kill',
    that: 'remembers what is sealed when it gives up',
    setup: () =>
      delivering(paperFileSetup(), 'bytes', (delivery) => {
        const sealed: ByteRange[] = []
        const remember = async (): Promise<void> => {
          for (const range of sealed) await delivery.seal(range)
        }
        return {
          seal: async (range) => void sealed.push(range),
          async close() {
            await remember()
            return await delivery.close()
          },
          async abort(reason) {
            await remember()
            await delivery.abort(reason)
          },
        }
      }),
  },
  {
    clause: 'bytes-survives-lost-state',
    that: 'cannot go on without its notes',
    setup() {
      const begun = new Set<unknown>()
      return mutated(paperFileSetup(), (sink, at) => ({
        async open(plan, survey, options, context) {
          const lost = begun.has(at(options)) && (await context.state.get('paper')) === undefined
          if (lost) throw new RopewayError({ code: 'LOST', side: 'sink', message: 'the notes are lost' })
          begun.add(at(options))
          await context.state.set('paper', 'begun')
          return await sink.open(plan, survey, options, context)
        },
      }))
    },
  },
  {
    clause: 'bytes-seals-only-sealed',
    that: 'takes everything for sealed',
    setup: () =>
      delivering(paperFileSetup(), 'bytes', (delivery) => ({
        stored: async () => (await delivery.stored()).map((range) => ({ ...range, sealed: true })),
      })),
  },
  {
    clause: 'bytes-tells-what-is-stored',
    that: 'tells more as stored than was written',
    setup: () =>
      delivering(paperFileSetup(), 'bytes', (delivery) => ({
        async stored() {
          const stored = await delivery.stored()
          return stored.map((range) => (range.sealed ? range : { ...range, end: range.end + 1 }))
        },
      })),
  },
  {
    clause: 'bytes-not-of-another',
    that: 'goes on with whatever it finds',
    setup: () =>
      mutated(paperFileSetup(), (sink, at) => ({
        async survey(plan, options, context) {
          const survey = await sink.survey(plan, options, context)
          const bytes = at(options).files.get(path)?.bytes
          return { ...survey, complete: bytes !== undefined && sha256(bytes) === plan.archive?.identity }
        },
        open: (plan, survey, options, context) =>
          sink.open({ ...plan, archive: { size: plan.archive?.size ?? 0, identity: 'any' } }, survey, options, context),
      })),
  },
]
