import { toRopewayError, type Context } from '@ropeway/core'
import { isFault } from './actions.js'
import type { EcrApi } from './api.js'
import { repositoryArn } from './hosts.js'
import type { Refusals } from './limits.js'
import type { Mutability } from './mutability.js'
import type { EcrOptions } from './options.js'
import * as errors from './errors.js'
import { settingsOf, type RepositorySettings } from './settings.js'
import { createOnPush, isForeign, isUnreadable } from './templates.js'

/** What is known of the repositories that are delivered to. */
export interface Prepared {
  /** Repositories that were there, with how they treat their tags. */
  readonly there: ReadonlyMap<string, Mutability>
  /** Repositories that have nothing yet: they were just created, or will be by the first push. */
  readonly empty: Set<string>
}

/**
 * Creates the repositories that are missing, unless a template of the registry creates them on push. One that cannot be
 * created is refused, and the others are delivered to.
 */
export async function prepareRepositories(
  names: readonly string[],
  api: EcrApi,
  options: EcrOptions,
  refusals: Refusals,
  context: Context,
): Promise<Prepared> {
  const { host } = api.registry
  const known = await api.repositories(names)
  const there = new Map(
    [...known].map(([name, { imageTagMutability: mode = 'MUTABLE', imageTagMutabilityExclusionFilters = [] }]) => [
      name,
      { mode, exclusions: imageTagMutabilityExclusionFilters.flatMap(({ filter }) => filter ?? []) },
    ]),
  )
  const missing = names.filter((name) => !known.has(name))
  if (missing.length === 0) return { there, empty: new Set() }
  await refuseCached(missing, api, refusals)
  if (options.createRepositories === 'missing') {
    const onPush = await createOnPush(api)
    const settings = await settingsOf(options, context)
    await Promise.all(
      missing
        .filter((name) => refusals.takes(host, name) && onPush?.(name) !== true)
        .map(async (name) => {
          try {
            await createRepository(name, api, settings)
          } catch (error) {
            context.signal.throwIfAborted()
            refusals.refuse(host, name, toRopewayError(error))
          }
        }),
    )
  }
  if (names.every((name) => !refusals.takes(host, name))) throw refusals.all()[0]
  return { there, empty: new Set(missing) }
}

/** Creates a repository with its settings. That somebody else did it in the meantime is fine; its settings are theirs then. */
async function createRepository(name: string, api: EcrApi, settings: RepositorySettings): Promise<void> {
  const { registry, sdk, client, act } = api
  const target = { registryId: registry.account, repositoryName: name }
  const resource = repositoryArn(registry, name)
  const about = `${registry.host}/${name}`
  const { lifecyclePolicy: lifecyclePolicyText, repositoryPolicy: policyText, create } = settings
  try {
    await act({ action: 'ecr:CreateRepository', resource, about }, () =>
      client.send(new sdk.CreateRepositoryCommand({ ...create, ...target })),
    )
  } catch (error) {
    if (isFault(error, 'RepositoryAlreadyExistsException')) return
    throw error
  }
  if (lifecyclePolicyText !== undefined) {
    await act({ action: 'ecr:PutLifecyclePolicy', resource, about }, () =>
      client.send(new sdk.PutLifecyclePolicyCommand({ ...target, lifecyclePolicyText })),
    )
  }
  if (policyText !== undefined) {
    await act({ action: 'ecr:SetRepositoryPolicy', resource, about }, () =>
      client.send(new sdk.SetRepositoryPolicyCommand({ ...target, policyText })),
    )
  }
}

/** Refuses repositories of ECR's own pull through caches, as far as these may be looked at. */
async function refuseCached(names: readonly string[], api: EcrApi, refusals: Refusals): Promise<void> {
  const { sdk, client, act, registry } = api
  const { host, account: registryId } = registry
  try {
    let nextToken: string | undefined
    do {
      const answer = await act({ action: 'ecr:DescribePullThroughCacheRules', resource: '*' }, () =>
        client.send(new sdk.DescribePullThroughCacheRulesCommand({ registryId, nextToken })),
      )
      for (const {
        ecrRepositoryPrefix: prefix = '',
        upstreamRegistryUrl = 'another registry',
      } of answer.pullThroughCacheRules ?? []) {
        for (const name of names.filter((each) => each.startsWith(`${prefix}/`))) {
          refusals.refuse(host, name, errors.pullThrough(name, prefix, upstreamRegistryUrl, `${host}/${name}`))
        }
      }
      nextToken = answer.nextToken
    } while (nextToken !== undefined)
  } catch (error) {
    if (!isUnreadable(error)) throw error
  }
}

/** Whether the account lets blobs be mounted from one repository into another; it does not unless somebody switched it on. */
export async function allowsMounts(api: EcrApi): Promise<boolean> {
  if (await isForeign(api)) return false
  const { sdk, client, act } = api
  try {
    const { value } = await act({ action: 'ecr:GetAccountSetting', resource: '*' }, () =>
      client.send(new sdk.GetAccountSettingCommand({ name: 'BLOB_MOUNTING' })),
    )
    return value === 'ENABLED'
  } catch (error) {
    if (!isUnreadable(error)) throw error
    return false
  }
}
