import type { Role } from '@ropeway/core'
import { createAct, isFault, type Act } from './actions.js'
import { tokenOf, type RegistryToken } from './api.js'
import type { PublicRegistry } from './hosts.js'
import { ecrPacer } from './rates.js'
import { awsCredentials, endpointOf, requestHandler, type AwsContext } from './sdk.js'
import { callerOf } from './sts.js'

/** The public gallery's API answers in this region alone. */
const region = 'us-east-1'

/** What pushing to the public gallery needs of its API. */
export interface EcrPublicApi {
  readonly act: Act
  token(): Promise<RegistryToken>
  /** Creates the repository unless it is there. */
  create(repository: string, tags: Readonly<Record<string, string>>): Promise<void>
}

/** Imports the SDK: call it only when the public gallery is really meant. */
export async function createEcrPublicApi(
  { registry, endpoint, role }: { registry: PublicRegistry; endpoint?: string | undefined; role: Role },
  context: AwsContext,
): Promise<EcrPublicApi> {
  const sdk = await import('@aws-sdk/client-ecr-public')
  const credentials = awsCredentials(context, region)
  const address = endpoint ?? endpointOf(context.env, 'public')
  const client = new sdk.ECRPUBLICClient({
    region,
    credentials,
    maxAttempts: 1,
    requestHandler: requestHandler(context, role),
    ...(address === undefined ? {} : { endpoint: address }),
  })
  const act = createAct({
    pacer: ecrPacer('public', context.signal),
    role,
    host: registry.host,
    caller: async () => callerOf(await credentials(), region, context, role),
  })
  return {
    act,
    async token() {
      const { authorizationData } = await act({ action: 'ecr-public:GetAuthorizationToken', resource: '*' }, () =>
        client.send(new sdk.GetAuthorizationTokenCommand({})),
      )
      return tokenOf(authorizationData?.authorizationToken, authorizationData?.expiresAt)
    },
    async create(repository, tags) {
      const input = {
        repositoryName: repository,
        tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      }
      try {
        await act(
          { action: 'ecr-public:CreateRepository', resource: '*', about: `${registry.host}/${repository}` },
          () => client.send(new sdk.CreateRepositoryCommand(input)),
        )
      } catch (error) {
        if (!isFault(error, 'RepositoryAlreadyExistsException')) throw error
      }
    },
  }
}
