import { isRopewayError, type HttpResponse } from '@ropeway/core'
import { refused } from '../errors.js'
import { discard } from '../http/exchange.js'
import { call, readAnswer, sceneOf, type RegistryCore } from './core.js'
import {
  finishingAddress,
  isBrokenSession,
  locationOf,
  uploadAnswers,
  uploadCall,
  type Session,
  type Upload,
} from './sessions.js'
import { readInParts, type PartReader, type UploadStream } from './upload-stream.js'

/** Below what the registries cut off that are known to cut a long request. */
export const chunkSize = 16 * 1024 * 1024

/** How far an upload in chunks came. */
interface Progress {
  readonly session: Session
  readonly offset: number
}

/**
 * Sends a blob in chunks (distribution-spec, "Pushing a blob in chunks"). A chunk that breaks is sent again from where the
 * registry says that it stands, from a new stream of the source. Throws `SINK_REFUSED`, or a temporary error when the
 * upload has to start over.
 */
export async function pushChunked(
  core: RegistryCore,
  upload: Upload,
  session: Session,
  source: UploadStream,
): Promise<HttpResponse> {
  let progress: Progress = { session, offset: 0 }
  let reader = readInParts(source.stream())
  try {
    for (let failures = 0; progress.offset < upload.size;) {
      try {
        progress = await sendChunk(core, upload, progress, reader)
        failures = 0
      } catch (error) {
        const failure = source.failure()
        if (failure !== undefined) throw failure.error
        failures += 1
        if (!isRopewayError(error) || !error.temporary || failures >= core.http.retry.attempts) throw error
        await reader.close()
        await core.http.pause(uploadCall(core, upload).about, failures, error.message, upload.signal)
        progress = await whereItStands(core, upload, progress, error)
        reader = readInParts(source.stream())
        await reader.skip(progress.offset)
      }
    }
  } finally {
    await reader.close()
  }
  return call(core, {
    ...uploadCall(core, upload),
    method: 'PUT',
    target: finishingAddress(progress.session, upload.digest),
    headers: { 'content-length': '0', 'content-type': 'application/octet-stream' },
    attempts: 1,
    accept: uploadAnswers,
  })
}

async function sendChunk(
  core: RegistryCore,
  upload: Upload,
  { session, offset }: Progress,
  reader: PartReader,
): Promise<Progress> {
  const length = Math.min(Math.max(chunkSize, session.smallestChunk), upload.size - offset)
  const request = uploadCall(core, upload)
  const response = await call(core, {
    ...request,
    method: 'PATCH',
    target: session.location,
    headers: {
      'content-length': String(length),
      'content-range': `${offset}-${offset + length - 1}`,
      'content-type': 'application/octet-stream',
    },
    body: () => reader.part(length),
    repeatable: false,
    attempts: 1,
    unlimited: true,
    accept: [...uploadAnswers, 401],
  })
  if (response.status >= 200 && response.status < 300) {
    await discard(response)
    return { session: { ...session, location: locationOf(core, response, upload) }, offset: offset + length }
  }
  const answer = await readAnswer(response)
  // A token that ran out is renewed when the registry is asked how much it has.
  const temporary = answer.status === 401 || isBrokenSession(answer.status, answer.text)
  throw refused(sceneOf(core, request), `a part of ${upload.digest}`, answer, { temporary })
}

/** Asks the registry how much of the upload it has. What cannot be told ends this upload with the error that broke it. */
async function whereItStands(
  core: RegistryCore,
  upload: Upload,
  { session, offset }: Progress,
  cause: unknown,
): Promise<Progress> {
  const request = uploadCall(core, upload)
  const response = await call(core, {
    ...request,
    method: 'GET',
    target: session.location,
    attempts: 1,
    accept: uploadAnswers,
  })
  await discard(response)
  const last = /^(?:bytes=)?0-(\d+)$/.exec(response.headers['range'] ?? '')?.[1]
  if (response.status < 200 || response.status >= 300 || last === undefined) throw cause
  // `0-0` is said of an empty upload as well as of one byte; taking it for empty is right or found out at once.
  const stored = Number(last) === 0 ? 0 : Number(last) + 1
  if (stored < offset || stored > upload.size) throw cause
  const location = response.headers['location'] === undefined ? session.location : locationOf(core, response, upload)
  return { session: { ...session, location }, offset: stored }
}
