import { createCipheriv, createHash, randomBytes, type Cipheriv } from 'node:crypto'

/** Where a rendering takes randomness and time from. */
export interface Entropy {
  bytes(count: number): Uint8Array
  /** Milliseconds since 1970. */
  now(): number
  /** Names the seed; undefined when what comes out differs every time. */
  readonly seed: string | undefined
  /** How often this was asked before with the same word. */
  count(kind: string): number
  /** The same for one file: under a seed what it takes does not depend on what others take. */
  of(name: string): Entropy
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
  const entropy: Entropy = {
    bytes: (count) => randomBytes(count),
    ...{ now, seed: undefined, count: counter() },
    of: () => entropy,
  }
  return entropy
}

const seededTime = Date.UTC(2020, 0, 1)

/** The same sequence for the same seed, and one moment that time stands still at. */
export function seededEntropy(seed: string, now: number = seededTime): Entropy {
  return sequence(`ropeway render ${seed}`, seed, now)
}

function sequence(start: string, seed: string, now: number): Entropy {
  let stream: Cipheriv | undefined
  const made = (): Cipheriv =>
    createCipheriv('aes-256-ctr', createHash('sha256').update(start).digest(), Buffer.alloc(16))
  return {
    bytes: (count) => (stream ??= made()).update(Buffer.alloc(count)),
    ...{ now: () => now, seed, count: counter() },
    of: (name) => sequence(`${start} ${name}`, seed, now),
  }
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
