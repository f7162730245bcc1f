import type { HttpResponse } from '@ropeway/core'
import { badResponse, notFound, refused } from '../errors.js'
import { checkTarget } from '../http/redirects.js'
import { discard } from '../http/exchange.js'
import { parseUrl } from '../redact.js'
import { call, nameOf, readAnswer, sceneOf, type Call, type RegistryCore } from './core.js'
import { hasCode } from '../error-text.js'

/** One upload, as it stands: where its next request goes. */
export interface Session {
  readonly location: URL
  /** Smallest size of a chunk that the registry takes, but for the last one; 0 when it did not say. */
  readonly smallestChunk: number
}

/** What an upload is about. */
export interface Upload {
  readonly repository: string
  readonly digest: string
  readonly size: number
  /** For errors, when it is about more than the blob. */
  readonly scene?: { readonly about: string; readonly operation: string } | undefined
  readonly signal?: AbortSignal | undefined
}

export function uploadCall(
  core: RegistryCore,
  { repository, digest, scene, signal }: Upload,
): Pick<Call, 'repository' | 'need' | 'about' | 'operation' | 'signal'> {
  return { repository, need: 'push', about: nameOf(core, repository, digest), operation: 'pushing', ...scene, signal }
}

/** Opens an upload. Throws `SINK_NOT_FOUND` when the repository must be created before. */
export async function startUpload(core: RegistryCore, upload: Upload): Promise<Session> {
  const request = uploadCall(core, upload)
  const response = await call(core, {
    ...request,
    method: 'POST',
    target: `/v2/${upload.repository}/blobs/uploads/`,
    headers: { 'content-length': '0' },
    accept: [201, 202, 404, 405],
  })
  if (response.status === 404 || response.status === 405) {
    const answer = await readAnswer(response)
    const scene = sceneOf(core, request)
    if (response.status === 405) {
      throw refused(scene, `an upload to ${core.host}`, answer, {
        hint: 'the registry takes no uploads: it may be read-only',
      })
    }
    throw notFound(scene, `${core.host} has no repository ${upload.repository} to push to`, {
      text: answer.text,
      hint: 'create the repository or project first; this registry does not create it on a push',
    })
  }
  await discard(response)
  return { location: locationOf(core, response, upload), smallestChunk: smallestChunk(response) }
}

function smallestChunk(response: HttpResponse): number {
  const text = response.headers['oci-chunk-min-length'] ?? ''
  return /^\d+$/.test(text) ? Number(text) : 0
}

/**
 * Tries to mount a blob from another repository of the registry: `'mounted'`, the session that the registry opened in its
 * place, or `undefined` when it wants none of it. Only an abort is thrown.
 */
export async function tryMount(
  core: RegistryCore,
  upload: Upload,
  from: string,
): Promise<'mounted' | Session | undefined> {
  try {
    const query = `mount=${encodeURIComponent(upload.digest)}&from=${encodeURIComponent(from)}`
    const response = await call(core, {
      ...uploadCall(core, upload),
      from,
      method: 'POST',
      target: `/v2/${upload.repository}/blobs/uploads/?${query}`,
      headers: { 'content-length': '0' },
      accept: [201, 202],
      attempts: 1,
    })
    await discard(response)
    if (response.status === 201) return 'mounted'
    return { location: locationOf(core, response, upload), smallestChunk: smallestChunk(response) }
  } catch {
    upload.signal?.throwIfAborted()
    return undefined
  }
}

/** Gives an upload up. Registries that keep it clean it up some day, so a failure is none. */
export async function cancelUpload(core: RegistryCore, upload: Upload, session: Session): Promise<void> {
  try {
    const request = uploadCall(core, upload)
    await discard(await call(core, { ...request, method: 'DELETE', target: session.location, attempts: 1 }))
  } catch {
    upload.signal?.throwIfAborted()
  }
}

/**
 * `Location` of an answer, whole: relative ones against the address that gave them, queries kept. A registry behind a
 * proxy may name itself with http:// although it was asked by https://; it is asked by https:// again.
 * Throws `…_BAD_RESPONSE` or `…_REDIRECT_REFUSED`.
 */
export function locationOf(core: RegistryCore, response: HttpResponse, upload: Upload): URL {
  const scene = sceneOf(core, uploadCall(core, upload))
  const asked = new URL(response.url)
  const text = response.headers['location']
  const location = text === undefined ? undefined : parseUrl(text, asked)
  if (location === undefined) {
    throw badResponse(
      scene,
      { status: response.status, url: response.url, text: '' },
      'opened an upload without saying where',
    )
  }
  const itself = location.hostname === asked.hostname && (location.port === asked.port || location.port === '')
  if (itself && asked.protocol === 'https:' && location.protocol === 'http:') {
    location.protocol = 'https:'
    location.port = asked.port
  }
  checkTarget(asked, location, scene)
  location.hash = ''
  return location
}

/** The address that finishes an upload. The query stays as it came: it may be signed. */
export function finishingAddress({ location }: Session, digest: string): URL {
  const joint = location.search === '' ? '?' : '&'
  return new URL(`${location.href}${joint}digest=${encodeURIComponent(digest)}`)
}

/**
 * Answers to an upload that its caller looks at. What is not among them is thrown as for every request: no permission,
 * too many requests.
 */
export const uploadAnswers: readonly number[] = Array.from({ length: 400 }, (_, index) => 200 + index).filter(
  (status) => ![401, 403, 429].includes(status),
)

/** Whether an answer to an upload says that it is to be begun again. */
export function isBrokenSession(status: number, text: string): boolean {
  if (status >= 500 || status === 404 || status === 408 || status === 416) return true
  return hasCode(text, 'BLOB_UPLOAD_INVALID', 'RANGE_INVALID')
}
