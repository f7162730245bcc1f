import type { ImageIdentifier } from '@aws-sdk/client-ecr'
import type { Context, HeldManifest, Holdings, NotRemoved } from '@ropeway/core'
import { createEcrApi, type EcrApi } from './api.js'
import { batches } from './batches.js'
import * as errors from './errors.js'
import { repositoryArn } from './hosts.js'
import type { RegistryOptions } from './registries.js'
import { registryBehind } from './registries.js'

const batch = 100
const page = 1000

/** What a private registry holds, for `prune`. */
export async function ecrHoldings(place: string, options: RegistryOptions, context: Context): Promise<Holdings> {
  const [host = '', ...path] = place.split('/')
  const registry = registryBehind(host, { ...options, registry: options.registry ?? host })
  if (registry.kind === 'public') throw errors.publicUnlisted(host)
  const api = await createEcrApi({ registry, endpoint: options.endpoint, role: 'sink' }, context)
  const prefix = path.join('/')
  return {
    location: place,
    registry: host,
    repositories: () => repositoriesBelow(api, prefix),
    manifests: (repository) => manifestsOf(api, repository),
    async read(repository, digests) {
      const found = await api.images(
        repository,
        digests.map((imageDigest) => ({ imageDigest })),
      )
      return new Map(found.map(({ digest, manifest }) => [digest, Buffer.from(manifest)]))
    },
    remove: (repository, what) =>
      remove(
        api,
        repository,
        'digests' in what
          ? what.digests.map((imageDigest) => ({ imageDigest }))
          : what.tags.map((imageTag) => ({ imageTag })),
      ),
  }
}

async function* repositoriesBelow(api: EcrApi, prefix: string): AsyncIterable<string> {
  for await (const { repositoryName = '' } of api.allRepositories(prefix)) {
    if (prefix === '' || repositoryName === prefix || repositoryName.startsWith(`${prefix}/`)) yield repositoryName
  }
}

async function manifestsOf(api: EcrApi, repository: string): Promise<readonly HeldManifest[]> {
  const { registry, sdk, client, act } = api
  const held: HeldManifest[] = []
  let nextToken: string | undefined
  do {
    const answer = await act(
      {
        action: 'ecr:DescribeImages',
        resource: repositoryArn(registry, repository),
        about: `${registry.host}/${repository}`,
      },
      () =>
        client.send(
          new sdk.DescribeImagesCommand({
            registryId: registry.account,
            repositoryName: repository,
            maxResults: page,
            nextToken,
          }),
        ),
    )
    for (const image of answer.imageDetails ?? []) {
      if (image.imageDigest === undefined) continue
      held.push({
        digest: image.imageDigest,
        mediaType: image.imageManifestMediaType,
        tags: image.imageTags ?? [],
        size: image.imageSizeInBytes,
        pushed: image.imagePushedAt?.getTime(),
        subject: image.subjectManifestDigest,
      })
    }
    nextToken = answer.nextToken
  } while (nextToken !== undefined)
  return held
}

async function remove(
  api: EcrApi,
  repository: string,
  ids: readonly ImageIdentifier[],
): Promise<readonly NotRemoved[]> {
  const { registry, sdk, client, act } = api
  const action = 'ecr:BatchDeleteImage'
  const resource = repositoryArn(registry, repository)
  const about = `${registry.host}/${repository}`
  const failed: NotRemoved[] = []
  for (const imageIds of batches(ids, batch)) {
    const answer = await act({ action, resource, about }, () =>
      client.send(
        new sdk.BatchDeleteImageCommand({
          registryId: registry.account,
          repositoryName: repository,
          imageIds: [...imageIds],
        }),
      ),
    )
    for (const { imageId, failureCode: name = 'unknown', failureReason: message = '' } of answer.failures ?? []) {
      // What somebody else removed is gone, as was wanted.
      if (name === 'ImageNotFound') continue
      const id = imageId?.imageDigest ?? imageId?.imageTag ?? 'an image'
      const request = { role: 'sink', action, resource, account: registry.account, about: `${about} ${id}` } as const
      failed.push({ id, error: errors.refused(request, { name, message, status: undefined }) })
    }
  }
  return failed
}
