import {
  checkPrimeSync,
  createECDH,
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'
import { integer, pem, sequence } from './der.js'
import type { Entropy } from './entropy.js'

/** Keys that were made for a seed: making one takes long, and two renderings with one seed want the same. */
const made = new Map<string, string>()
const madeLimit = 200

function remembered(entropy: Entropy, kind: string, make: (entropy: Entropy) => string): string {
  if (entropy.seed === undefined) return make(entropy)
  const start = entropy.bytes(32)
  const name = `${kind} ${createHash('sha256').update(start).digest('hex')}`
  let key = made.get(name)
  if (key === undefined) {
    if (made.size >= madeLimit) made.clear()
    key = make(streamOf(start, entropy))
    made.set(name, key)
  }
  return key
}

function streamOf(start: Uint8Array, entropy: Entropy): Entropy {
  let block = Buffer.from(start)
  const bytes = (count: number): Uint8Array => {
    const parts: Buffer[] = []
    for (let size = 0; size < count; size += 32) {
      block = createHash('sha256').update(block).digest()
      parts.push(createHash('sha256').update('key').update(block).digest())
    }
    return Buffer.concat(parts).subarray(0, count)
  }
  return { ...entropy, bytes }
}

interface SmallPrimes {
  readonly primes: readonly bigint[]
  readonly product: bigint
}

let known: SmallPrimes | undefined

function smallPrimes(): SmallPrimes {
  if (known !== undefined) return known
  const found: number[] = []
  for (let number = 3; number < 2000; number += 2) if (found.every((prime) => number % prime !== 0)) found.push(number)
  const primes = found.map(BigInt)
  return (known = { primes, product: primes.reduce((product, prime) => product * prime, 1n) })
}

function isPrime(value: bigint): boolean {
  const { primes, product } = smallPrimes()
  const rest = value % product
  return primes.every((prime) => rest % prime !== 0n) && checkPrimeSync(value)
}

function randomBits(entropy: Entropy, bits: number): bigint {
  return BigInt(`0x${Buffer.from(entropy.bytes(bits / 8)).toString('hex')}`)
}

function prime(entropy: Entropy, bits: number): bigint {
  const top = 3n << BigInt(bits - 2)
  let candidate = randomBits(entropy, bits) | top | 1n
  while (!isPrime(candidate) || (candidate - 1n) % 65537n === 0n) candidate += 2n
  return candidate
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

/** An RSA key as PEM (PKCS #1). */
export function rsaKey(entropy: Entropy, bits: number): string {
  return remembered(entropy, `rsa ${String(bits)}`, (source) => {
    if (source.seed !== undefined) return seededRsa(source, bits)
    return exported(generateKeyPairSync('rsa', { modulusLength: bits }).privateKey, 'pkcs1')
  })
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
    let multiple = randomBits(source, 1792) | (3n << 1790n)
    while (!isPrime(multiple * 2n * q + 1n)) multiple += 1n
    const p = multiple * 2n * q + 1n
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
