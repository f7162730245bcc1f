import {
  defineSource,
  isFailure,
  type Artifact,
  type Content,
  type Context,
  type Failure,
  type Source,
} from '@ropeway/core'
import { cosignTags, encodeManifest, mediaTypes, sha256 } from '@ropeway/oci'
import { describe, it } from 'vitest'
import { z } from 'zod'
import { fakeNotFound } from '../errors.js'
import { paperSourceSetup } from '../paper/setups.js'
import { paperSource } from '../paper/source.js'
import { leakGlobal, packageOf, testMutants, type Mutant } from './mutant.fixture.js'
import { checkSource, sourceCases, testSource, type SourceSetup } from './source.js'

type Paper = typeof paperSource
type PaperOptions = Parameters<Paper['resolve']>[0]

testSource(paperSourceSetup(), { describe, it })

function mutated(change: Partial<Omit<Paper, 'kind'>>, setup: Partial<SourceSetup> = {}): SourceSetup {
  const adapter: Source<unknown> = defineSource({ ...paperSource, ...change })
  return { ...paperSourceSetup(), adapter, patience: 40, ...setup }
}

/** The paper source with every artifact changed on its way out. */
function resolving(change: (artifact: Artifact, context: Context) => Artifact): SourceSetup {
  return mutated({
    async *resolve(options, context) {
      for await (const item of paperSource.resolve(options, context))
        yield isFailure(item) ? item : change(item, context)
    },
  })
}

function opening(change: (content: Content, artifact: Artifact, context: Context) => Partial<Content>): SourceSetup {
  return resolving((artifact, context) => ({
    ...artifact,
    content: { ...artifact.content, ...change(artifact.content, artifact, context) },
  }))
}

function referring(
  change: (content: Content, subject: { digest: string }) => ReturnType<NonNullable<Content['referrers']>>,
): SourceSetup {
  return opening((content) =>
    content.referrers === undefined ? {} : { referrers: (subject) => change(content, subject) },
  )
}

async function* failing(options: PaperOptions, context: Context, change: (failure: Failure) => Failure) {
  for await (const item of paperSource.resolve(options, context)) yield isFailure(item) ? change(item) : item
}

function plus(artifact: Artifact, annotations: Record<string, unknown>): Artifact {
  return { ...artifact, annotations: annotations as Record<string, string> }
}

let calls = 0
const tarball = 'https://paper.test/charts/app-1.0.0.tgz'

