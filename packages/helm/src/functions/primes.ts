import { checkPrimeSync } from 'node:crypto'

/** Odd primes below this are tried by division before the costly test: it leaves one candidate of nine. */
const smallLimit = 16_384

let known: readonly number[] | undefined

function smallPrimes(): readonly number[] {
  if (known !== undefined) return known
  const composite = new Uint8Array(smallLimit)
  const primes: number[] = []
  for (let number = 3; number < smallLimit; number += 2) {
    if (composite[number] === 1) continue
    primes.push(number)
    for (let multiple = number * number; multiple < smallLimit; multiple += 2 * number) composite[multiple] = 1
  }
  return (known = primes)
}

/** How many candidates are sieved at a time. */
const stretch = 2048

/**
 * The first prime among `start`, `start + step`, `start + 2 step` … that is fit; both numbers are far above the small primes, `start` is odd,
 * `step` even.
 */
export function primeFrom(start: bigint, step: bigint, fit: (prime: bigint) => boolean = () => true): bigint {
  for (let first = start; ; first += step * BigInt(stretch)) {
    const composite = sieved(first, step)
    for (let at = composite.indexOf(0); at >= 0; at = composite.indexOf(0, at + 1)) {
      const candidate = first + step * BigInt(at)
      if (fit(candidate) && checkPrimeSync(candidate)) return candidate
    }
  }
}

/** Which numbers of a stretch are multiples of small primes: 1 for those that are. */
function sieved(first: bigint, step: bigint): Uint8Array {
  const composite = new Uint8Array(stretch)
  for (const prime of smallPrimes()) {
    const rest = Number(first % BigInt(prime))
    const by = Number(step % BigInt(prime))
    if (by === 0) {
      if (rest === 0) composite.fill(1)
      continue
    }
    const next = ((prime - rest) * inverse(by, prime)) % prime
    for (let at = next; at < stretch; at += prime) composite[at] = 1
  }
  return composite
}

/** What a number has to be multiplied by to leave 1 when divided by a prime. */
function inverse(value: number, prime: number): number {
  let [r0, r1, t0, t1] = [prime, value, 0, 1]
  while (r1 !== 0) {
    const quotient = Math.floor(r0 / r1)
    ;[r0, r1] = [r1, r0 - quotient * r1]
    ;[t0, t1] = [t1, t0 - quotient * t1]
  }
  return t0 < 0 ? t0 + prime : t0
}
