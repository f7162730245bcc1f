import { messageOf, type Context, type Credential, type HttpRequest } from '@ropeway/core'
import { collect, createDigester } from '@ropeway/oci'
import { fileChecksumMismatch } from './errors.js'

/** Larger files are never held in memory or in the content cache. */
export const smallFile = 64 * 1024 * 1024

export type UrlContext = Pick<Context, 'http' | 'cache' | 'credential' | 'signal' | 'log'>

/** What an address holds. `bytes` is there when it is small. */
export interface Fetched {
  readonly digest: string
  readonly size: number
  readonly bytes?: Uint8Array | undefined
}

/** An address without user and query, which may hold secrets: what people and locks are told. */
export function publicUrl(url: string): string {
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname}`
}

/** The file's name in an address, else the host. */
export function urlFileName(url: string): string {
  const { pathname, hostname } = new URL(url)
  const last = pathname.split('/').findLast((part) => part !== '') ?? hostname
  try {
    return decodeURIComponent(last).split(/[/\\]/).at(-1) ?? hostname
  } catch {
    return last
  }
}

export function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text)
}

/** Streams what an address holds, or a range of it. */
export async function* openUrl(
  url: string,
  context: Pick<UrlContext, 'http' | 'credential'>,
  options: { readonly offset?: number | undefined; readonly end?: number | undefined; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  yield* context.http.download({ ...(await requestFor(url, context)), ...options })
}

/** The request for an address. A user that the chain writes into the address comes before the credentials of its host. */
async function requestFor(
  url: string,
  context: Pick<UrlContext, 'credential'>,
): Promise<Pick<HttpRequest, 'url' | 'credential' | 'role'>> {
  const { host, username, password, origin, pathname, search } = new URL(url)
  const own: Credential = {
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    origin: 'the address in the chain',
  }
  const credential = username === '' ? await context.credential(host, 'source') : own
  return { url: `${origin}${pathname}${search}`, credential, role: 'source' }
}

/**
 * Pins what an address holds, reading it once; small content is kept in the cache. A large file whose checksum the chain
 * says is not read at all. Throws `FILE_CHECKSUM_MISMATCH`.
 */
export async function fetchUrl(url: string, expected: string | undefined, context: UrlContext): Promise<Fetched> {
  const digest = expected === undefined ? undefined : withAlgorithm(expected)
  if (digest !== undefined) {
    const cached = await context.cache.read(digest)
    if (cached !== undefined) return { digest, size: cached.byteLength, bytes: cached }
    const size = await announcedSize(url, context)
    if (size !== undefined && size > smallFile) return { digest, size }
  }
  const { bytes, ...pinned } = await readThrough(openUrl(url, context, { signal: context.signal }))
  if (digest !== undefined && digest !== pinned.digest) {
    throw fileChecksumMismatch(publicUrl(url), digest, pinned.digest)
  }
  if (bytes === undefined) return pinned
  await context.cache.write(pinned.digest, bytes)
  return { ...pinned, bytes }
}

export function withAlgorithm(checksum: string): string {
  return checksum.startsWith('sha256:') ? checksum : `sha256:${checksum}`
}

async function announcedSize(url: string, context: UrlContext): Promise<number | undefined> {
  const { signal } = context
  try {
    const request = await requestFor(url, context)
    const { status, headers, body } = await context.http.request({ ...request, method: 'HEAD', signal })
    await collect(body, 64 * 1024)
    const size = Number(headers['content-length'])
    return status === 200 && Number.isSafeInteger(size) && size > 0 ? size : undefined
  } catch (error) {
    context.signal.throwIfAborted()
    context.log.debug(`${publicUrl(url)} does not tell its size: ${messageOf(error)}`)
    return undefined
  }
}

/** Hashes a stream; its bytes are kept while they are few. */
async function readThrough(stream: AsyncIterable<Uint8Array>): Promise<Fetched> {
  const digester = createDigester()
  let chunks: Uint8Array[] | undefined = []
  for await (const chunk of stream) {
    digester.update(chunk)
    if (digester.size > smallFile) chunks = undefined
    chunks?.push(chunk)
  }
  return { digest: digester.digest(), size: digester.size, bytes: chunks && Buffer.concat(chunks) }
}
