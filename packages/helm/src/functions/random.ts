import { FunctionError, contextFunc, type CallContext, type GoFunction } from '@ropeway/gotemplate'
import { randomBelow, type Entropy } from './entropy.js'
import type { FunctionHost } from './helm.js'

/** The randomness of the rendering that calls. */
export function entropyOf(context: CallContext): Entropy {
  return (context.host as FunctionHost).entropy
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const digits = '0123456789'
const ascii = String.fromCharCode(...Array.from({ length: 95 }, (_, at) => 32 + at))
const longest = 1_000_000n

function randomText(context: CallContext, alphabet: string, count: bigint): string {
  if (count <= 0n) return ''
  if (count > longest)
    throw new FunctionError(`${String(count)} random characters are more than the limit of ${String(longest)}`)
  const entropy = entropyOf(context)
  let out = ''
  while (BigInt(out.length) < count) out += alphabet.charAt(Number(randomBelow(entropy, BigInt(alphabet.length))))
  return out
}

function uuid(context: CallContext): string {
  const bytes = Buffer.from(entropyOf(context).bytes(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function shuffle(context: CallContext, text: string): string {
  const chars = [...text]
  for (let at = chars.length - 1; at > 0; at--) {
    const other = Number(randomBelow(entropyOf(context), BigInt(at + 1)))
    const [a = '', b = ''] = [chars[at], chars[other]]
    chars[at] = b
    chars[other] = a
  }
  return chars.join('')
}

function randomInteger(context: CallContext, low: bigint, high: bigint): bigint {
  if (high - low <= 0n) throw new FunctionError('invalid argument to Intn')
  return low + randomBelow(entropyOf(context), high - low)
}

function randomBytes(context: CallContext, count: bigint): string {
  if (count < 0n || count > longest) throw new FunctionError('runtime error: makeslice: len out of range')
  return Buffer.from(entropyOf(context).bytes(Number(count))).toString('base64')
}

const text = { result: 'string' } as const

/** sprig's functions that differ every time, or repeat under a seed. */
export const randomFunctions: Readonly<Record<string, GoFunction>> = {
  randAlphaNum: contextFunc('int', (context, count) => randomText(context, letters + digits, count), text),
  randAlpha: contextFunc('int', (context, count) => randomText(context, letters, count), text),
  randNumeric: contextFunc('int', (context, count) => randomText(context, digits, count), text),
  randAscii: contextFunc('int', (context, count) => randomText(context, ascii, count), text),
  randBytes: contextFunc('int', randomBytes, text),
  randInt: contextFunc('int, int', randomInteger, { result: 'int' }),
  shuffle: contextFunc('string', shuffle, text),
  uuidv4: contextFunc('', uuid, text),
}
