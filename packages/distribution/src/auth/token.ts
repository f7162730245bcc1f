import { isRopewayError, type Credential, type HttpResponse, type RopewayError } from '@ropeway/core'
import { collect } from '@ropeway/oci'
import { z } from 'zod'
import { badResponse, type Answer, type Scene } from '../errors.js'
import { readText } from '../http/exchange.js'
import { basicAuthorization } from '../http/prepare.js'
import type { HttpClient } from '../http/types.js'
import type { Scope } from './scopes.js'

const clientId = 'ropeway'
const longestToken = 64 * 1024

/** What a token is asked for. */
export interface TokenRequest {
  readonly realm: URL
  readonly service: string | undefined
  readonly scopes: readonly Scope[]
  readonly credential: Credential | undefined
  readonly scene: Scene
}

export interface Token {
  readonly value: string
  /** Milliseconds since the epoch. */
  readonly expires: number
}

/** The token service refused; the caller knows what was to be done and says so. */
export interface TokenRefusal {
  readonly refused: Answer
}

const tokenSchema = z.object({
  token: z.string().optional(),
  access_token: z.string().optional(),
  expires_in: z.number().optional().catch(undefined),
  issued_at: z.string().optional().catch(undefined),
})

/**
 * Gets a token (distribution, auth/token and auth/oauth): by POST for a refresh token, else, and where the service knows
 * no POST, by GET with Basic or without any credential.
 */
export async function fetchToken(http: HttpClient, request: TokenRequest): Promise<Token | TokenRefusal> {
  if (request.credential?.identityToken !== undefined) {
    const response = await postRefreshToken(http, request, request.credential.identityToken)
    const unknown =
      response.status >= 400 && response.status < 500 && response.status !== 401 && response.status !== 403
    if (!unknown) return readToken(http, response, request)
  }
  return readToken(http, await getToken(http, request), request)
}

function postRefreshToken(http: HttpClient, request: TokenRequest, refreshToken: string): Promise<HttpResponse> {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    client_id: clientId,
  })
  if (request.service !== undefined) form.set('service', request.service)
  if (request.scopes.length > 0) form.set('scope', request.scopes.join(' '))
  return http.send({
    url: request.realm.href,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: form.toString(),
    ...sceneOf(request),
  })
}

function getToken(http: HttpClient, request: TokenRequest): Promise<HttpResponse> {
  const { credential } = request
  const url = new URL(request.realm)
  if (request.service !== undefined) url.searchParams.set('service', request.service)
  for (const scope of request.scopes) url.searchParams.append('scope', scope)
  const secret = credential?.password ?? credential?.identityToken
  const headers: Record<string, string> = { accept: 'application/json' }
  if (credential !== undefined && secret !== undefined) {
    const username = credential.username ?? ''
    if (username !== '') url.searchParams.set('account', username)
    url.searchParams.set('client_id', clientId)
    headers['authorization'] = basicAuthorization(username, secret)
  }
  return http.send({ url: url.href, headers, ...sceneOf(request) })
}

function sceneOf({ scene }: TokenRequest): Pick<Parameters<HttpClient['send']>[0], 'role' | 'about' | 'operation'> {
  return { role: scene.role, about: scene.about, operation: scene.operation }
}

async function readToken(
  http: HttpClient,
  response: HttpResponse,
  request: TokenRequest,
): Promise<Token | TokenRefusal> {
  if (response.status === 401 || response.status === 403) {
    return { refused: { ...response, text: await readText(response) } }
  }
  if (response.status !== 200) {
    throw noToken(request, { ...response, text: await readText(response) })
  }
  const body = tokenSchema.safeParse(await readJson(response, request.scene))
  const value = body.data?.token ?? body.data?.access_token
  if (body.data === undefined || value === undefined || value === '') {
    throw noToken(request, { ...response, text: '' })
  }
  return { value, expires: expiry(body.data, http.clock.now()) }
}

function noToken(request: TokenRequest, answer: Answer): RopewayError {
  return badResponse(request.scene, answer, 'gave no token', 'check the token service of the registry')
}

async function readJson(response: HttpResponse, scene: Scene): Promise<unknown> {
  try {
    const bytes = await collect(response.body, longestToken, { side: scene.role, about: response.url })
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (error) {
    if (isRopewayError(error)) throw error
    return undefined
  }
}

/** Services that say less than a minute, or nothing, mean a minute; a clock that is off must not make a token useless. */
function expiry(body: z.output<typeof tokenSchema>, now: number): number {
  const lifetime = Math.max(body.expires_in ?? 0, 60) * 1000
  const issued = Date.parse(body.issued_at ?? '')
  const usable = !Number.isNaN(issued) && issued <= now && issued + lifetime > now
  return (usable ? issued : now) + lifetime
}
