import { createECDH, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { integer, pem, sequence } from './der.js'
import { seededEntropy, type Entropy } from './entropy.js'
import { primeFrom } from './primes.js'

/** Keys that were made for a seed: making one takes long, and renderings with one seed want the same. */
const made = new Map<string, string>()
const madeLimit = 200

/** The first, second … key of a kind is the same in all renderings with a seed, whatever else these take from it. */
function remembered(entropy: Entropy, kind: string, make: (entropy: Entropy) => string): string {
  const { seed } = entropy
  if (seed === undefined) return make(entropy)
  const name = `${kind} key ${String(entropy.count(kind))} of ${seed}`
  let key = made.get(name)
  if (key === undefined) {
    if (made.size >= madeLimit) made.clear()
    key = make(seededEntropy(name, entropy.now()))
    made.set(name, key)
  }
  return key
}

function randomBits(entropy: Entropy, bits: number): bigint {
  return BigInt(`0x${Buffer.from(entropy.bytes(bits / 8)).toString('hex')}`)
}

function prime(entropy: Entropy, bits: number): bigint {
  const top = 3n << BigInt(bits - 2)
  return primeFrom(randomBits(entropy, bits) | top | 1n, 2n, (found) => (found - 1n) % 65537n !== 0n)
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [r0, r1, t0, t1] = [modulus, value % modulus, 0n, 1n]
  while (r1 !== 0n) {
    const quotient = r0 / r1
    ;[r0, r1] = [r1, r0 - quotient * r1]
    ;[t0, t1] = [t1, t0 - quotient * t1]
  }
  return t0 < 0n ? t0 + modulus : t0
}

function seededRsa(entropy: Entropy, bits: number): string {
  const exponent = 65537n
  let [p, q] = [prime(entropy, bits / 2), prime(entropy, bits / 2)]
  if (p < q) [p, q] = [q, p]
  const d = inverse(exponent, (p - 1n) * (q - 1n))
  const numbers = [0n, p * q, exponent, d, p, q, d % (p - 1n), d % (q - 1n), inverse(q, p)]
  return pem('RSA PRIVATE KEY', sequence(...numbers.map(integer)))
}

/** Keys of a seed guard nothing, so they are no longer than this: the time that one takes grows with the fourth power of its length. */
const longestSeeded = 2048

/** An RSA key as PEM (PKCS #1); under a seed a shorter one is made in place of a very long one. */
export function rsaKey(entropy: Entropy, bits: number): string {
  if (entropy.seed === undefined)
    return exported(generateKeyPairSync('rsa', { modulusLength: bits }).privateKey, 'pkcs1')
  const length = Math.min(bits, longestSeeded)
  return remembered(entropy, `rsa ${String(length)}`, (source) => seededRsa(source, length))
}

function exported(key: KeyObject, type: 'pkcs1' | 'sec1' | 'pkcs8'): string {
  return key.export({ type, format: 'pem' }).toString()
}

function ecdsaKey(entropy: Entropy): string {
  const curve = createECDH('prime256v1')
  const secret = Buffer.from(entropy.bytes(32))
  // below the order of the curve, and not zero
  secret[0] = (secret[0] ?? 0) & 0x7f
  secret[31] = (secret[31] ?? 0) | 1
  curve.setPrivateKey(secret)
  const point = curve.getPublicKey()
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    d: secret.toString('base64url'),
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  }
  return exported(createPrivateKey({ key: jwk, format: 'jwk' }), 'sec1')
}

function ed25519Key(entropy: Entropy): string {
  const start = Buffer.from('302e020100300506032b657004220420', 'hex')
  return exported(
    createPrivateKey({ key: Buffer.concat([start, entropy.bytes(32)]), format: 'der', type: 'pkcs8' }),
    'pkcs8',
  )
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, factor, rest] = [1n, base % modulus, exponent]
  while (rest > 0n) {
    if ((rest & 1n) === 1n) result = (result * factor) % modulus
    factor = (factor * factor) % modulus
    rest >>= 1n
  }
  return result
}

function dsaKey(entropy: Entropy): string {
  return remembered(entropy, 'dsa', (source) => {
    const q = prime(source, 256)
    const p = primeFrom((randomBits(source, 1792) | (3n << 1790n)) * 2n * q + 1n, 2n * q)
    const g = power(2n, (p - 1n) / q, p)
    const x = (randomBits(source, 320) % (q - 1n)) + 1n
    return pem('DSA PRIVATE KEY', sequence(...[0n, p, q, g, power(g, x, p), x].map(integer)))
  })
}

/** A private key as PEM; a text that says so for a type that does not exist. */
export function privateKey(entropy: Entropy, type: string): string {
  switch (type) {
    case '':
    case 'rsa':
      return rsaKey(entropy, 4096)
    case 'dsa':
      return dsaKey(entropy)
    case 'ecdsa':
      return ecdsaKey(entropy)
    case 'ed25519':
      return ed25519Key(entropy)
    default:
      return `Unknown type ${type}`
  }
}
