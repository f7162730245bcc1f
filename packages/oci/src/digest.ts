import { createHash, type Hash } from 'node:crypto'
import { digestInvalid, digestUnsupported, type Subject } from './errors.js'

/** The algorithms that can be computed, with the number of hexadecimal digits of their digests. */
const algorithms = { sha256: 64, sha512: 128 } as const
export type DigestAlgorithm = keyof typeof algorithms

export interface ParsedDigest {
  readonly algorithm: DigestAlgorithm
  readonly encoded: string
}

function isAlgorithm(text: string): text is DigestAlgorithm {
  return Object.hasOwn(algorithms, text)
}

/**
 * Splits `algorithm:hex` (image-spec, descriptor.md, Digests).
 * Throws `DIGEST_UNSUPPORTED` for algorithms other than sha256 and sha512, `DIGEST_INVALID` for what is no digest.
 */
export function parseDigest(text: string, subject?: Subject): ParsedDigest {
  const colon = text.indexOf(':')
  const algorithm = text.slice(0, Math.max(colon, 0))
  const encoded = text.slice(colon + 1)
  if (!/^[a-z0-9]+(?:[+._-][a-z0-9]+)*$/.test(algorithm) || !/^[a-zA-Z0-9=_-]+$/.test(encoded)) {
    throw digestInvalid(text, subject)
  }
  if (!isAlgorithm(algorithm)) throw digestUnsupported(algorithm, text, subject)
  if (encoded.length !== algorithms[algorithm] || !/^[a-f0-9]+$/.test(encoded)) throw digestInvalid(text, subject)
  return { algorithm, encoded }
}

/** Whether the text is a digest that can be verified. */
export function isDigest(text: string): boolean {
  const [algorithm = '', encoded = '', ...rest] = text.split(':')
  return (
    rest.length === 0 &&
    isAlgorithm(algorithm) &&
    encoded.length === algorithms[algorithm] &&
    /^[a-f0-9]+$/.test(encoded)
  )
}

/** A running hash. `digest()` may be asked at any time and again; `copy()` goes on apart from this one. */
export interface Digester {
  /** Bytes hashed so far. */
  readonly size: number
  update(bytes: Uint8Array): void
  digest(): string
  copy(): Digester
}

/** A digester with the algorithm of `digest`, which may also be an algorithm's name. Throws `DIGEST_UNSUPPORTED`. */
export function createDigester(digest: string = 'sha256'): Digester {
  const algorithm = digest.split(':', 1)[0] ?? ''
  if (!isAlgorithm(algorithm)) throw digestUnsupported(algorithm, digest)
  return digesterOf(algorithm, createHash(algorithm), 0)
}

function digesterOf(algorithm: DigestAlgorithm, hash: Hash, hashed: number): Digester {
  let size = hashed
  return {
    get size() {
      return size
    },
    update(bytes) {
      hash.update(bytes)
      size += bytes.byteLength
    },
    digest: () => `${algorithm}:${hash.copy().digest('hex')}`,
    copy: () => digesterOf(algorithm, hash.copy(), size),
  }
}

/** `sha256:…` of the bytes. */
export function sha256(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
