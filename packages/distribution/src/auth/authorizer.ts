import { isRopewayError, type Credential, type HttpResponse, type RopewayError, type Role } from '@ropeway/core'
import { shared } from '../abort.js'
import { credentialVariable } from '../credentials/names.js'
import type { Credentials } from '../credentials/types.js'
import { badResponse, forbidden, unauthorized, type Answer, type Scene } from '../errors.js'
import { isRetryableStatus } from '../http/backoff.js'
import { readText } from '../http/exchange.js'
import { authorizationOf } from '../http/prepare.js'
import { checkTarget } from '../http/redirects.js'
import type { HttpClient } from '../http/types.js'
import { parseUrl } from '../redact.js'
import { chooseChallenge, parseChallenges, type Challenge } from './challenge.js'
import { joinScopes, scopesKey, type Scope } from './scopes.js'
import { fetchToken, type Token, type TokenRefusal, type TokenRequest } from './token.js'
import type { TokenCache } from './token-cache.js'

/** What is to be done, and what it takes. */
export interface Access {
  readonly scene: Scene
  /** Repository whose credential is used; empty for the registry as a whole. */
  readonly repository: string
  readonly scopes: readonly Scope[]
  /** Scopes that will do when these are refused. */
  readonly fewer?: readonly Scope[] | undefined
  /** For errors: `pull from app/web`. */
  readonly action: string
  readonly signal?: AbortSignal | undefined
}

/** A header that was sent, and what it was made of. */
export interface Grant {
  readonly authorization: string | undefined
  readonly credential: Credential | undefined
  readonly token?: { readonly value: string; readonly request: TokenRequest } | undefined
  /** How the token service refused the credential, when an anonymous token was taken in its place. */
  readonly refusal?: Answer | undefined
}

/** Answers the challenges of one registry in one role. */
export interface Authorizer {
  /** The answer to `GET /v2/` without credentials; asked once, and again only after it failed. */
  ping(scene: Scene, signal?: AbortSignal): Promise<Answer>
  /** Throws `…_UNAUTHORIZED` or `…_FORBIDDEN` when the token service refuses. */
  authorize(access: Access): Promise<Grant>
  /** After a 401 or 403: what to try once more, or `undefined` when nothing else can be tried. */
  renew(access: Access, grant: Grant, response: HttpResponse): Promise<Access | undefined>
  /** The error for a 401 or 403. */
  refused(access: Access, grant: Grant, answer: Answer, challenge?: string): RopewayError
}

export interface AuthorizerOptions {
  readonly http: HttpClient
  readonly credentials: Credentials
  readonly tokens: TokenCache
  /** Canonical host, as credentials know it. */
  readonly host: string
  readonly role: Role
  /** `https://API-HOST`. */
  readonly base: string
}

