import type { Credential } from '@ropeway/core'
import { urlInvalid, type Scene } from '../errors.js'
import { parseUrl, redactUrl } from '../redact.js'
import type { SendRequest } from './types.js'

/** The URL without user info, and the headers as they are sent; user info and credential become `Authorization`. */
export function prepare(
  request: SendRequest,
  userAgent = 'ropeway',
): { readonly url: URL; readonly headers: Record<string, string>; readonly scene: Scene } {
  const about = request.about ?? redactUrl(request.url)
  const scene: Scene = { role: request.role ?? 'source', about, operation: request.operation ?? operationOf(request) }
  const url = parseUrl(request.url)
  if (url === undefined) throw urlInvalid(scene, 'it is not a URL')
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw urlInvalid(scene, `its scheme is ${url.protocol}//`)
  const headers: Record<string, string> = { 'accept-encoding': 'identity', 'user-agent': userAgent }
  const authorization = authorizationOf(request.credential) ?? basicOf(url.username, url.password)
  if (authorization !== undefined) headers['authorization'] = authorization
  for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = value
  url.username = url.password = url.hash = ''
  return { url, headers, scene }
}

function operationOf(request: SendRequest): string {
  return request.method === undefined || request.method === 'GET' || request.method === 'HEAD' ? 'reading' : 'sending'
}

function basicOf(username: string, password: string): string | undefined {
  if (username === '' && password === '') return undefined
  return basicAuthorization(decodeURIComponent(username), decodeURIComponent(password))
}

/** `Basic …` (RFC 7617), in UTF-8. */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

/** The header that says a credential outright; an identity token has none. */
export function authorizationOf(credential: Credential | undefined): string | undefined {
  if (credential?.registryToken !== undefined) return `Bearer ${credential.registryToken}`
  if (credential?.password === undefined) return undefined
  return basicAuthorization(credential.username ?? '', credential.password)
}
