import {
  RopewayError,
  defineSink,
  isRopewayError,
  type ByteRange,
  type Content,
  type Delivery,
  type Sink,
} from '@ropeway/core'
import { collect, sha256 } from '@ropeway/oci'
import { describe, it } from 'vitest'
import { z } from 'zod'
import {
  paperFileSetup,
  paperMultipartSetup,
  paperReleaseSetup,
  paperStoreSetup,
  type PaperSinkSetup,
} from '../paper/setups.js'
import { closureOf, readVerified } from './facts.js'
import { leakGlobal, packageOf, testMutants, type Mutant } from './mutant.fixture.js'
import { covers } from './ranges.js'
import { sampleFor } from './samples.js'
import { checkSink, sinkCases, testSink, type SinkSetup } from './sink.js'

testSink(paperStoreSetup(), { describe, it })
testSink(paperStoreSetup({ mounts: true }), { describe, it })
testSink(paperFileSetup(), { describe, it })
testSink(paperMultipartSetup(), { describe, it })
testSink(paperReleaseSetup(), { describe, it })

type Changes = Partial<Omit<Sink<unknown>, 'kind'>>

/** A paper sink with some of it replaced; `change` is shown the sink that keeps the contract. */
function mutated<Service>(
  setup: PaperSinkSetup<Service>,
  change: (sink: Sink<unknown>, at: (options: unknown) => Service) => Changes,
): SinkSetup {
  const named = z.object({ service: z.string().optional(), disk: z.string().optional() })
  const at = (options: unknown): Service => {
    const { service, disk = '' } = named.parse(options)
    return setup.at(service ?? disk)
  }
  return { ...setup, adapter: defineSink({ ...setup.adapter, ...change(setup.adapter, at) }), patience: 40 }
}

type DeliveryOf<Type extends Delivery['type']> = Extract<Delivery, { readonly type: Type }>

/** A paper sink whose deliveries are changed. */
function delivering<Service, Type extends Delivery['type']>(
  setup: PaperSinkSetup<Service>,
  type: Type,
  change: (delivery: DeliveryOf<Type>, service: Service) => Partial<DeliveryOf<Type>>,
): SinkSetup {
  return mutated(setup, (sink, at) => ({
    async open(plan, survey, options, context) {
      const delivery = await sink.open(plan, survey, options, context)
      if (delivery.type !== type) return delivery
      return { ...delivery, ...change(delivery as DeliveryOf<Type>, at(options)) }
    },
  }))
}

/** A paper sink whose surveys are changed. */
function surveying<Service>(
  setup: PaperSinkSetup<Service>,
  change: (...args: Parameters<Sink<unknown>['survey']>) => object,
): SinkSetup {
  return mutated(setup, (sink) => ({
    survey: async (plan, options, context) => ({
      ...(await sink.survey(plan, options, context)),
      ...change(plan, options, context),
    }),
  }))
}

const path = 'kit-1.0.0.tar'
let calls = 0

