import { createCipheriv, createHash, randomBytes } from 'node:crypto'

/** Where a rendering takes randomness and time from. */
export interface Entropy {
  bytes(count: number): Uint8Array
  /** Milliseconds since 1970. */
  now(): number
  /** Names the seed; undefined when what comes out differs every time. */
  readonly seed: string | undefined
  /** How often this was asked before with the same word. */
  count(kind: string): number
}

function counter(): Entropy['count'] {
  const counts = new Map<string, number>()
  return (kind) => {
    const count = counts.get(kind) ?? 0
    counts.set(kind, count + 1)
    return count
  }
}

/** Real randomness, and the time that the caller gives. */
export function systemEntropy(now: () => number): Entropy {
  return { bytes: (count) => randomBytes(count), now, seed: undefined, count: counter() }
}

const seededTime = Date.UTC(2020, 0, 1)

/** The same sequence for the same seed, and one moment that time stands still at. */
export function seededEntropy(seed: string, now: number = seededTime): Entropy {
  const key = createHash('sha256').update(`ropeway render ${seed}`).digest()
  const stream = createCipheriv('aes-256-ctr', key, Buffer.alloc(16))
  return { bytes: (count) => stream.update(Buffer.alloc(count)), now: () => now, seed, count: counter() }
}

/** A number from 0 (inclusive) to `limit` (exclusive), all equally likely. */
export function randomBelow(entropy: Entropy, limit: bigint): bigint {
  const size = Math.ceil(limit.toString(16).length / 2) + 1
  const range = 256n ** BigInt(size)
  for (;;) {
    const value = BigInt(`0x${Buffer.from(entropy.bytes(size)).toString('hex')}`)
    if (value < range - (range % limit)) return value % limit
  }
}