export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  const { http, credentials, tokens, host, role, base } = options
  let challenge: Challenge | undefined
  let spoken = new URL(base)
  let pinging: Promise<Answer> | undefined

  function learn(response: HttpResponse): Challenge | undefined {
    const heard = chooseChallenge(parseChallenges(response.headers['www-authenticate']))
    if (heard !== undefined) {
      challenge = heard
      spoken = new URL(response.url)
    }
    return heard
  }

  async function askOnce(scene: Scene): Promise<Answer> {
    const response = await http.send({ url: `${base}/v2/`, role, about: scene.about, operation: scene.operation })
    if (response.status === 401 && isOurs(response)) learn(response)
    // What is busy now may ask for credentials later.
    if (isRetryableStatus(response.status)) pinging = undefined
    return { status: response.status, url: response.url, text: await readText(response) }
  }

  /** False for an answer that a redirect led to: another host's challenge is none for our credentials. */
  function isOurs(response: HttpResponse): boolean {
    return new URL(response.url).host === new URL(base).host
  }

  async function ping(scene: Scene, signal?: AbortSignal): Promise<Answer> {
    pinging ??= askOnce(scene).catch((error: unknown) => {
      pinging = undefined
      throw error
    })
    return shared(pinging, signal)
  }

  function realmOf({ parameters }: Challenge, scene: Scene): URL {
    const realm = parseUrl(parameters['realm'] ?? '', spoken)
    if (realm === undefined) {
      throw badResponse(
        scene,
        { status: 401, url: spoken.origin, text: '' },
        'names a token service that is no address',
      )
    }
    checkTarget(spoken, realm, scene)
    return realm
  }

  function tokenFor(request: TokenRequest, signal: AbortSignal | undefined): Promise<Token | TokenRefusal> {
    return shared(
      tokens.get(host, request, () => fetchToken(http, request)),
      signal,
    )
  }

  async function bearer(access: Access, credential: Credential | undefined, how: Challenge): Promise<Grant> {
    const { scene, signal } = access
    const realm = realmOf(how, scene)
    const service = how.parameters['service']
    let refusal: Answer | undefined
    for (const { scopes, as } of waysToAsk(access, credential)) {
      const request: TokenRequest = { realm, service, scopes, credential: as, scene }
      const result = await tokenFor(request, signal)
      if ('value' in result) {
        const token = { value: result.value, request }
        return {
          authorization: `Bearer ${result.value}`,
          credential: as,
          token,
          ...(as === credential ? {} : { refusal }),
        }
      }
      refusal ??= result.refused
    }
    const answer = refusal ?? { status: 401, url: realm.origin, text: '' }
    throw refused(access, { authorization: undefined, credential }, answer)
  }

  /** A login that is out of date must not stand before what everyone may read. */
  function waysToAsk(
    access: Access,
    credential: Credential | undefined,
  ): readonly { readonly scopes: readonly Scope[]; readonly as: Credential | undefined }[] {
    const { scopes, fewer } = access
    return [
      { scopes, as: credential },
      ...(fewer === undefined ? [] : [{ scopes: fewer, as: credential }]),
      ...(role === 'source' && credential !== undefined ? [{ scopes, as: undefined }] : []),
    ]
  }

  async function authorize(access: Access): Promise<Grant> {
    const credential = await credentials.get(host, role, access.repository)
    const ready = credential?.registryToken === undefined ? undefined : authorizationOf(credential)
    if (ready !== undefined) return { authorization: ready, credential }
    await ping(access.scene, access.signal)
    if (challenge === undefined) return { authorization: undefined, credential }
    if (challenge.scheme === 'bearer') return bearerRenewed(access, credential, challenge)
    return { authorization: authorizationOf(credential), credential }
  }

  /** A token service that does not take a provider's credential any more is shown a new one. */
  async function bearerRenewed(access: Access, credential: Credential | undefined, how: Challenge): Promise<Grant> {
    try {
      return await bearer(access, credential, how)
    } catch (error) {
      if (credential === undefined || !isRopewayError(error) || !/_(UNAUTHORIZED|FORBIDDEN)$/.test(error.code))
        throw error
      if (!(await credentials.renew(host, role, access.repository, credential))) throw error
      return bearer(access, await credentials.get(host, role, access.repository), how)
    }
  }

  async function renew(access: Access, grant: Grant, response: HttpResponse): Promise<Access | undefined> {
    const again = response.status === 401 ? answerTo(access, grant, response) : undefined
    if (again !== undefined) return again
    const { credential } = grant
    if (credential === undefined || !isOurs(response) || !(await mayBeOld(response))) return undefined
    return (await credentials.renew(host, role, access.repository, credential)) ? access : undefined
  }

  /** A registry may answer 403 where a token has expired; to a HEAD it cannot say so. */
  async function mayBeOld(response: HttpResponse): Promise<boolean> {
    if (response.status === 401) return true
    const text = await readText(response)
    return text === '' || /expired/i.test(text)
  }

  function answerTo(access: Access, grant: Grant, response: HttpResponse): Access | undefined {
    const heard = isOurs(response) ? learn(response) : undefined
    if (heard === undefined || grant.credential?.registryToken !== undefined) return undefined
    if (heard.scheme !== 'bearer') {
      return grant.authorization === undefined && grant.credential !== undefined ? access : undefined
    }
    const sent = grant.token?.request.scopes
    const scopes = joinScopes(sent ?? access.scopes, heard.parameters['scope'])
    if (grant.token === undefined || sent === undefined) return { ...access, scopes, fewer: undefined }
    tokens.drop(host, grant.token.request, grant.token.value)
    if (scopesKey(scopes) !== scopesKey(sent)) return { ...access, scopes, fewer: undefined }
    if (access.fewer !== undefined && sent === access.scopes)
      return { ...access, scopes: access.fewer, fewer: undefined }
    return heard.parameters['error'] === 'insufficient_scope' ? undefined : access
  }

  function refused(access: Access, grant: Grant, last: Answer, header?: string): RopewayError {
    const { credential, refusal } = grant
    const answer = refusal ?? last
    const tried = credentials.tried(host, role, access.repository)
    const about = {
      host,
      variable: credentialVariable(host),
      tried: refusal === undefined ? tried : [...tried, 'anonymous'],
    }
    const insufficient = /error="?insufficient_scope/i.test(header ?? '') && credential !== undefined
    if (answer.status === 403 || insufficient) {
      return forbidden(access.scene, { ...about, action: access.action, anonymous: credential === undefined }, answer)
    }
    return unauthorized(access.scene, about, answer)
  }

  return { ping, authorize, renew, refused }
}
