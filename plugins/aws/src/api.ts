import type * as Sdk from '@aws-sdk/client-ecr'
import type { BatchGetImageCommandOutput, ECRClientConfig, ImageIdentifier, Repository } from '@aws-sdk/client-ecr'
import type { Role } from '@ropeway/core'
import { acceptedManifests } from '@ropeway/oci'
import { createAct, isFault, type Act } from './actions.js'
import { batches } from './batches.js'
import { repositoryArn, type PrivateRegistry } from './hosts.js'
import { ecrPacer } from './rates.js'
import { awsCredentials, endpointOf, requestHandler, type AwsContext } from './sdk.js'
import { callerOf, type Caller } from './sts.js'

/** A token for a registry, as it is sent. */
export interface RegistryToken {
  readonly username: string
  readonly password: string
  /** Milliseconds since the epoch. */
  readonly expires: number | undefined
}

/** An image as it was asked for. */
export interface FoundImage {
  readonly tag: string | undefined
  readonly digest: string
  readonly mediaType: string | undefined
  readonly manifest: string
}

/** One private registry through its API. All requests are paced, and their errors are those of this package. */
export interface EcrApi {
  readonly registry: PrivateRegistry
  readonly act: Act
  /** The client and its commands, for what is done in one place only. */
  readonly sdk: typeof Sdk
  readonly client: Sdk.ECRClient
  caller(): Promise<Caller | undefined>
  token(): Promise<RegistryToken>
  /** Of these repositories those that are there. */
  repositories(names: readonly string[]): Promise<ReadonlyMap<string, Repository>>
  /** All repositories whose name begins so. */
  allRepositories(prefix: string): AsyncIterable<Repository>
  /** Of these tags and digests those that are there; nothing when there is no such repository. */
  images(repository: string, ids: readonly ImageIdentifier[]): Promise<readonly FoundImage[]>
  /** Of these blobs the digests of those that are there; none when there is no such repository. */
  layers(repository: string, digests: readonly string[]): Promise<ReadonlySet<string>>
}

export interface EcrApiOptions {
  readonly registry: PrivateRegistry
  /** In place of the region's address. */
  readonly endpoint?: string | undefined
  readonly role: Role
}

/** What a page or a batch holds at most. */
const batch = 100
const page = 1000

