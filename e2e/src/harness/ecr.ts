import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Moto } from './moto.ts'
import { realRegistry } from './registry.ts'

/*
 * One private registry of ECR, made of three parts.
 *
 * moto: repositories with their settings, images with their tags and digests, deleting, policies, uploads that do not exist,
 * and who asks (STS).
 *
 * docker-registry: blobs and manifests, byte for byte.
 *
 * This proxy, which is neither: tokens and their end, that a repository must exist, that a tag may be immutable, the few
 * actions that moto lacks (templates, pull through caches, account settings), the availability of layers (moto knows only its own
 * uploads), throttling, and what IAM denies. What it does is written after ECR's documentation, not recorded from it.
 */
export interface FakeEcr {
  /** Also the address of the API. */
  readonly host: string
  readonly url: string
  readonly account: string
  /** `METHOD path` and `ACTION` of all requests, in their order. */
  readonly requests: string[]
  readonly templates: { prefix: string; appliedFor: string[] }[]
  /** Actions that IAM denies. */
  readonly denied: Set<string>
  /** How often an action is throttled before it is done. */
  readonly throttled: Map<string, number>
  /** Every token ends after this many more requests that carried one. */
  expireAfter(requests: number): void
  /** A password that is good now, for the peers that judge. */
  token(): string
  /** What moto knows. */
  api(action: string, input: object): Promise<unknown>
  close(): Promise<void>
}

const Input = z.looseObject({
  repositoryName: z.string().default(''),
  imageIds: z.array(z.looseObject({ imageTag: z.string().optional(), imageDigest: z.string().optional() })).default([]),
  layerDigests: z.array(z.string()).default([]),
})
const Images = z.looseObject({
  images: z.array(z.looseObject({ imageId: z.looseObject({ imageDigest: z.string() }) })).default([]),
})
const Repositories = z.looseObject({
  repositories: z.array(z.looseObject({ imageTagMutability: z.string().default('MUTABLE') })).default([]),
})

export const region = 'eu-central-1'