const shared: readonly Mutant<SinkSetup>[] = [
  {
    clause: 'identity',
    that: 'has a summary of two lines',
    setup: () => mutated(paperFileSetup(), () => ({ summary: 'a file\non paper' })),
  },
  {
    clause: 'package',
    that: 'is listed as a source',
    async setup() {
      const setup = paperFileSetup()
      const claim = await packageOf(setup.adapter, { entry: { kind: 'source' } })
      return { ...setup, capabilities: { unit: false }, package: claim }
    },
  },
  {
    clause: 'options-strict',
    that: 'takes any option below one of its own',
    setup: () =>
      mutated(paperReleaseSetup(), () => ({
        options: z.strictObject({
          service: z.string().describe('Host.'),
          more: z
            .looseObject({ text: z.string().describe('Text.') })
            .optional()
            .describe('More.'),
        }),
      })),
  },
  {
    clause: 'options-described',
    that: 'does not describe the options of a list',
    setup: () =>
      mutated(paperReleaseSetup(), () => ({
        options: z.strictObject({
          service: z.string().describe('Host.'),
          more: z
            .array(z.strictObject({ text: z.string() }))
            .optional()
            .describe('More.'),
        }),
      })),
  },
  {
    clause: 'shorthand',
    that: 'has a shorthand for no option',
    setup: () => mutated(paperFileSetup(), () => ({ shorthand: 'file' })),
  },
  {
    clause: 'declares',
    that: 'accepts nothing',
    setup() {
      const setup = mutated(paperReleaseSetup(), () => ({ accepts: [] }))
      const destination = { registry: 'kit.test', repository: 'kit/file', tag: '1' }
      return {
        ...setup,
        arrange: async () => ({
          ...(await setup.arrange()),
          samples: (seed) => [sampleFor('file', seed, destination)],
        }),
      }
    },
  },
  {
    clause: 'survey-reads-only',
    that: 'mounts a blob while it surveys',
    setup: () =>
      mutated(paperFileSetup(), (sink) => ({
        async survey(plan, options, context) {
          const survey = await sink.survey(plan, options, context)
          const descriptor = { mediaType: '', digest: sha256(new Uint8Array()), size: 0 }
          await context.registry('kit.test', 'sink').mount('kit/file', descriptor, 'kit/other')
          return survey
        },
      })),
  },
  {
    clause: 'survey-reads-only',
    that: 'tells something else at every survey',
    setup: () => surveying(paperStoreSetup(), () => ({ notes: [`survey ${++calls}`] })),
  },
  {
    clause: 'survey-facts',
    that: 'has no location',
    setup: () => surveying(paperStoreSetup(), () => ({ location: '' })),
  },
  { clause: 'survey-names', that: 'tells no names', setup: () => surveying(paperStoreSetup(), () => ({ names: [] })) },
  {
    clause: 'survey-content',
    that: 'says that all is there',
    setup: () =>
      mutated(paperStoreSetup(), (sink) => ({
        async survey(plan, options, context) {
          const { present = [], missing = [], ...survey } = await sink.survey(plan, options, context)
          return { ...survey, present: new Set([...present, ...missing]) }
        },
      })),
  },
  {
    clause: 'survey-complete',
    that: 'is complete from the start',
    setup: () => surveying(paperFileSetup(), () => ({ complete: true })),
  },
  {
    clause: 'survey-complete',
    that: 'is never complete',
    setup: () => surveying(paperFileSetup(), () => ({ complete: false })),
  },
  {
    clause: 'survey-stops',
    that: 'does not look at the signal',
    setup: () =>
      mutated(paperFileSetup(), (sink) => ({
        survey: (plan, options, context) =>
          sink.survey(plan, options, { ...context, signal: new AbortController().signal }),
      })),
  },
  {
    clause: 'survey-reads-only',
    that: 'creates what it looks for',
    setup: () =>
      mutated(paperStoreSetup(), (sink, at) => ({
        async survey(plan, options, context) {
          const survey = await sink.survey(plan, options, context)
          const content = new Map([[plan.artifacts[0]?.root.digest ?? '', new Uint8Array(1)]])
          const { repositories } = at(options)
          if (!repositories.has('kit/image')) repositories.set('kit/image', { content, tags: new Map() })
          return { ...survey, present: undefined, missing: undefined }
        },
      })),
  },
  {
    clause: 'check-leaves-no-trace',
    that: 'leaves a file after its check',
    setup: () =>
      mutated(paperFileSetup(), (sink, at) => ({
        async check(plan, options, context) {
          await sink.check?.(plan, options, context)
          at(options).files.set(path, { identity: 'a probe', bytes: new Uint8Array(1) })
        },
      })),
  },
  {
    clause: 'check-refuses',
    that: 'checks nothing',
    setup: () => mutated(paperFileSetup(), () => ({ check: async () => undefined })),
  },
  {
    clause: 'delivers',
    that: 'leaves out charts',
    setup: () =>
      delivering(paperReleaseSetup(), 'artifacts', (delivery) => ({
        async put(artifact, content) {
          if (artifact.kind !== 'chart') return await delivery.put(artifact, content)
          for (const part of await closureOf(content, artifact.root)) await readVerified(content, part)
        },
      })),
  },
  {
    clause: 'delivers-again',
    that: 'fails when there is nothing to do',
    setup: () =>
      mutated(paperFileSetup(), (sink) => ({
        async open(plan, survey, options, context) {
          if (survey.complete === true) throw new RopewayError({ code: 'THERE', side: 'sink', message: 'it is there' })
          return await sink.open(plan, survey, options, context)
        },
      })),
  },
  {
    clause: 'abort-shows-nothing',
    that: 'publishes when it gives up',
    setup: () =>
      delivering(paperReleaseSetup(), 'artifacts', (delivery) => ({
        async abort() {
          await delivery.close()
        },
      })),
  },
  {
    clause: 'closing',
    that: 'closes without a location',
    setup: () =>
      delivering(paperFileSetup(), 'bytes', (delivery) => ({
        close: async () => ({ ...(await delivery.close()), location: '' }),
      })),
  },
  {
    clause: 'refusal-told',
    that: 'fails with an error of its own',
    setup: () =>
      mutated(paperFileSetup(), (sink, at) => ({
        async open(plan, survey, options, context) {
          if (at(options).readOnly) throw new TypeError('read-only')
          return await sink.open(plan, survey, options, context)
        },
      })),
  },
  {
    clause: 'no-secrets',
    that: 'notes its password',
    setup: () => surveying(paperStoreSetup(), () => ({ notes: ['logged in as paper:paper-secret'] })),
  },
  {
    clause: 'asks-as-sink',
    that: 'asks for credentials of the source',
    setup: () =>
      mutated(paperFileSetup(), (sink) => ({
        async open(plan, survey, options, context) {
          await context.credential('kit.test', 'source')
          return await sink.open(plan, survey, options, context)
        },
      })),
  },
  {
    clause: 'arguments-untouched',
    that: 'writes into the plan',
    setup: () =>
      mutated(paperFileSetup(), (sink) => ({
        open(plan, survey, options, context) {
          Object.assign(plan, { opened: true })
          return sink.open(plan, survey, options, context)
        },
      })),
  },
  {
    clause: 'globals-untouched',
    that: 'keeps its state in the global object',
    setup: () =>
      mutated(paperFileSetup(), (sink) => ({
        open(plan, survey, options, context) {
          leakGlobal()
          return sink.open(plan, survey, options, context)
        },
      })),
  },
  {
    clause: 'capabilities',
    that: 'declares "check: false" and has it',
    setup: () => ({ ...paperFileSetup(), capabilities: { package: false, unit: false, check: false } }),
  },
  {
    clause: 'capabilities',
    that: 'declares "readBack: false" and has it',
    setup: () => ({ ...paperFileSetup(), capabilities: { package: false, unit: false, readBack: false } }),
  },
  {
    clause: 'capabilities',
    that: 'declares "unit: false" and has it',
    setup: () => ({ ...paperMultipartSetup(), capabilities: { package: false, unit: false, readBack: false } }),
  },
  {
    clause: 'capabilities',
    that: 'declares "mounts: false" and has it',
    setup: () => ({ ...paperStoreSetup({ mounts: true }), capabilities: { package: false, mounts: false } }),
  },
]

