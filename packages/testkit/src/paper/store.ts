import {
  defineSink,
  slotKey,
  type Content,
  type Context,
  type DeliveryPlan,
  type ManifestContent,
  type Sink,
  type Slot,
  type StoreDelivery,
} from '@ropeway/core'
import { childrenOf, collect, parseManifest, verified, verifyBytes } from '@ropeway/oci'
import { z } from 'zod'
import { fakeUnauthorized, referredMissing } from '../errors.js'
import type { StoreTarget } from '../suites/sink.js'

/** Digests that one existence check may name. */
const batch = 100

interface PaperRepository {
  readonly content: Map<string, Uint8Array>
  readonly tags: Map<string, string>
}

/** A registry service on paper: repositories have to be created, and each keeps its own blobs. */
export interface PaperRegistry extends StoreTarget {
  readonly repositories: Map<string, PaperRepository>
  /** How many digests each existence check named. */
  readonly checks: number[]
  /** Whether blobs can be mounted from other repositories. */
  readonly mounts: boolean
}

/** A service without content. With `mounts` it mounts blobs across repositories; the default is that it refuses. */
export function paperRegistry({ mounts = false }: { readonly mounts?: boolean | undefined } = {}): PaperRegistry {
  const repositories = new Map<string, PaperRepository>()
  return {
    type: 'store',
    repositories,
    checks: [],
    mounts,
    names: async (repository) => Object.fromEntries(repositories.get(repository)?.tags ?? []),
    read: async (repository, { digest }) => repositories.get(repository)?.content.get(digest),
  }
}

const PaperStoreOptions = z.strictObject({
  service: z.string().default('paper-store.test').describe('Host of the service, for credentials.'),
  existing: z
    .enum(['skip', 'verify', 'overwrite', 'fail'])
    .default('skip')
    .describe('What to do with names that are taken.'),
})
type PaperStoreOptions = z.output<typeof PaperStoreOptions>

/**
 * A store sink like a cloud registry: it asks for up to 100 digests at once whether they exist and keeps blobs per
 * repository. `at` gives the registry of a service.
 */
export function paperStore(at: (service: string) => PaperRegistry): Sink<PaperStoreOptions> {
  return defineSink({
    name: 'paper-store',
    summary: 'a registry service that exists on paper',
    accepts: ['image', 'chart', 'manifests', 'file', 'artifact'],
    takes: 'store',
    options: PaperStoreOptions,
    async survey(plan, options, context) {
      await authorize(options, context)
      const target = at(options.service)
      const slots = plan.artifacts.flatMap(slotsOf)
      const missing = await missingOf(target, slots)
      const absent = new Set(missing.map(slotKey))
      return {
        location: options.service,
        names: namesOf(target, plan),
        missing: absent,
        present: new Set(slots.map(slotKey).filter((key) => !absent.has(key))),
        existing: options.existing,
      }
    },
    check: (_plan, options, context) => authorize(options, context),
    async open(_plan, _survey, options, context) {
      await authorize(options, context)
      return delivery(at(options.service), options, context)
    },
  })
}

async function authorize({ service }: PaperStoreOptions, context: Context): Promise<void> {
  context.signal.throwIfAborted()
  const credential = await context.credential(service, 'sink')
  if (credential === undefined) throw fakeUnauthorized('sink', service)
}

function delivery(target: PaperRegistry, options: PaperStoreOptions, context: Context): StoreDelivery {
  return {
    type: 'store',
    async prepare(repositories) {
      for (const { repository } of repositories) {
        if (!target.repositories.has(repository))
          target.repositories.set(repository, { content: new Map(), tags: new Map() })
      }
    },
    missing: (slots) => missingOf(target, slots),
    async blob(slot, content, { signal, mount: from }) {
      const { content: stored } = created(target, slot)
      if (mount(target, slot, from)) return 'mounted'
      const bytes = await read(slot, content, [context.signal, ...(signal === undefined ? [] : [signal])])
      stored.set(slot.descriptor.digest, bytes)
      return 'sent'
    },
    ...(target.mounts ? { mount: async (slot: Slot, from: string) => mount(target, slot, from) } : {}),
    async manifest(slot, manifest) {
      putManifest(target, slot, manifest)
    },
    async tag(slot, manifest, tags) {
      putManifest(target, slot, manifest)
      for (const tag of tags) created(target, slot).tags.set(tag, slot.descriptor.digest)
    },
    close: async () => ({ location: options.service, next: [`docker pull ${options.service}/REPOSITORY:TAG`] }),
    abort: async () => undefined,
  }
}

function mount(target: PaperRegistry, slot: Slot, from: string | undefined): boolean {
  const { digest } = slot.descriptor
  const bytes = from === undefined || !target.mounts ? undefined : target.repositories.get(from)?.content.get(digest)
  if (bytes === undefined) return false
  created(target, slot).content.set(digest, bytes)
  return true
}

async function read({ descriptor }: Slot, content: Content, signals: readonly AbortSignal[]): Promise<Uint8Array> {
  const signal = AbortSignal.any([...signals])
  signal.throwIfAborted()
  return await collect(verified(content.open(descriptor, { signal }), descriptor, { side: 'sink' }), descriptor.size)
}

function putManifest(target: PaperRegistry, slot: Slot, { bytes, descriptor }: ManifestContent): void {
  verifyBytes(bytes, descriptor, { side: 'sink' })
  const { content } = created(target, slot)
  const { blobs, manifests } = childrenOf(parseManifest(bytes, descriptor.mediaType))
  const absent = [...blobs, ...manifests].find(({ digest }) => !content.has(digest))
  if (absent !== undefined) throw referredMissing(slot.repository, descriptor.digest, absent.digest)
  content.set(descriptor.digest, bytes)
}

function created(target: PaperRegistry, { repository, descriptor }: Slot): PaperRepository {
  const found = target.repositories.get(repository)
  if (found === undefined) throw referredMissing(repository, descriptor.digest, 'repository')
  return found
}

function slotsOf({ destinations, blobs, manifests }: DeliveryPlan['artifacts'][number]): readonly Slot[] {
  return destinations.flatMap(({ registry, repository }) =>
    [...blobs, ...manifests].map((descriptor) => ({ registry, repository, descriptor })),
  )
}

async function missingOf(target: PaperRegistry, slots: readonly Slot[]): Promise<readonly Slot[]> {
  const missing: Slot[] = []
  for (const slotsOfOne of Map.groupBy(slots, ({ repository }) => repository).values()) {
    for (let start = 0; start < slotsOfOne.length; start += batch) {
      const asked = slotsOfOne.slice(start, start + batch)
      target.checks.push(asked.length)
      missing.push(
        ...asked.filter(
          ({ repository, descriptor }) => !target.repositories.get(repository)?.content.has(descriptor.digest),
        ),
      )
    }
  }
  return missing
}

function namesOf(target: PaperRegistry, plan: DeliveryPlan) {
  return plan.artifacts.flatMap(({ id, destinations }) =>
    destinations.flatMap((destination) => {
      const digest = target.repositories.get(destination.repository)?.tags.get(destination.tag ?? '')
      return digest === undefined ? [] : [{ id, destination, digest }]
    }),
  )
}
