import { redirectRefused, type Scene } from '../errors.js'
import { refusal } from '../hosts.js'
import { parseUrl, redactUrl } from '../redact.js'

const redirectStatuses = new Set([301, 302, 303, 307, 308])

/** What may cross to another host. A list of what may, because a secret can stand in a header of any name. */
const harmlessHeaders = new Set([
  'accept',
  'accept-encoding',
  'content-length',
  'content-type',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'range',
  'user-agent',
])

export interface Hop {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The request that a redirect asks for; `undefined` when the answer is not one that is followed: GET and HEAD follow all,
 * other methods only 307 and 308, which keep method and body. Throws `…_REDIRECT_REFUSED`.
 */
export function nextHop(
  hop: Hop,
  status: number,
  location: string | undefined,
  scene: Scene,
  applyScheme: (url: URL) => URL,
): Hop | undefined {
  const keepsMethod = status === 307 || status === 308
  const reading = hop.method === 'GET' || hop.method === 'HEAD'
  if (!redirectStatuses.has(status) || location === undefined || !(reading || keepsMethod)) return undefined
  const target = parseUrl(location, hop.url)
  if (target === undefined) {
    throw redirectRefused(scene, redactUrl(hop.url), 'an address that is none', 'it is not a URL')
  }
  const url = applyScheme(target)
  checkTarget(hop.url, url, scene)
  const plain = new URL(url)
  plain.username = plain.password = plain.hash = ''
  return {
    url: plain,
    method: hop.method,
    headers: plain.origin === hop.url.origin ? hop.headers : withoutSecrets(hop.headers),
  }
}

/** Throws `…_REDIRECT_REFUSED` for an address that a server named and that must not be followed. */
export function checkTarget(from: URL, to: URL, scene: Scene): void {
  const reason = refusal(from, to)
  if (reason !== undefined) throw redirectRefused(scene, redactUrl(from), redactUrl(to), reason)
}

function withoutSecrets(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => harmlessHeaders.has(name)))
}