const stores: readonly Mutant<SinkSetup>[] = [
  {
    clause: 'store-hides-untagged',
    that: 'tags when it is closed',
    setup: () =>
      delivering(paperStoreSetup(), 'store', (delivery) => {
        const later: (() => Promise<void>)[] = []
        return {
          tag: async (slot, manifest, tags) => void later.push(() => delivery.tag(slot, manifest, tags)),
          async close() {
            for (const tag of later) await tag()
            return await delivery.close()
          },
        }
      }),
  },
  {
    clause: 'store-missing',
    that: 'looks at the first hundred',
    setup: () =>
      delivering(paperStoreSetup(), 'store', (delivery) => ({
        missing: (slots) => delivery.missing(slots.slice(0, 100)),
      })),
  },
  {
    clause: 'store-parallel',
    that: 'forgets a blob that it is sending elsewhere',
    setup() {
      const setup = delivering(paperStoreSetup(), 'store', (delivery) => {
        const sending = new Set<string>()
        return {
          async blob(slot, content, options) {
            const { digest } = slot.descriptor
            if (sending.has(digest)) return 'sent'
            sending.add(digest)
            try {
              return await delivery.blob(slot, content, options)
            } finally {
              sending.delete(digest)
            }
          },
        }
      })
      const at = (repository: string) => ({ registry: 'kit.test', repository, tag: '1' })
      return {
        ...setup,
        arrange: async () => ({
          ...(await setup.arrange()),
          samples: (seed) => [
            sampleFor('image', seed, at('kit/image')),
            sampleFor('chart', seed + 50, at('kit/chart')),
          ],
        }),
      }
    },
  },
  {
    clause: 'store-mounts',
    that: 'sends what it could mount',
    setup: () =>
      delivering(paperStoreSetup({ mounts: true }), 'store', (delivery) => ({
        blob: (slot, content, { signal }) => delivery.blob(slot, content, { signal }),
      })),
  },
  {
    clause: 'store-mount-refused',
    that: 'believes that every mount works',
    setup: () =>
      delivering(paperStoreSetup(), 'store', (delivery) => ({
        blob: async (slot, content, options) =>
          options.mount === undefined ? await delivery.blob(slot, content, options) : 'mounted',
      })),
  },
  {
    clause: 'store-refuses-wrong-bytes',
    that: 'stores what comes',
    setup: () =>
      delivering(paperStoreSetup(), 'store', (_delivery, registry) => ({
        async blob({ repository, descriptor }, content, { signal }) {
          signal?.throwIfAborted()
          registry.repositories
            .get(repository)
            ?.content.set(descriptor.digest, await collect(content.open(descriptor), 1e6))
          return 'sent'
        },
      })),
  },
  {
    clause: 'store-broken-stream',
    that: 'hides why a stream broke',
    setup: () =>
      delivering(paperStoreSetup(), 'store', (delivery) => ({
        async blob(slot, content, options) {
          try {
            return await delivery.blob(slot, content, options)
          } catch (error) {
            if (!isRopewayError(error)) throw error
            throw new RopewayError({ code: 'PUSH_FAILED', side: 'sink', message: 'the push failed' })
          }
        },
      })),
  },
  {
    clause: 'store-broken-stream',
    that: 'keeps half a blob',
    setup: () =>
      delivering(paperStoreSetup(), 'store', (delivery, registry) => ({
        async blob(slot, content, options) {
          const { repository, descriptor } = slot
          const half = new Uint8Array(1)
          const keeping: Content = {
            async *open(wanted, opened) {
              yield* content.open(wanted, opened)
            },
          }
          try {
            return await delivery.blob(slot, keeping, options)
          } catch (error) {
            if (isRopewayError(error) && error.code === 'KIT_STREAM_BROKE') {
              registry.repositories.get(repository)?.content.set(descriptor.digest, half)
            }
            throw error
          }
        },
      })),
  },
  {
    clause: 'store-blob-stops',
    that: 'does not look at the signal of a blob',
    setup: () =>
      delivering(paperStoreSetup(), 'store', (delivery) => ({
        blob: (slot, content, { mount }) => delivery.blob(slot, content, { mount }),
      })),
  },
  {
    clause: 'store-exact-manifests',
    that: 'writes manifests anew until it is closed',
    setup: () =>
      delivering(paperStoreSetup(), 'store', (delivery, registry) => {
        const exact: (() => void)[] = []
        return {
          async manifest(slot, manifest) {
            await delivery.manifest(slot, manifest)
            const stored = registry.repositories.get(slot.repository)?.content
            stored?.set(slot.descriptor.digest, new Uint8Array([...manifest.bytes, 10]))
            exact.push(() => stored?.set(slot.descriptor.digest, manifest.bytes))
          },
          async close() {
            for (const restore of exact) restore()
            return await delivery.close()
          },
        }
      }),
  },
  {
    clause: 'store-tags',
    that: 'gives one tag of several',
    setup: () =>
      delivering(paperStoreSetup(), 'store', (delivery) => ({
        tag: (slot, manifest, tags) => delivery.tag(slot, manifest, tags.slice(0, 1)),
      })),
  },
]

