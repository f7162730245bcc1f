import { setTimeout } from 'node:timers/promises'
import type { Fault } from './fault.js'

/** What a body with a fault does instead of ending. */
export type Ending = 'whole' | 'broken' | 'hanging'

/** How the answer's body is changed, with the length it claims to have. */
export interface BodyPlan {
  readonly fault: Fault
  /** Byte at which it happens. */
  readonly place: number
}

/** The first `limit` bytes of a stream. */
async function* head(stream: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  let left = limit
  if (left <= 0) return
  for await (const chunk of stream) {
    yield chunk.subarray(0, left)
    left -= chunk.length
    if (left <= 0) return
  }
}

async function* corrupted(stream: AsyncIterable<Uint8Array>, place: number): AsyncGenerator<Uint8Array> {
  let position = 0
  for await (const chunk of stream) {
    const index = place - position
    position += chunk.length
    if (index < 0 || index >= chunk.length) {
      yield chunk
      continue
    }
    const changed = Uint8Array.from(chunk)
    changed[index] = (changed[index] ?? 0) ^ 1
    yield changed
  }
}

async function* slowed(
  stream: AsyncIterable<Uint8Array>,
  bytesPerSecond: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const piece = Math.max(Math.floor(bytesPerSecond / 20), 1)
  for await (const chunk of stream) {
    for (let offset = 0; offset < chunk.length; offset += piece) {
      const part = chunk.subarray(offset, offset + piece)
      await setTimeout((part.length / bytesPerSecond) * 1000, undefined, { signal })
      yield part
    }
  }
}

/** The body as the fault leaves it, and how it ends. */
export function damaged(
  stream: AsyncIterable<Uint8Array>,
  { fault, place }: BodyPlan,
  signal: AbortSignal,
): { readonly body: AsyncIterable<Uint8Array>; readonly ending: Ending } {
  switch (fault.type) {
    case 'drop':
      return { body: head(stream, place), ending: 'broken' }
    case 'truncate':
      return { body: head(stream, place), ending: 'whole' }
    case 'hang':
      return { body: head(stream, place), ending: 'hanging' }
    case 'corrupt':
      return { body: corrupted(stream, place), ending: 'whole' }
    case 'slow':
      return { body: slowed(stream, fault.bytesPerSecond, signal), ending: 'whole' }
    default:
      return { body: stream, ending: 'whole' }
  }
}
