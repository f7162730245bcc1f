import { isRopewayError, type Descriptor, type HttpResponse, type RopewayError } from '@ropeway/core'
import { digestMismatch, isDigest } from '@ropeway/oci'
import { refused } from '../errors.js'
import { discard } from '../http/exchange.js'
import { hasBlob } from './blobs.js'
import { chunkSize, pushChunked } from './chunked.js'
import { call, readAnswer, sceneOf, type RegistryCore } from './core.js'
import { hasCode } from '../error-text.js'
import {
  cancelUpload,
  finishingAddress,
  isBrokenSession,
  startUpload,
  tryMount,
  uploadAnswers,
  uploadCall,
  type Session,
  type Upload,
} from './sessions.js'
import { watchSource, type UploadStream } from './upload-stream.js'

/** What is learnt of a host while pushing to it. */
export interface PushMemory {
  /** Blobs of this size and more are sent in chunks, because one long request was refused. */
  chunkFrom: number
}

export function createPushMemory(): PushMemory {
  return { chunkFrom: Infinity }
}

/** Hosts that take a blob in one request only: in parts they refuse it, or keep the last part. */
const wholeOnly = /(^|\.)(ghcr\.io|gcr\.io|pkg\.dev)(:\d+)?$/

/**
 * `Registry.pushBlob`: mounts where the registry agrees, else sends the blob in one request. A failure starts over with a
 * new session and a new stream, after asking whether the blob came through after all. A registry that refuses a long
 * request is sent chunks from then on. What the source throws is thrown as it is.
 */
export async function pushBlob(
  core: RegistryCore,
  memory: PushMemory,
  descriptor: Descriptor,
  open: () => AsyncIterable<Uint8Array>,
  options: {
    readonly repository: string
    readonly mountFrom?: string | undefined
    readonly signal?: AbortSignal | undefined
  },
): Promise<'sent' | 'mounted'> {
  const { repository, mountFrom, signal } = options
  const upload: Upload = { repository, digest: descriptor.digest, size: descriptor.size, signal }
  const source = watchSource(open, descriptor)
  const mounted = mountFrom === undefined ? undefined : await tryMount(core, upload, mountFrom)
  if (mounted === 'mounted') return 'mounted'
  let session = mounted
  let breaks = 0
  for (let attempt = 1; ; attempt += 1) {
    try {
      const opened = session ?? (await startUpload(core, upload))
      await send(core, memory, upload, opened, source, { attempt, breaks })
      return 'sent'
    } catch (error) {
      signal?.throwIfAborted()
      const failure = source.failure()
      if (failure !== undefined) throw failure.error
      if (!isRopewayError(error) || !error.temporary || attempt >= core.http.retry.attempts) throw error
      if (error.code.endsWith('_UNREACHABLE')) breaks += 1
      await core.http.pause(uploadCall(core, upload).about, attempt, error.message, signal, waitOf(core, error))
      session = undefined
      // The answer may be all that was lost.
      if (await hasBlob(core, repository, descriptor, signal)) return 'sent'
    }
  }
}

/** What the registry asked for, when that is not more than is waited for. */
function waitOf(core: RegistryCore, error: RopewayError): number | undefined {
  if (error.retryAfter === undefined) return undefined
  if (error.retryAfter > core.http.retry.retryAfterCap) throw error
  return error.retryAfter
}

interface Tries {
  /** Counted from 1. */
  readonly attempt: number
  /** How often the connection broke. */
  readonly breaks: number
}

async function send(
  core: RegistryCore,
  memory: PushMemory,
  upload: Upload,
  session: Session,
  source: UploadStream,
  { attempt, breaks }: Tries,
): Promise<void> {
  const mayChunk = upload.size > chunkSize && !wholeOnly.test(core.host)
  // Two breaks of a long request and none of the short ones are more than chance.
  const chunked = mayChunk && (upload.size >= memory.chunkFrom || breaks >= 2)
  if (chunked) return finish(core, memory, upload, await pushChunked(core, upload, session, source), true, attempt)
  const response = await pushWhole(core, upload, session, source)
  if (response.status !== 413 || !mayChunk) return finish(core, memory, upload, response, false, attempt)
  await discard(response)
  await cancelUpload(core, upload, session)
  const again = await pushChunked(core, upload, await startUpload(core, upload), source)
  return finish(core, memory, upload, again, true, attempt)
}

function pushWhole(core: RegistryCore, upload: Upload, session: Session, source: UploadStream): Promise<HttpResponse> {
  return call(core, {
    ...uploadCall(core, upload),
    method: 'PUT',
    target: finishingAddress(session, upload.digest),
    headers: { 'content-length': String(upload.size), 'content-type': 'application/octet-stream' },
    body: () => source.stream(),
    attempts: 1,
    unlimited: true,
    accept: uploadAnswers,
  })
}

/** Throws unless the registry took the blob: temporary errors start over, others are the end. */
async function finish(
  core: RegistryCore,
  memory: PushMemory,
  upload: Upload,
  response: HttpResponse,
  chunked: boolean,
  attempt: number,
): Promise<void> {
  const scene = sceneOf(core, uploadCall(core, upload))
  if (response.status >= 200 && response.status < 300) {
    await discard(response)
    checkDigest(core, upload, response)
    if (chunked) memory.chunkFrom = Math.min(memory.chunkFrom, upload.size)
    return
  }
  const answer = await readAnswer(response)
  // Damaged on its way once; twice, it is the registry or the content.
  const damaged = attempt === 1 && hasCode(answer.text, 'DIGEST_INVALID', 'SIZE_INVALID')
  throw refused(scene, `blob ${upload.digest}`, answer, {
    temporary: damaged || isBrokenSession(answer.status, answer.text),
    hint:
      answer.status === 413 ? 'a proxy before the registry limits the size of requests: raise its limit' : undefined,
  })
}

function checkDigest(core: RegistryCore, upload: Upload, response: HttpResponse): void {
  const told = response.headers['docker-content-digest'] ?? ''
  const comparable = isDigest(told) && told.split(':', 1)[0] === upload.digest.split(':', 1)[0]
  if (comparable && told !== upload.digest) {
    throw digestMismatch(upload.digest, told, { side: core.role, about: uploadCall(core, upload).about })
  }
}

/** `Registry.mount`. */
export async function mountBlob(
  core: RegistryCore,
  repository: string,
  descriptor: Descriptor,
  from: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const upload: Upload = { repository, digest: descriptor.digest, size: descriptor.size, signal }
  const result = await tryMount(core, upload, from)
  if (result === 'mounted') return true
  if (result !== undefined) await cancelUpload(core, upload, result)
  return false
}