const byteSinks: readonly Mutant<SinkSetup>[] = [
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

const artifactSinks: readonly Mutant<SinkSetup>[] = [
  {
    clause: 'artifacts-hidden-until-close',
    that: 'shows its first draft',
    setup: () =>
      delivering(paperReleaseSetup(), 'artifacts', (delivery, page) => ({
        async put(artifact, content) {
          await delivery.put(artifact, content)
          if (page.assets.size === 0) page.assets.set('draft', new Uint8Array())
        },
        async close() {
          page.assets.delete('draft')
          return await delivery.close()
        },
        async abort(reason) {
          page.assets.delete('draft')
          await delivery.abort(reason)
        },
      })),
  },
  {
    clause: 'artifacts-broken-content',
    that: 'takes no notice of broken content',
    setup: () =>
      delivering(paperReleaseSetup(), 'artifacts', (delivery) => ({
        put: (artifact, content) => delivery.put(artifact, content).catch(() => undefined),
      })),
  },
  {
    clause: 'artifacts-deterministic',
    that: 'writes a number of its own on the page',
    setup: () => {
      const numbers = new Map<object, number>()
      return delivering(paperReleaseSetup(), 'artifacts', (delivery, page) => ({
        async close() {
          const number = numbers.get(page) ?? numbers.size
          numbers.set(page, number)
          page.assets.set('number', new Uint8Array([number]))
          return await delivery.close()
        },
      }))
    },
  },
  {
    clause: 'artifacts-replaced',
    that: 'keeps what the page has',
    setup: () =>
      delivering(paperReleaseSetup(), 'artifacts', (delivery, page) => ({
        async close() {
          const before = new Map(page.assets)
          const closing = await delivery.close()
          for (const [name, bytes] of before) page.assets.set(name, bytes)
          return closing
        },
      })),
  },
]

testMutants('sink', sinkCases, checkSink, [...shared, ...stores, ...byteSinks, ...artifactSinks])
