import { parseManifest } from '@ropeway/oci'
import type { HttpRequest } from '@ropeway/core'
import {
  fakeContext,
  type FakeContext,
  type FakeContextOptions,
  type FakeReply,
  type MemoryRegistry,
} from '@ropeway/testkit'
import { z } from 'zod'

export const account = '123456789012'
export const region = 'eu-central-1'
export const host = `${account}.dkr.ecr.${region}.amazonaws.com`

/** Credentials of a user, as the environment holds them. */
export const env = { AWS_ACCESS_KEY_ID: 'AKIAKIT', AWS_SECRET_ACCESS_KEY: 'kit-secret' }

export interface FakeRepository {
  readonly settings: Record<string, unknown>
  lifecyclePolicy?: string
  policy?: string
}

export interface FakeEcr {
  /** Names of actions in their order, as they were sent. */
  readonly actions: string[]
  /** By name; what a test puts in is there. */
  readonly repositories: Map<string, FakeRepository>
  /** Answers instead of the fake, for what a test is about. */
  answers: Record<string, (input: Record<string, unknown>) => FakeReply | undefined>
  /** Refuses everything as IAM does. */
  denied: boolean
  /** Passwords that were handed out. */
  readonly tokens: string[]
  http(request: HttpRequest): FakeReply | undefined
  context(options?: FakeContextOptions): FakeContext
}

const Input = z.looseObject({
  repositoryName: z.string().default(''),
  repositoryNames: z.array(z.string()).optional(),
  imageIds: z.array(z.object({ imageTag: z.string().optional(), imageDigest: z.string().optional() })).default([]),
  layerDigests: z.array(z.string()).default([]),
})
type Input = z.infer<typeof Input>

export function fault(name: string, message = name, status = 400): FakeReply {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: JSON.stringify({ __type: name, message }),
  }
}

export function answer(body: unknown): FakeReply {
  return { headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) }
}

