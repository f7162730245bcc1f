/** Blowfish's boxes are the binary digits of pi; computing them is shorter than writing them down. */
interface Boxes {
  readonly keys: Uint32Array
  readonly boxes: Uint32Array
}

const wordCount = 18 + 4 * 256
let digits: Uint32Array | undefined

function piWords(): Uint32Array {
  if (digits !== undefined) return digits
  const hex = piFraction(BigInt(wordCount * 32))
    .toString(16)
    .padStart(wordCount * 8, '0')
  digits = Uint32Array.from({ length: wordCount }, (_, at) => Number.parseInt(hex.slice(at * 8, at * 8 + 8), 16))
  return digits
}

/** The first bits of pi behind the point, by the series of the Chudnovsky brothers. */
function piFraction(bits: bigint): bigint {
  const guard = 64n
  const { q, t } = chudnovsky(0n, bits / 47n + 2n)
  const root = squareRoot(10005n << (2n * (bits + guard)))
  const pi = (q * 426880n * root) / t
  return (pi - (3n << (bits + guard))) >> guard
}

interface Sum {
  readonly p: bigint
  readonly q: bigint
  readonly t: bigint
}

function chudnovsky(from: bigint, to: bigint): Sum {
  if (to - from === 1n) {
    const k = from
    const p = k === 0n ? 1n : (6n * k - 5n) * (2n * k - 1n) * (6n * k - 1n)
    const q = k === 0n ? 1n : (k * k * k * 640320n ** 3n) / 24n
    const term = p * (13591409n + 545140134n * k)
    return { p, q, t: k % 2n === 0n ? term : -term }
  }
  const middle = (from + to) / 2n
  const [a, b] = [chudnovsky(from, middle), chudnovsky(middle, to)]
  return { p: a.p * b.p, q: a.q * b.q, t: a.t * b.q + a.p * b.t }
}

function squareRoot(value: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(value.toString(16).length * 2))
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

/** Encrypts the two halves of a block in place. */
function encrypt(block: Uint32Array, { keys, boxes }: Boxes): void {
  let left = block[0] ?? 0
  let right = block[1] ?? 0
  for (let round = 0; round < 16; round += 2) {
    left ^= keys[round] ?? 0
    right ^= mixed(boxes, left) ^ (keys[round + 1] ?? 0)
    left ^= mixed(boxes, right)
  }
  block[0] = right ^ (keys[17] ?? 0)
  block[1] = left ^ (keys[16] ?? 0)
}

function mixed(boxes: Uint32Array, word: number): number {
  const sum = ((boxes[word >>> 24] ?? 0) + (boxes[256 + ((word >>> 16) & 255)] ?? 0)) | 0
  return ((sum ^ (boxes[512 + ((word >>> 8) & 255)] ?? 0)) + (boxes[768 + (word & 255)] ?? 0)) | 0
}

function cyclicWords(bytes: Uint8Array, count: number): Uint32Array {
  let at = 0
  return Uint32Array.from({ length: count }, () => {
    let word = 0
    for (let part = 0; part < 4; part++) word = (word << 8) | (bytes[at++ % bytes.length] ?? 0)
    return word >>> 0
  })
}

function expand(state: Boxes, key: Uint32Array, salt: Uint32Array | undefined): void {
  const { keys, boxes } = state
  for (let at = 0; at < 18; at++) keys[at] = (keys[at] ?? 0) ^ (key[at] ?? 0)
  const block = new Uint32Array(2)
  let next = 0
  const fill = (target: Uint32Array): void => {
    for (let at = 0; at < target.length; at += 2) {
      if (salt !== undefined) {
        block[0] = (block[0] ?? 0) ^ (salt[next] ?? 0)
        block[1] = (block[1] ?? 0) ^ (salt[next + 1] ?? 0)
        next = (next + 2) % 4
      }
      encrypt(block, state)
      target[at] = block[0] ?? 0
      target[at + 1] = block[1] ?? 0
    }
  }
  fill(keys)
  fill(boxes)
}

const alphabet = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const standard = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

function encode(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('base64').replace(/=+$/, '')
  return Array.from(text, (char) => alphabet.charAt(standard.indexOf(char))).join('')
}

const magic = Buffer.from('OrpheanBeholderScryDoubt')

/** bcrypt in version `2a` of a password of at most 72 bytes with a salt of 16 bytes. */
export function bcryptHash(password: Uint8Array, salt: Uint8Array, cost = 10): string {
  const words = piWords()
  const state: Boxes = { keys: words.slice(0, 18), boxes: words.slice(18) }
  const key = cyclicWords(Buffer.concat([password, Buffer.of(0)]), 18)
  const saltKey = cyclicWords(salt, 18)
  expand(state, key, cyclicWords(salt, 4))
  for (let round = 0; round < 2 ** cost; round++) {
    expand(state, key, undefined)
    expand(state, saltKey, undefined)
  }
  const out = Buffer.alloc(24)
  const block = new Uint32Array(2)
  for (let at = 0; at < 24; at += 8) {
    block[0] = magic.readUInt32BE(at)
    block[1] = magic.readUInt32BE(at + 4)
    for (let round = 0; round < 64; round++) encrypt(block, state)
    out.writeUInt32BE(block[0] >>> 0, at)
    out.writeUInt32BE(block[1] >>> 0, at + 4)
  }
  return `$2a$${String(cost).padStart(2, '0')}$${encode(salt)}${encode(out.subarray(0, 23))}`
}