export async function fakeEcr(moto: Moto, account: string): Promise<FakeEcr> {
  const registry = await realRegistry()
  const requests: string[] = []
  const templates: FakeEcr['templates'] = []
  const denied = new Set<string>()
  const throttled = new Map<string, number>()
  let serial = 0
  let left = Infinity
  let good = new Set<string>()
  const issue = () => {
    const password = `${account}-token-${++serial}`
    good.add(password)
    return password
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const host = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/'
    if (path.startsWith('/v2')) return registryApi(request, response, path)
    const body = await bytesOf(request)
    const action =
      String(request.headers['x-amz-target'] ?? '')
        .split('.')
        .at(-1) ?? ''
    requests.push(action === '' ? 'STS' : action)
    if (action === '') return pass(response, await fetch(moto.url, { method: 'POST', headers: plain(request), body }))
    const [status, answer] = await api(action, body)
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer))
  }

  async function api(action: string, body: Buffer): Promise<[number, unknown]> {
    const input = Input.parse(JSON.parse(body.toString() || '{}'))
    const arn = `arn:aws:ecr:${region}:${account}:repository/${input.repositoryName}`
    if (denied.has(action)) {
      const message = `User: arn:aws:sts::123456789012:user/moto is not authorized to perform: ecr:${action} on resource: ${arn}`
      return [400, { __type: 'AccessDeniedException', message }]
    }
    if (takeThrottle(action)) return [400, { __type: 'ThrottlingException', message: 'Rate exceeded' }]
    switch (action) {
      case 'GetAuthorizationToken': {
        const authorizationToken = Buffer.from(`AWS:${issue()}`).toString('base64')
        return [200, { authorizationData: [{ authorizationToken, expiresAt: Date.now() / 1000 + 43_200 }] }]
      }
      case 'DescribeRepositoryCreationTemplates':
        return [200, { repositoryCreationTemplates: templates }]
      case 'DescribePullThroughCacheRules':
        return [200, { pullThroughCacheRules: [{ ecrRepositoryPrefix: 'cache', upstreamRegistryUrl: 'quay.io' }] }]
      case 'GetAccountSetting':
        return [200, { name: 'BLOB_MOUNTING', value: 'DISABLED' }]
      case 'BatchCheckLayerAvailability':
        return [
          200,
          { layers: await Promise.all(input.layerDigests.map((digest) => layer(input.repositoryName, digest))) },
        ]
      case 'BatchGetImage':
        return batchGetImage(input)
    }
    const answer = await moto.ecr(account, action, input)
    return [answer.status, answer.body]
  }

  async function layer(repository: string, layerDigest: string) {
    const head = await fetch(`${registry.url}/v2/${repository}/blobs/${layerDigest}`, { method: 'HEAD' })
    return { layerDigest, layerAvailability: head.ok ? 'AVAILABLE' : 'UNAVAILABLE' }
  }

  /** moto answers with the last tag of an image, ECR with the one that was asked for; so they are asked for one by one. */
  async function batchGetImage(input: z.infer<typeof Input>): Promise<[number, unknown]> {
    const found: unknown[] = []
    for (const id of input.imageIds) {
      const answer = await moto.ecr(account, 'BatchGetImage', { repositoryName: input.repositoryName, imageIds: [id] })
      if (answer.status !== 200) return [answer.status, answer.body]
      for (const image of Images.parse(answer.body).images) {
        found.push({ ...image, imageId: { imageDigest: image.imageId.imageDigest, imageTag: id.imageTag } })
      }
    }
    return [200, { images: found, failures: [] }]
  }

  function takeThrottle(action: string): boolean {
    const times = throttled.get(action) ?? 0
    if (times > 0) throttled.set(action, times - 1)
    return times > 0
  }

  async function registryApi(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const method = request.method ?? 'GET'
    requests.push(`${method} ${path.split('?', 1)[0] ?? ''}`)
    const refusal = refusalOf(request.headers.authorization)
    if (refusal !== undefined) return refusal(response)
    const [, repository = '', kind = '', rest = ''] = /^\/v2\/(.+)\/(blobs|manifests|tags)\/([^?]*)/.exec(path) ?? []
    if (repository === '') return forward(request, response, path)
    const mutability = await mutabilityOf(repository, kind === 'blobs' && method === 'POST')
    if (mutability === undefined) {
      const message = `The repository with name '${repository}' does not exist in the registry with id '${account}'`
      return answerError(response, 404, 'NAME_UNKNOWN', message)
    }
    if (kind !== 'manifests') return forward(request, response, path)
    if (method === 'PUT') return putManifest(request, response, repository, rest, mutability)
    const digest = rest.includes(':') ? rest : await digestOf(repository, rest)
    if (digest === undefined) return answerError(response, 404, 'MANIFEST_UNKNOWN', 'Requested image not found')
    return forward(request, response, `/v2/${repository}/manifests/${digest}`)
  }

  function refusalOf(authorization: string | undefined): ((response: ServerResponse) => void) | undefined {
    if (authorization === undefined) {
      return (response) => void response.writeHead(401, { 'www-authenticate': 'Basic realm="ecr",service="ecr"' }).end()
    }
    const password = Buffer.from(authorization.replace(/^Basic /, ''), 'base64')
      .toString()
      .replace(/^AWS:/, '')
    if (left-- <= 0) {
      good = new Set()
      left = Infinity
    }
    if (good.has(password)) return undefined
    const text = 'Your authorization token has expired. Reauthenticate and try again.'
    return (response) => answerError(response, 403, 'DENIED', text)
  }

  /** How the repository treats tags; `undefined` when there is none. A template makes one for an upload. */
  async function mutabilityOf(repository: string, uploading: boolean): Promise<string | undefined> {
    const answer = await moto.ecr(account, 'DescribeRepositories', { repositoryNames: [repository] })
    if (answer.status === 200) return Repositories.parse(answer.body).repositories[0]?.imageTagMutability
    const covered = templates.some(
      ({ prefix, appliedFor }) => appliedFor.includes('CREATE_ON_PUSH') && repository.startsWith(`${prefix}/`),
    )
    if (!uploading || !covered) return undefined
    await moto.ecr(account, 'CreateRepository', { repositoryName: repository })
    return 'MUTABLE'
  }

  async function digestOf(repository: string, imageTag: string): Promise<string | undefined> {
    const answer = await moto.ecr(account, 'BatchGetImage', { repositoryName: repository, imageIds: [{ imageTag }] })
    return answer.status === 200 ? Images.parse(answer.body).images[0]?.imageId.imageDigest : undefined
  }

  async function putManifest(
    request: IncomingMessage,
    response: ServerResponse,
    repository: string,
    reference: string,
    mutability: string,
  ): Promise<void> {
    if (takeThrottle('PutImage')) return answerError(response, 429, 'TOOMANYREQUESTS', 'Rate exceeded')
    const bytes = await bytesOf(request)
    const imageTag = reference.includes(':') ? undefined : reference
    const held = imageTag === undefined ? undefined : await digestOf(repository, imageTag)
    const put = await fetch(`${registry.url}/v2/${repository}/manifests/${reference}`, {
      method: 'PUT',
      headers: plain(request),
      body: bytes,
    })
    const imageDigest = put.headers.get('docker-content-digest') ?? ''
    if (held !== undefined && held !== imageDigest && mutability.startsWith('IMMUTABLE')) {
      const words = `The image tag '${reference}' already exists in the '${repository}' repository and cannot be overwritten because the repository is immutable.`
      return answerError(response, 400, 'TAG_INVALID', words)
    }
    if (put.ok) {
      const imageManifestMediaType = request.headers['content-type']
      await moto.ecr(account, 'PutImage', {
        repositoryName: repository,
        imageManifest: bytes.toString(),
        imageManifestMediaType,
        imageDigest,
        ...(imageTag === undefined ? {} : { imageTag }),
      })
    }
    return pass(response, put)
  }

  async function forward(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const bodyless = request.method === 'GET' || request.method === 'HEAD'
    const answer = await fetch(`${registry.url}${path}`, {
      method: request.method ?? 'GET',
      headers: plain(request),
      ...(bodyless ? {} : { body: await bytesOf(request) }),
      redirect: 'manual',
    })
    return pass(response, answer)
  }

  async function pass(response: ServerResponse, answer: Response): Promise<void> {
    const headers = Object.fromEntries(answer.headers)
    const location = headers['location']
    if (location !== undefined) headers['location'] = location.replace(registry.url, `http://${host}`)
    delete headers['transfer-encoding']
    response.writeHead(answer.status, headers)
    if (answer.body === null) response.end()
    else Readable.from(answer.body).pipe(response)
  }

  return {
    host,
    url: `http://${host}`,
    account,
    requests,
    templates,
    denied,
    throttled,
    expireAfter: (count) => void (left = count),
    token: issue,
    async api(action, input) {
      return (await moto.ecr(account, action, input)).body
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await registry.close()
    },
  }
}

function answerError(response: ServerResponse, status: number, code: string, message: string): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify({ errors: [{ code, message }] }))
}

/** Headers that mean the same behind the proxy. */
function plain(request: IncomingMessage): Record<string, string> {
  const left = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'expect'])
  const authorization = request.url?.startsWith('/v2') === true ? ['authorization'] : []
  return Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      left.has(name) || authorization.includes(name) || value === undefined ? [] : [[name, String(value)]],
    ),
  )
}

async function bytesOf(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