/** The API of one private registry in memory: what it knows of images is what the registry in memory holds. */
export function fakeEcr(registry: MemoryRegistry): FakeEcr {
  const repositories = new Map<string, FakeRepository>()
  const fake: FakeEcr = {
    actions: [],
    repositories,
    answers: {},
    denied: false,
    tokens: [],
    http,
    context: (options = {}) => fakeContext({ registries: [registry], http, env, ...options }),
  }
  const names = () => new Set([...repositories.keys(), ...registry.repositories.keys()])

  function http({ url, headers = {}, body }: HttpRequest): FakeReply | undefined {
    if (url.includes('sts.')) {
      fake.actions.push('GetCallerIdentity')
      if (fake.denied) return { status: 403 }
      return { body: `<Account>${account}</Account><Arn>arn:aws:iam::${account}:user/kit</Arn>` }
    }
    if (!url.includes('ecr')) return undefined
    const action = (headers['x-amz-target'] ?? '').split('.').at(-1) ?? ''
    const text = body instanceof Uint8Array ? new TextDecoder().decode(body) : typeof body === 'string' ? body : '{}'
    const input = Input.parse(JSON.parse(text))
    fake.actions.push(action)
    if (fake.denied) return fault('AccessDeniedException', `User: kit is not authorized to perform: ecr:${action}`)
    return fake.answers[action]?.(input) ?? act(action, input)
  }

  function act(action: string, input: Input): FakeReply {
    switch (action) {
      case 'GetAuthorizationToken': {
        const password = `kit-token-${fake.tokens.length + 1}`
        fake.tokens.push(password)
        const authorizationToken = Buffer.from(`AWS:${password}`).toString('base64')
        return answer({ authorizationData: [{ authorizationToken, expiresAt: 43_200 }] })
      }
      case 'DescribeRepositories':
        return describe(input.repositoryNames)
      case 'CreateRepository': {
        const { repositoryName, ...settings } = input
        if (names().has(repositoryName)) return fault('RepositoryAlreadyExistsException')
        repositories.set(repositoryName, { settings })
        return answer({ repository: { repositoryName } })
      }
      case 'DescribeRepositoryCreationTemplates':
        return answer({ repositoryCreationTemplates: [] })
      case 'DescribePullThroughCacheRules':
        return answer({ pullThroughCacheRules: [] })
      case 'GetAccountSetting':
        return answer({ name: 'BLOB_MOUNTING', value: 'ENABLED' })
    }
    if (!names().has(input.repositoryName)) return fault('RepositoryNotFoundException')
    const repository = registry.repository(input.repositoryName)
    const digestOf = ({ imageTag = '', imageDigest }: Input['imageIds'][number]) =>
      imageDigest ?? repository.tags.get(imageTag) ?? ''
    switch (action) {
      case 'BatchGetImage':
        return answer({
          images: input.imageIds.flatMap((id) => {
            const manifest = repository.manifests.get(digestOf(id))
            if (manifest === undefined) return []
            const imageManifest = new TextDecoder().decode(manifest.bytes)
            return [{ imageId: { imageDigest: manifest.descriptor.digest, imageTag: id.imageTag }, imageManifest }]
          }),
        })
      case 'BatchCheckLayerAvailability':
        if (input.layerDigests.length > 100) return fault('InvalidParameterException')
        return answer({
          layers: input.layerDigests.map((layerDigest) => ({
            layerDigest,
            layerAvailability: repository.blobs.has(layerDigest) ? 'AVAILABLE' : 'UNAVAILABLE',
          })),
        })
      case 'CompleteLayerUpload':
        return fault('UploadNotFoundException')
      case 'DescribeImages':
        return answer({
          imageDetails: [...repository.manifests.values()].map((manifest) => detailOf(manifest, repository.tags)),
        })
      case 'BatchDeleteImage': {
        const failures: unknown[] = []
        for (const id of input.imageIds) {
          const digest = digestOf(id)
          if (id.imageDigest === undefined) repository.tags.delete(id.imageTag ?? '')
          else for (const [tag, held] of repository.tags) if (held === digest) repository.tags.delete(tag)
          if (id.imageDigest === undefined) continue
          const parent = [...repository.manifests.values()].some(
            ({ bytes }) =>
              new TextDecoder().decode(bytes).includes(`"manifests"`) &&
              new TextDecoder().decode(bytes).includes(digest),
          )
          if (parent)
            failures.push({
              imageId: id,
              failureCode: 'ImageReferencedByManifestList',
              failureReason: 'is part of an index',
            })
          else repository.manifests.delete(digest)
        }
        return answer({ failures })
      }
      case 'PutLifecyclePolicy': {
        const known = repositories.get(input.repositoryName)
        if (known !== undefined) known.lifecyclePolicy = String(input['lifecyclePolicyText'])
        return answer({})
      }
      case 'SetRepositoryPolicy': {
        const known = repositories.get(input.repositoryName)
        if (known !== undefined) known.policy = String(input['policyText'])
        return answer({})
      }
      default:
        return fault('UnknownOperationException', action)
    }
  }

  function describe(wanted: readonly string[] | undefined): FakeReply {
    const known = names()
    if (wanted !== undefined && (wanted.length > 100 || wanted.some((name) => !known.has(name)))) {
      return fault('RepositoryNotFoundException')
    }
    const found = (wanted ?? [...known].sort()).map((repositoryName) => ({
      repositoryName,
      ...repositories.get(repositoryName)?.settings,
    }))
    return answer({ repositories: found })
  }

  return fake
}

function detailOf(
  { descriptor, bytes }: { descriptor: { digest: string; mediaType: string }; bytes: Uint8Array },
  tags: ReadonlyMap<string, string>,
): unknown {
  const imageTags = [...tags].filter(([, digest]) => digest === descriptor.digest).map(([tag]) => tag)
  const { subject } = parseManifest(bytes, descriptor.mediaType)
  return {
    imageDigest: descriptor.digest,
    imageManifestMediaType: descriptor.mediaType,
    imageTags,
    imageSizeInBytes: bytes.byteLength,
    imagePushedAt: 1,
    ...(subject === undefined ? {} : { subjectManifestDigest: subject.digest }),
  }
}
