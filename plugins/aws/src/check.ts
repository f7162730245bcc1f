import { randomUUID } from 'node:crypto'
import { isRopewayError, type Context, type DeliveryPlan } from '@ropeway/core'
import { checkedRepositories } from '@ropeway/distribution'
import { isFault } from './actions.js'
import type { EcrApi } from './api.js'
import { repositoryArn } from './hosts.js'
import type { Refusals } from './limits.js'
import type { Registries } from './registries.js'

/** A blob that is never sent. */
const nothing = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/**
 * Proves who asks, that the registry takes the token, and that layers may be written, by finishing an upload that was never
 * begun: ECR looks at the permission first. That a repository may be created cannot be proved without creating it.
 */
export async function checkEcr(
  plan: DeliveryPlan,
  registries: Registries,
  refusals: Refusals,
  context: Context,
): Promise<void> {
  const { signal } = context
  const possible = checkedRepositories(plan).filter(({ registry, repository }) => refusals.takes(registry, repository))
  await Promise.all(
    [...Map.groupBy(possible, ({ registry }) => registry)].map(async ([host, places]) => {
      const registry = registries.registry(host)
      if (registry.kind === 'public') {
        await (await registries.publicApi(registry)).token()
        return
      }
      const api = await registries.privateApi(registry)
      await tellCaller(api, context)
      await Promise.all(places.map(({ repository }) => mayWrite(api, repository)))
      const [first] = places
      if (first !== undefined) await registries.client(host).check(first.repository, 'pull', { signal })
    }),
  )
}

async function tellCaller(api: EcrApi, context: Context): Promise<void> {
  const { account, host } = api.registry
  const caller = await api.caller().catch(() => undefined)
  context.signal.throwIfAborted()
  if (caller === undefined) return context.log.debug(`${host}: STS does not say who asks`)
  const foreign = caller.account === account ? '' : `, the registry is of account ${account}`
  context.log.info(`${host}: as ${caller.arn}${foreign}`)
}

async function mayWrite({ registry, sdk, client, act }: EcrApi, repository: string): Promise<void> {
  const resource = repositoryArn(registry, repository)
  try {
    await act({ action: 'ecr:CompleteLayerUpload', resource, about: `${registry.host}/${repository}` }, () =>
      client.send(
        new sdk.CompleteLayerUploadCommand({
          registryId: registry.account,
          repositoryName: repository,
          uploadId: randomUUID(),
          layerDigests: [nothing],
        }),
      ),
    )
  } catch (error) {
    const proved = ['UploadNotFoundException', 'RepositoryNotFoundException'].some((name) => isFault(error, name))
    if (!proved && !(isRopewayError(error) && error.code === 'ECR_REFUSED')) throw error
  }
}
