import type { HttpRequest, HttpResponse } from '@ropeway/core'
import { credentialLabel } from '../credentials/credential.js'
import { credentialVariable } from '../credentials/names.js'
import { badResponse, forbidden, notFound, rateLimited, unauthorized, type Scene } from '../errors.js'
import { retryAfter } from './backoff.js'
import { readText } from './exchange.js'
import { redactUrl } from '../redact.js'
import { resumable } from './resume.js'
import type { HttpClient } from './types.js'

type DownloadRequest = HttpRequest & { readonly offset?: number | undefined; readonly end?: number | undefined }

/** Streams a file from `offset` to `end`; see `Http.download`. */
export async function* download(http: HttpClient, request: DownloadRequest): AsyncIterable<Uint8Array> {
  const scene: Scene = { role: request.role ?? 'source', about: redactUrl(request.url), operation: 'reading' }
  const release = await http.transfers(hostOf(request.url)).acquire(request.signal)
  try {
    yield* resumable(http, {
      scene,
      start: request.offset ?? 0,
      end: request.end,
      mayChange: true,
      signal: request.signal,
      async ask(range) {
        const headers = range === undefined ? request.headers : { ...request.headers, range }
        const response = await http.send({ ...request, headers, unlimited: true })
        if (response.status === 200 || response.status === 206 || response.status === 416) return response
        throw await downloadError(response, request, scene, http)
      },
    })
  } finally {
    release()
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : ''
}

async function downloadError(
  response: HttpResponse,
  request: DownloadRequest,
  scene: Scene,
  http: HttpClient,
): Promise<Error> {
  const answer = { status: response.status, url: response.url, text: await readText(response) }
  const host = hostOf(request.url)
  const used = request.credential
  const tried = [used === undefined ? 'anonymous' : credentialLabel(used)]
  const access = { host, variable: credentialVariable(host), tried }
  switch (response.status) {
    case 401:
      return unauthorized(scene, access, answer)
    case 403:
      return forbidden(scene, { ...access, action: `read ${answer.url}`, anonymous: used === undefined }, answer)
    case 404:
    case 410:
      return notFound(scene, `${answer.url} does not exist (${response.status})`)
    case 429:
      return rateLimited(
        scene,
        host,
        { wait: retryAfter(response.headers['retry-after'], http.clock.now()), hint: 'run again later' },
        answer,
      )
    default:
      return badResponse(scene, answer, 'did not send the file')
  }
}
