import type { Credential, HttpResponse } from '@ropeway/core'
import { chooseChallenge, parseChallenges } from '../auth/challenge.js'
import { fetchToken } from '../auth/token.js'
import { badResponse, loginRefused, type Scene } from '../errors.js'
import { apiHost } from '../hosts.js'
import { readText } from '../http/exchange.js'
import { authorizationOf } from '../http/prepare.js'
import { checkTarget } from '../http/redirects.js'
import type { HttpClient } from '../http/types.js'
import { parseUrl } from '../redact.js'

/**
 * Shows a credential to a registry. `accepted`: the registry took it; `not-asked`: the registry wants no login to answer,
 * so nothing was proved. Throws `LOGIN_REFUSED`, `SOURCE_UNREACHABLE`, or `SOURCE_BAD_RESPONSE` when it is no registry.
 */
export async function verifyLogin(
  http: HttpClient,
  host: string,
  credential: Credential,
  signal?: AbortSignal,
): Promise<'accepted' | 'not-asked'> {
  const scene: Scene = { role: 'source', about: host, operation: 'logging in to' }
  const ping = (authorization?: string) =>
    http.send({
      url: `https://${apiHost(host)}/v2/`,
      headers: authorization === undefined ? {} : { authorization },
      about: host,
      operation: scene.operation,
      signal,
    })
  const first = await ping()
  if (first.status === 200) return 'not-asked'
  const challenge =
    first.status === 401 ? chooseChallenge(parseChallenges(first.headers['www-authenticate'])) : undefined
  if (challenge === undefined) {
    throw badResponse(scene, await read(first), 'does not ask for a login as a registry does')
  }
  if (challenge.scheme === 'basic') return accept(await ping(authorizationOf(credential)))

  const realm = parseUrl(challenge.parameters['realm'] ?? '', first.url)
  if (realm === undefined) throw badResponse(scene, await read(first), 'names a token service that is no address')
  checkTarget(new URL(first.url), realm, scene)
  const service = challenge.parameters['service']
  const token = await fetchToken(http, { realm, service, scopes: [], credential, scene })
  if ('refused' in token) throw loginRefused(host, credential.username, token.refused)
  return accept(await ping(`Bearer ${token.value}`))

  async function accept(response: HttpResponse): Promise<'accepted'> {
    if (response.status === 200) return 'accepted'
    const answer = await read(response)
    if (response.status === 401 || response.status === 403) throw loginRefused(host, credential.username, answer)
    throw badResponse(scene, answer, 'did not answer the login')
  }
}

async function read(
  response: HttpResponse,
): Promise<{ readonly status: number; readonly url: string; readonly text: string }> {
  return { status: response.status, url: response.url, text: await readText(response) }
}
