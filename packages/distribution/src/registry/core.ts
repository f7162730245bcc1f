import type { HttpResponse, Log, Role, RopewayError } from '@ropeway/core'
import type { Access, Authorizer, Grant } from '../auth/authorizer.js'
import { repositoryScope } from '../auth/scopes.js'
import {
  badResponse,
  notFound,
  rateLimited,
  rateLimitNear,
  registryWarning,
  type Answer,
  type Scene,
} from '../errors.js'
import { isDockerHub } from '../hosts.js'
import { retryAfter } from '../http/backoff.js'
import { readText } from '../http/exchange.js'
import type { HttpClient, SendRequest } from '../http/types.js'
import { isPullLimit, parseRateLimit, remainingPulls } from './rate-limit.js'

/** What one registry in one role is made of; the files beside this one hold its operations. */
export interface RegistryCore {
  /** Canonical host. */
  readonly host: string
  readonly role: Role
  /** `https://API-HOST`. */
  readonly base: string
  readonly http: HttpClient
  readonly log: Log
  readonly authorizer: Authorizer
}

/** One request to the registry's API. */
export interface Call {
  readonly method: NonNullable<SendRequest['method']>
  /** Path below the host, or a URL that the registry gave. */
  readonly target: string | URL
  readonly repository: string
  readonly need: 'pull' | 'push'
  /** Another repository that must be readable, for a mount. */
  readonly from?: string | undefined
  /** For errors: a reference. */
  readonly about: string
  readonly operation: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: SendRequest['body']
  readonly signal?: AbortSignal | undefined
  readonly attempts?: number | undefined
  readonly unlimited?: boolean | undefined
  /** Statuses that are answers and not errors; the default is all from 200 to 299. */
  readonly accept?: readonly number[] | undefined
  /** False when the body cannot be sent a second time after a challenge. */
  readonly repeatable?: boolean | undefined
  /** Whether any status of another host, to which the registry led, is an answer. */
  readonly acceptElsewhere?: boolean | undefined
}

export function sceneOf(core: RegistryCore, { about, operation }: Pick<Call, 'about' | 'operation'>): Scene {
  return { role: core.role, about, operation }
}

/** `host/repository:tag` or `host/repository@digest`. */
export function nameOf(core: RegistryCore, repository: string, tagOrDigest: string): string {
  return `${core.host}/${repository}${tagOrDigest.includes(':') ? '@' : ':'}${tagOrDigest}`
}

/**
 * Sends a request with the credentials that it needs, answers one challenge, and gives an answer that was accepted. All
 * others are thrown: `…_UNAUTHORIZED`, `…_FORBIDDEN`, `…_NOT_FOUND`, `…_RATE_LIMITED`, `…_BAD_RESPONSE`.
 */
export async function call(core: RegistryCore, request: Call): Promise<HttpResponse> {
  let access = accessOf(core, request)
  let grant = await core.authorizer.authorize(access)
  let response = await send(core, request, grant)
  const challenged = (response.status === 401 || response.status === 403) && request.repeatable !== false
  const renewed = challenged ? await core.authorizer.renew(access, grant, response) : undefined
  if (renewed !== undefined) {
    await readText(response)
    access = renewed
    grant = await core.authorizer.authorize(access)
    response = await send(core, request, grant)
  }
  observe(core, grant, response)
  if (isAccepted(core, request, response)) return response
  throw await errorOf(core, request, access, grant, response)
}

function isAccepted(core: RegistryCore, { accept, acceptElsewhere }: Call, { status, url }: HttpResponse): boolean {
  if (acceptElsewhere === true && new URL(url).host !== new URL(core.base).host) return true
  return accept?.includes(status) ?? (status >= 200 && status < 300)
}

/** An answer with its text, as errors tell of it. */
export async function readAnswer(response: HttpResponse): Promise<Answer> {
  return { status: response.status, url: response.url, text: await readText(response) }
}

function accessOf(core: RegistryCore, request: Call): Access {
  const { repository, need, from, signal } = request
  // A destination is written to sooner or later: one token for all of it instead of one for reading first.
  const writing = need === 'push' || core.role === 'sink'
  const pull = repositoryScope(repository, 'pull')
  const push = repositoryScope(repository, 'pull', 'push')
  return {
    scene: sceneOf(core, request),
    repository,
    scopes: [writing ? push : pull, ...(from === undefined ? [] : [repositoryScope(from, 'pull')])],
    fewer: writing && need === 'pull' ? [pull] : from === undefined ? undefined : [push],
    action: need === 'push' ? `push to ${repository}` : `pull from ${repository}`,
    signal,
  }
}

function send(core: RegistryCore, request: Call, grant: Grant): Promise<HttpResponse> {
  const url = typeof request.target === 'string' ? new URL(`${core.base}${request.target}`) : request.target
  const headers = { ...request.headers }
  // A place to upload to may be on another host, and credentials are for the registry alone.
  if (grant.authorization !== undefined && url.host === new URL(core.base).host) {
    headers['authorization'] = grant.authorization
  }
  return core.http.send({
    url: url.href,
    method: request.method,
    headers,
    body: request.body,
    role: core.role,
    about: request.about,
    operation: request.operation,
    signal: request.signal,
    attempts: request.attempts,
    unlimited: request.unlimited,
    final: isPullLimit,
  })
}

/** Tells once of what a registry says between the lines. */
function observe(core: RegistryCore, grant: Grant, response: HttpResponse): void {
  const warning = /^\s*299\s+\S+\s+"((?:[^"\\]|\\.)*)"/.exec(response.headers['warning'] ?? '')?.[1]
  if (warning !== undefined) core.log.warn(registryWarning(core.host, warning))
  const left = remainingPulls(response)
  if (left !== undefined && left.count <= 10 && response.status < 300) {
    core.log.warn(rateLimitNear(core.host, left.count, limitHint(core, grant)))
  }
}

function limitHint(core: RegistryCore, grant: Grant): string {
  if (!isDockerHub(core.host)) return 'run again later, or with a lower --concurrency'
  return grant.credential === undefined
    ? `a login raises the limit: ropeway login ${core.host}\nor set DOCKERHUB_USERNAME / DOCKERHUB_TOKEN`
    : 'run again later, or pull from a mirror of Docker Hub'
}

async function errorOf(
  core: RegistryCore,
  request: Call,
  access: Access,
  grant: Grant,
  response: HttpResponse,
): Promise<RopewayError> {
  const scene = access.scene
  const answer = await readAnswer(response)
  switch (response.status) {
    case 401:
    case 403:
      return core.authorizer.refused(access, grant, answer, response.headers['www-authenticate'])
    case 404:
      return notFound(scene, `${request.about} does not exist`, { text: answer.text })
    case 429: {
      const asked = retryAfter(response.headers['retry-after'], core.http.clock.now())
      const wait = asked ?? parseRateLimit(response.headers['ratelimit-limit'])?.window
      return rateLimited(scene, core.host, { wait, hint: limitHint(core, grant) }, answer)
    }
    default:
      return badResponse(scene, answer, 'did not answer as a registry does')
  }
}