/** Imports the SDK: call it only when a registry of ECR is really meant. */
export async function createEcrApi({ registry, endpoint, role }: EcrApiOptions, context: AwsContext): Promise<EcrApi> {
  const sdk = await import('@aws-sdk/client-ecr')
  const { region, account: registryId, fips, dualStack } = registry
  const credentials = awsCredentials(context, region)
  const address = endpoint ?? endpointOf(context.env, 'ecr')
  const config: ECRClientConfig = {
    region,
    credentials,
    maxAttempts: 1,
    requestHandler: requestHandler(context, role),
    ...(address === undefined ? { useFipsEndpoint: fips, useDualstackEndpoint: dualStack } : { endpoint: address }),
  }
  const client = new sdk.ECRClient(config)
  let asked: Promise<Caller | undefined> | undefined
  const caller = () => (asked ??= credentials().then((identity) => callerOf(identity, region, context, role)))
  const pacer = ecrPacer('private', context.signal)
  const act = createAct({ pacer, role, host: registry.host, account: registryId, caller })
  const arn = (repository: string) => repositoryArn(registry, repository)
  const about = (repository: string) => `${registry.host}/${repository}`

  async function named(names: readonly string[]): Promise<readonly Repository[]> {
    const answer = await act(
      { action: 'ecr:DescribeRepositories', resource: arn(names.length === 1 ? (names[0] ?? '*') : '*') },
      () => client.send(new sdk.DescribeRepositoriesCommand({ registryId, repositoryNames: [...names] })),
    )
    return answer.repositories ?? []
  }

  /** One name that is absent makes the API refuse all of them: then halves are asked, and halves of these. */
  async function existing(names: readonly string[]): Promise<readonly Repository[]> {
    try {
      return await named(names)
    } catch (error) {
      if (!isFault(error, 'RepositoryNotFoundException')) throw error
      if (names.length === 1) return []
      const middle = names.length >> 1
      return [...(await existing(names.slice(0, middle))), ...(await existing(names.slice(middle)))]
    }
  }

  async function* allRepositories(prefix: string): AsyncIterable<Repository> {
    let nextToken: string | undefined
    do {
      const answer = await act({ action: 'ecr:DescribeRepositories', resource: arn('*') }, () =>
        client.send(new sdk.DescribeRepositoriesCommand({ registryId, maxResults: page, nextToken })),
      )
      yield* (answer.repositories ?? []).filter(({ repositoryName = '' }) => repositoryName.startsWith(prefix))
      nextToken = answer.nextToken
    } while (nextToken !== undefined)
  }

  return {
    registry,
    act,
    sdk,
    client,
    caller,
    async token() {
      const { authorizationData } = await act({ action: 'ecr:GetAuthorizationToken', resource: '*' }, () =>
        client.send(new sdk.GetAuthorizationTokenCommand({})),
      )
      return tokenOf(authorizationData?.[0]?.authorizationToken, authorizationData?.[0]?.expiresAt)
    },
    async repositories(names) {
      const found = await Promise.all(batches(names, batch).map(async (some) => firstKnown(await describe(some))))
      return new Map(found.flat())
      async function describe(some: readonly string[]): Promise<readonly Repository[]> {
        try {
          return await named(some)
        } catch (error) {
          if (!isFault(error, 'RepositoryNotFoundException')) throw error
          return some.length <= few ? existing(some) : fromAll(some)
        }
      }
      /** Where many may be absent, reading the list is cheaper than asking for each. */
      async function fromAll(some: readonly string[]): Promise<readonly Repository[]> {
        const wanted = new Set(some)
        const there: Repository[] = []
        for await (const repository of allRepositories('')) {
          if (wanted.has(repository.repositoryName ?? '')) there.push(repository)
        }
        return there
      }
    },
    allRepositories,
    async images(repository, ids) {
      const answers = await Promise.all(
        batches(ids, batch).map((imageIds) =>
          act({ action: 'ecr:BatchGetImage', resource: arn(repository), about: about(repository) }, () =>
            client.send(
              new sdk.BatchGetImageCommand({
                registryId,
                repositoryName: repository,
                imageIds: [...imageIds],
                acceptedMediaTypes: [...acceptedManifests],
              }),
            ),
          ).catch(absent),
        ),
      )
      return answers.flatMap((answer) => (answer?.images ?? []).flatMap(imageOf))
    },
    async layers(repository, layerDigests) {
      const answers = await Promise.all(
        batches(layerDigests, batch).map((digests) =>
          act({ action: 'ecr:BatchCheckLayerAvailability', resource: arn(repository), about: about(repository) }, () =>
            client.send(
              new sdk.BatchCheckLayerAvailabilityCommand({
                registryId,
                repositoryName: repository,
                layerDigests: [...digests],
              }),
            ),
          ).catch(absent),
        ),
      )
      const there = answers.flatMap((answer) =>
        (answer?.layers ?? []).filter(({ layerAvailability }) => layerAvailability === 'AVAILABLE'),
      )
      return new Set(there.flatMap(({ layerDigest }) => layerDigest ?? []))
    },
  }
}

/** Names that are asked for one by one rather than by reading the list of all. */
const few = 8

function firstKnown(repositories: readonly Repository[]): [string, Repository][] {
  return repositories.flatMap((repository): [string, Repository][] =>
    repository.repositoryName === undefined ? [] : [[repository.repositoryName, repository]],
  )
}

function absent(error: unknown): undefined {
  if (!isFault(error, 'RepositoryNotFoundException')) throw error
}

type Image = NonNullable<BatchGetImageCommandOutput['images']>[number]

function imageOf({ imageId, imageManifest, imageManifestMediaType: mediaType }: Image): FoundImage[] {
  const digest = imageId?.imageDigest
  return digest === undefined ? [] : [{ tag: imageId?.imageTag, digest, mediaType, manifest: imageManifest ?? '' }]
}

/** A token is base64 of `AWS:password`. */
export function tokenOf(token = '', expiresAt?: Date): RegistryToken {
  const text = Buffer.from(token, 'base64').toString('utf8')
  const cut = text.indexOf(':')
  return { username: text.slice(0, cut), password: text.slice(cut + 1), expires: expiresAt?.getTime() }
}
