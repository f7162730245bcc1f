import {
  isRopewayError,
  slotKey,
  type Context,
  type DeliveryPlan,
  type ManifestContent,
  type Slot,
  type StoreDelivery,
  type Survey,
} from '@ropeway/core'
import { registryDelivery, type Pacer } from '@ropeway/distribution'
import { formatReference } from '@ropeway/oci'
import type { EcrApi } from './api.js'
import { explained, isFormRefused, isTagRefused } from './denied.js'
import * as errors from './errors.js'
import { repositoryArn } from './hosts.js'
import type { Refusals } from './limits.js'
import { isImmutable } from './mutability.js'
import type { EcrOptions } from './options.js'
import { ecrPacer } from './rates.js'
import type { Registries } from './registries.js'
import { allowsMounts, prepareRepositories, type Prepared } from './repositories.js'
import { contentThere } from './survey.js'

/** One registry that is delivered to. */
interface Target {
  readonly api: EcrApi | undefined
  readonly pacer: Pacer
  readonly prepared: Prepared
  readonly mounts: boolean
}

const nothingKnown = (): Prepared => ({ there: new Map(), empty: new Set() })

/** A delivery into ECR: any registry's, with repositories that are created, checks by hundreds, and the rates that ECR allows. */
export function ecrDelivery(
  plan: DeliveryPlan,
  survey: Survey,
  options: EcrOptions,
  registries: Registries,
  refusals: Refusals,
  context: Context,
): StoreDelivery {
  const plain = registryDelivery(plan, context, (host) => registries.client(host))
  const targets = new Map<string, Target>()
  const skipped = new Set<string>()
  const referrers = new Set(
    plan.artifacts.flatMap(({ referrers: all }) => all.map(({ descriptor }) => descriptor.digest)),
  )
  const held = new Map((survey.names ?? []).map(({ destination, digest }) => [formatReference(destination), digest]))

  async function targetFor(host: string, repositories: readonly string[]): Promise<Target> {
    const registry = registries.registry(host)
    const pacer = ecrPacer(registry.kind, context.signal)
    if (registry.kind === 'public') {
      await createPublic(host, repositories)
      return { api: undefined, pacer, prepared: nothingKnown(), mounts: false }
    }
    const api = await registries.privateApi(registry)
    const possible = repositories.filter((repository) => refusals.takes(host, repository))
    const prepared = await prepareRepositories(possible, api, options, refusals, context)
    return { api, pacer, prepared, mounts: await allowsMounts(api) }
  }

  async function createPublic(host: string, repositories: readonly string[]): Promise<void> {
    const registry = registries.registry(host)
    if (registry.kind !== 'public' || options.createRepositories === 'never') return
    const api = await registries.publicApi(registry)
    await Promise.all(
      repositories.map(async (repository) => {
        try {
          // The first component is the registry's alias, which the API does not know.
          await api.create(repository.slice(repository.indexOf('/') + 1), options.tags)
        } catch (error) {
          context.signal.throwIfAborted()
          if (!isRopewayError(error)) throw error
          refusals.refuse(host, repository, error)
        }
      }),
    )
  }

  /** Does one request to the registry's own API in its turn, and tells what is denied as IAM does. */
  async function push<T>(slot: Slot, action: string, work: () => Promise<T>): Promise<T> {
    const refused = refusals.of(slot)
    if (refused !== undefined) throw refused
    const target = targets.get(slot.registry)
    target?.prepared.empty.delete(slot.repository)
    await target?.pacer.turn(action)
    try {
      const done = await work()
      target?.pacer.passed(action)
      return done
    } catch (error) {
      if (isRopewayError(error) && error.code === 'SINK_RATE_LIMITED') target?.pacer.throttled(action)
      throw target?.api === undefined ? error : await explained(error, target.api, slot.repository, `ecr:${action}`)
    }
  }

  /** A tag that cannot be moved is removed first, when it is known what it holds: the new content is there by its digest already. */
  async function tag(slot: Slot, manifest: ManifestContent, name: string): Promise<void> {
    const { registry, repository, descriptor } = slot
    const target = targets.get(registry)
    const about = formatReference({ registry, repository, tag: name })
    const known = held.get(about)
    const other = known !== undefined && known !== descriptor.digest
    const mutability = target?.prepared.there.get(repository)
    const put = () => push(slot, 'PutImage', () => plain.tag(slot, manifest, [name]))
    if (other && mutability !== undefined && isImmutable(mutability, name)) {
      await removeTag(slot, name)
      return put()
    }
    try {
      await put()
    } catch (error) {
      if (!isTagRefused(error)) throw error
      const found = await registries.client(registry).find(repository, name, { signal: context.signal })
      if (found?.digest === descriptor.digest) return
      if (!other || found?.digest !== known) throw errors.tagImmutable(about, error)
      await removeTag(slot, name)
      await put()
    }
  }

  async function removeTag({ registry, repository }: Slot, imageTag: string): Promise<void> {
    const api = targets.get(registry)?.api
    if (api === undefined) return
    const { sdk, client, act, registry: where } = api
    const resource = repositoryArn(where, repository)
    await act({ action: 'ecr:BatchDeleteImage', resource, about: `${registry}/${repository}:${imageTag}` }, () =>
      client.send(
        new sdk.BatchDeleteImageCommand({
          registryId: where.account,
          repositoryName: repository,
          imageIds: [{ imageTag }],
        }),
      ),
    )
  }

  async function missingAt(registry: string, slots: readonly Slot[]): Promise<readonly Slot[]> {
    const target = targets.get(registry)
    const { api } = target ?? {}
    const possible = slots.filter((slot) => refusals.takes(registry, slot.repository))
    if (target === undefined || api === undefined) return plain.missing(possible)
    const found = await Promise.all(
      [...Map.groupBy(possible, ({ repository }) => repository)].map(async ([repository, there]) => {
        if (target.prepared.empty.has(repository)) return there
        const digests = await contentThere(
          repository,
          there.map(({ descriptor }) => descriptor),
          api,
        )
        return there.filter(({ descriptor }) => !digests.has(descriptor.digest))
      }),
    )
    return [...slots.filter((slot) => !possible.includes(slot)), ...found.flat()]
  }

  return {
    ...plain,
    async prepare(repositories) {
      await Promise.all(
        [...Map.groupBy(repositories, ({ registry }) => registry)].map(async ([host, there]) => {
          targets.set(
            host,
            await targetFor(
              host,
              there.map(({ repository }) => repository),
            ),
          )
        }),
      )
    },
    async missing(slots) {
      const found = await Promise.all(
        [...Map.groupBy(slots, ({ registry }) => registry)].map(([host, there]) => missingAt(host, there)),
      )
      const keys = new Set(found.flat().map(slotKey))
      return slots.filter((slot) => keys.has(slotKey(slot)))
    },
    blob(slot, content, { mount, signal }) {
      const from = targets.get(slot.registry)?.mounts === true ? mount : undefined
      return push(slot, 'InitiateLayerUpload', () => plain.blob(slot, content, { mount: from, signal }))
    },
    async mount(slot, from) {
      if (targets.get(slot.registry)?.mounts !== true || refusals.of(slot) !== undefined) return false
      return push(slot, 'InitiateLayerUpload', () => plain.mount(slot, from))
    },
    async manifest(slot, manifest) {
      try {
        await push(slot, 'PutImage', () => plain.manifest(slot, manifest))
      } catch (error) {
        if (!isFormRefused(error)) throw error
        const about = `${slot.registry}/${slot.repository}@${slot.descriptor.digest}`
        if (!referrers.has(slot.descriptor.digest)) throw errors.manifestUnsupported(about, error)
        skipped.add(slotKey(slot))
        context.log.warn(errors.manifestSkipped(about, error.message))
      }
    },
    async tag(slot, manifest, tags) {
      if (skipped.has(slotKey(slot))) return
      for (const name of tags) await tag(slot, manifest, name)
    },
  }
}