const mutants: readonly Mutant<SourceSetup>[] = [
  { clause: 'identity', that: 'has a name of two words', setup: () => mutated({ name: 'Paper Source' }) },
  {
    clause: 'identity',
    that: 'was not made by defineSource',
    setup: () => ({ ...paperSourceSetup(), adapter: { ...paperSource } }),
  },
  {
    clause: 'package',
    that: 'is listed under another name',
    async setup() {
      const json = await packageOf(paperSource, { entry: { name: 'papers' } })
      return mutated({}, { adapter: paperSource, package: json, capabilities: {} })
    },
  },
  {
    clause: 'package',
    that: 'is another one than its package exports',
    setup: async () => mutated({}, { package: await packageOf(paperSource), capabilities: {} }),
  },
  {
    clause: 'options-strict',
    that: 'takes any option',
    setup: () =>
      mutated({
        options: z.object({
          items: z.array(z.string()).default([]).describe('Items.'),
          list: z.string().optional().describe('A list.'),
        }),
      }),
  },
  {
    clause: 'options-described',
    that: 'does not describe an option',
    setup: () =>
      mutated({
        options: z.strictObject({
          items: z.array(z.string()).default([]),
          list: z.string().optional().describe('A list.'),
        }),
      }),
  },
  { clause: 'shorthand', that: 'has a shorthand for no option', setup: () => mutated({ shorthand: 'thing' }) },
  {
    clause: 'artifact-facts',
    that: 'gives a path that no registry takes',
    setup: () => resolving((artifact) => ({ ...artifact, naming: { ...artifact.naming, path: 'Team/App' } })),
  },
  {
    clause: 'artifact-facts',
    that: 'gives a layer as root',
    setup: () => resolving((artifact) => ({ ...artifact, source: { ...artifact.source, location: ' ' } })),
  },
  {
    clause: 'ids-unique',
    that: 'gives one name to two images',
    setup: () => resolving((artifact) => (artifact.kind === 'image' ? { ...artifact, name: 'app' } : artifact)),
  },
  {
    clause: 'plain-data',
    that: 'puts a date into an artifact',
    setup: () => resolving((artifact) => plus(artifact, { at: new Date(0) })),
  },
  {
    clause: 'no-secrets',
    that: 'writes a password into an artifact',
    setup: () => resolving((artifact) => plus(artifact, { from: 'https://paper:paper-secret@paper.test' })),
  },
  {
    clause: 'no-secrets',
    that: 'writes a password into a failure',
    setup: () =>
      mutated({
        resolve: (options, context) =>
          failing(options, context, (failure) => ({ ...failure, about: `${failure.about}?paper-secret` })),
      }),
  },
  {
    clause: 'no-secrets',
    that: 'logs its password',
    setup: () =>
      mutated({
        resolve(options, context) {
          context.log.debug('logged in as paper:paper-secret')
          return paperSource.resolve(options, context)
        },
      }),
  },
  {
    clause: 'resolve-deterministic',
    that: 'counts its calls',
    setup: () => resolving((artifact) => plus(artifact, { calls: String(++calls) })),
  },
  {
    clause: 'failures-reported',
    that: 'throws what it cannot resolve',
    setup: () =>
      mutated({
        resolve: (options, context) =>
          failing(options, context, ({ error }) => {
            throw error
          }),
      }),
  },
  {
    clause: 'failures-reported',
    that: 'stops at the first failure',
    setup: () =>
      mutated({
        async *resolve(options, context) {
          for await (const item of paperSource.resolve(options, context)) {
            yield item
            if (isFailure(item)) return
          }
        },
      }),
  },
  {
    clause: 'failures-told',
    that: 'fails with an error of its own',
    setup: () =>
      mutated({
        resolve: (options, context) =>
          failing(options, context, ({ about }) => ({ about, error: new TypeError('no') })),
      }),
  },
  {
    clause: 'resolve-stops',
    that: 'ends quietly when it is stopped',
    setup: () =>
      mutated({
        async *resolve(options, context) {
          try {
            yield* paperSource.resolve(options, context)
          } catch (error) {
            if (!context.signal.aborted) throw error
          }
        },
      }),
  },
  {
    clause: 'resolve-left-early',
    that: 'leaves a download open',
    setup: () =>
      mutated({
        async *resolve(options, context) {
          await context.http.download({ url: tarball })[Symbol.asyncIterator]().next()
          yield* paperSource.resolve(options, context)
        },
      }),
  },
  {
    clause: 'reads-only',
    that: 'mounts a blob',
    setup: () =>
      mutated({
        async *resolve(options, context) {
          for await (const item of paperSource.resolve(options, context)) {
            if (!isFailure(item))
              await context.registry('paper.test', 'source').mount('team/app', item.root, 'team/other')
            yield item
          }
        },
      }),
  },
  {
    clause: 'reads-only',
    that: 'asks for credentials of the sink',
    setup: () =>
      mutated({
        async *resolve(options, context) {
          yield* paperSource.resolve(options, context)
          await context.credential('paper.test', 'sink')
        },
      }),
  },
  {
    clause: 'content-verifies',
    that: 'changes a config',
    setup: () =>
      opening((content) => ({
        async *open(descriptor, options) {
          const flip = descriptor.mediaType === mediaTypes.helmConfig ? 1 : 0
          for await (const chunk of content.open(descriptor, options)) yield chunk.map((byte) => byte ^ flip)
        },
      })),
  },
  {
    clause: 'content-range',
    that: 'gives everything for a range',
    setup: () =>
      opening((content) => ({ open: (descriptor, options) => content.open(descriptor, { signal: options?.signal }) })),
  },
  {
    clause: 'content-repeatable',
    that: 'opens one stream at a time',
    setup() {
      const busy = new Set<string>()
      return opening((content) => ({
        async *open(descriptor, options) {
          if (busy.has(descriptor.digest)) throw fakeNotFound('source', descriptor.digest)
          busy.add(descriptor.digest)
          try {
            yield* content.open(descriptor, options)
          } finally {
            busy.delete(descriptor.digest)
          }
        },
      }))
    },
  },
  {
    clause: 'content-unknown',
    that: 'has nothing to say on unknown digests',
    setup: () =>
      opening((content) => ({
        async *open(descriptor, options) {
          if (descriptor.size !== 22) yield* content.open(descriptor, options)
        },
      })),
  },
  {
    clause: 'content-stops',
    that: 'does not look at the signal of a stream',
    setup: () =>
      opening((content) => ({
        open: (descriptor, { signal: _signal, ...range } = {}) => content.open(descriptor, range),
      })),
  },
  {
    clause: 'content-left-early',
    that: 'reads ahead and forgets it',
    setup: () =>
      opening((content, _artifact, context) => ({
        async *open(descriptor, options) {
          await context.http.download({ url: tarball })[Symbol.asyncIterator]().next()
          yield* content.open(descriptor, options)
        },
      })),
  },
  {
    clause: 'reopen-same-bytes',
    that: 'reopens manifests alone',
    setup: () =>
      mutated({
        async reopen(locked, options, context) {
          const content = await paperSource.reopen(locked, options, context)
          return {
            ...content,
            async *open(descriptor, opened) {
              if (descriptor.mediaType === mediaTypes.ociLayer) throw fakeNotFound('source', descriptor.digest)
              yield* content.open(descriptor, opened)
            },
          }
        },
      }),
  },
  {
    clause: 'reopen-elsewhere',
    that: 'opens nothing that it did not resolve on this machine',
    setup: () =>
      mutated({
        async *resolve(options, context) {
          await context.state.set('paper', 'resolved')
          yield* paperSource.resolve(options, context)
        },
        async reopen(locked, options, context) {
          if ((await context.state.get('paper')) === undefined) throw fakeNotFound('source', locked.id)
          return await paperSource.reopen(locked, options, context)
        },
      }),
  },
  {
    clause: 'reopen-after-drift',
    that: 'resolves the tag again',
    setup: () =>
      mutated({
        async reopen(locked, options, context) {
          const content = await paperSource.reopen(locked, options, context)
          const [tag] = locked.naming.tags
          if (locked.kind !== 'image' || tag === undefined) return content
          const registry = context.registry('paper.test', 'source')
          return {
            ...content,
            async *open(descriptor, opened) {
              const root = await registry.manifest(locked.naming.path, tag)
              if (descriptor.digest === locked.root.digest) yield root.bytes
              else yield* content.open(descriptor, opened)
            },
          }
        },
      }),
  },
  {
    clause: 'referrers-found',
    that: 'finds no referrers',
    setup: () => referring(async () => []),
  },
  {
    clause: 'referrers-refer',
    that: 'takes another image for a referrer',
    setup: () =>
      opening((content, { kind, root }, context) => {
        if (kind !== 'image') return {}
        return {
          async referrers(subject) {
            const found = (await content.referrers?.(subject)) ?? []
            const { descriptor } = await context.registry('paper.test', 'source').manifest('team/app', '2')
            return subject.digest === root.digest ? [...found, { descriptor, subject: subject.digest }] : found
          },
        }
      }),
  },
  {
    clause: 'referrers-open',
    that: 'names a signature that it does not have',
    setup: () =>
      referring(async (content, subject) => {
        const { descriptor } = encodeManifest({ nobody: 'has it' }, mediaTypes.ociManifest)
        const found = (await content.referrers?.({ mediaType: '', size: 0, ...subject })) ?? []
        return found.length === 0
          ? []
          : [...found, { descriptor, subject: subject.digest, tag: cosignTags(subject.digest).att }]
      }),
  },
  {
    clause: 'derived-in-content',
    that: 'calls something derived that is not there',
    setup: () =>
      resolving((artifact) => ({
        ...artifact,
        derived: artifact.derived?.map((entry) => ({ ...entry, digest: sha256(new Uint8Array()) })),
      })),
  },
  {
    clause: 'derived-remade',
    that: 'does not make the config again',
    setup: () =>
      mutated({
        async reopen(locked, options, context) {
          const content = await paperSource.reopen(locked, options, context)
          return {
            ...content,
            async *open(descriptor, opened) {
              if (descriptor.mediaType === mediaTypes.helmConfig) throw fakeNotFound('source', descriptor.digest)
              yield* content.open(descriptor, opened)
            },
          }
        },
      }),
  },
  {
    clause: 'inputs-stable',
    that: 'tells another digest at every call',
    setup: () => mutated({ inputs: async () => ({ 'items.txt': sha256(new TextEncoder().encode(String(++calls))) }) }),
  },
  { clause: 'inputs-stable', that: 'tells no inputs', setup: () => mutated({ inputs: async () => ({}) }) },
  {
    clause: 'options-untouched',
    that: 'sorts its options',
    setup: () =>
      mutated({
        async *resolve(options, context) {
          options.items.sort()
          yield* paperSource.resolve(options, context)
        },
      }),
  },
  {
    clause: 'globals-untouched',
    that: 'registers itself',
    setup: () =>
      mutated({
        resolve(options, context) {
          leakGlobal()
          return paperSource.resolve(options, context)
        },
      }),
  },
  ...(['many', 'referrers', 'derived', 'inputs', 'drift'] as const).map((capability) => ({
    clause: 'capabilities',
    that: `declares "${capability}: false" and has it`,
    setup: () => mutated({}, { capabilities: { package: false, [capability]: false } }),
  })),
]

testMutants('source', sourceCases, checkSource, mutants)
