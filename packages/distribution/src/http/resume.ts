import { isRopewayError, type HttpResponse } from '@ropeway/core'
import { sizeMismatch } from '@ropeway/oci'
import { badResponse, contentChanged, type Scene } from '../errors.js'
import { discard } from './exchange.js'
import type { HttpClient } from './types.js'

export interface Transfer {
  readonly scene: Scene
  /** First byte wanted, and first byte not wanted when that is known. */
  readonly start: number
  readonly end?: number | undefined
  /** Size of the whole, when it is known; an answer that says otherwise ends the transfer. */
  readonly size?: number | undefined
  /** False for content that is named by its digest: it cannot change, and every mirror has its own ETag for it. */
  readonly mayChange: boolean
  readonly signal?: AbortSignal | undefined
  /** Asks for the content, from its first address and not from where an earlier answer was redirected. */
  ask(range: string | undefined): Promise<HttpResponse>
}

/**
 * Streams `start` to `end` and goes on where a connection broke: by `Range`, or by passing over what came before when the
 * server knows no ranges. Every progress starts the count of tries anew. `ask` must answer with 200, 206 or 416.
 */
export async function* resumable(
  http: Pick<HttpClient, 'retry' | 'pause'>,
  transfer: Transfer,
): AsyncIterable<Uint8Array> {
  const { scene, end, signal } = transfer
  let position = transfer.start
  let whole = transfer.size
  let version: string | undefined
  for (let failures = 0; end === undefined || position < end;) {
    const response = await transfer.ask(rangeOf(position, end, transfer.size))
    const placed = place(response, position, transfer)
    if (placed === 'end') return discard(response)
    if (whole !== undefined && placed.whole !== undefined && placed.whole !== whole) {
      await discard(response)
      throw transfer.size === undefined
        ? contentChanged(scene, response.url)
        : sizeMismatch(whole, String(placed.whole), { side: scene.role, about: scene.about })
    }
    whole ??= placed.whole
    if (transfer.mayChange) version = sameVersion(version, response, scene)
    const last = end ?? whole
    try {
      for await (const chunk of slice(response.body, position - placed.first, last && last - placed.first)) {
        position += chunk.byteLength
        failures = 0
        yield chunk
      }
      if (last === undefined || position >= last) return
    } catch (error) {
      if (!isRopewayError(error) || !error.temporary || failures + 1 >= http.retry.attempts) throw error
    }
    failures += 1
    if (failures >= http.retry.attempts) {
      throw sizeMismatch(last ?? 0, `only ${position}`, { side: scene.role, about: scene.about })
    }
    await http.pause(scene.about, failures, `the connection broke at byte ${position}`, signal)
  }
}

function rangeOf(position: number, end: number | undefined, size: number | undefined): string | undefined {
  if (position === 0 && (end === undefined || end === size)) return undefined
  return `bytes=${position}-${end === undefined ? '' : end - 1}`
}

interface Placed {
  /** Where in the whole the body begins. */
  readonly first: number
  readonly whole: number | undefined
}

function place(response: HttpResponse, position: number, { scene, end }: Transfer): Placed | 'end' {
  const range = parseContentRange(response.headers['content-range'])
  if (response.status === 416) {
    // Nothing is left when the whole ends where the next byte would be.
    if (end === undefined && range?.whole === position) return 'end'
    throw badResponse(scene, { ...response, text: '' }, `does not have byte ${position}`)
  }
  if (response.status === 200) return { first: 0, whole: lengthOf(response) }
  if (range?.first !== position) {
    throw badResponse(scene, { ...response, text: '' }, `sent another part than bytes from ${position}`)
  }
  return { first: position, whole: range.whole }
}

function lengthOf(response: HttpResponse): number | undefined {
  const text = response.headers['content-length']
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

function parseContentRange(
  value: string | undefined,
): { readonly first: number | undefined; readonly whole: number | undefined } | undefined {
  const match = /^bytes\s+(?:(\d+)-\d+|\*)\/(\d+|\*)$/i.exec(value?.trim() ?? '')
  if (match === null) return undefined
  const number = (text: string | undefined) => (text === undefined || text === '*' ? undefined : Number(text))
  return { first: number(match[1]), whole: number(match[2]) }
}

function sameVersion(known: string | undefined, response: HttpResponse, scene: Scene): string | undefined {
  // Another server behind the same name may tag the same file otherwise.
  const tag = response.headers['etag'] ?? response.headers['last-modified']
  const version = tag === undefined ? undefined : `${new URL(response.url).host} ${tag}`
  if (known !== undefined && version !== undefined && hostOf(known) === hostOf(version) && known !== version) {
    throw contentChanged(scene, response.url)
  }
  return known ?? version
}

function hostOf(version: string): string {
  return version.slice(0, version.indexOf(' '))
}

/** Bytes `from` to `to` of a stream; the rest of the stream is broken off. */
async function* slice(
  stream: AsyncIterable<Uint8Array>,
  from: number,
  to: number | undefined,
): AsyncIterable<Uint8Array> {
  let at = 0
  for await (const chunk of stream) {
    // Not at the end of the last chunk: a stream that is read to its end leaves its connection usable.
    if (to !== undefined && at >= to) return
    const begin = Math.max(from - at, 0)
    const stop = to === undefined ? chunk.byteLength : Math.min(to - at, chunk.byteLength)
    at += chunk.byteLength
    if (begin < stop) yield begin === 0 && stop === chunk.byteLength ? chunk : chunk.subarray(begin, stop)
  }
}
