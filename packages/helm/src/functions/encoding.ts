import { createHash } from 'node:crypto'
import { FunctionError, contextFunc, fromBytes, func, toBytes, type GoFunction } from '@ropeway/gotemplate'
import type { FunctionHost } from './helm.js'

const alphabet64 = /[A-Za-z0-9+/]/
const alphabet32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Decodes in Go's strict way, line breaks left out. Throws Go's message. */
export function decodeBase64(text: string): Uint8Array {
  const at = badBase64(text)
  if (at !== undefined) throw new FunctionError(`illegal base64 data at input byte ${String(at)}`)
  return Buffer.from(text.replaceAll(/[\r\n]/g, ''), 'base64')
}

/** The index of the first byte that Go's decoder stumbles over. */
function badBase64(text: string): number | undefined {
  let inGroup = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '\n' || char === '\r') continue
    if (char !== '=') {
      if (!alphabet64.test(char)) return at
      inGroup = (inGroup + 1) % 4
      continue
    }
    if (inGroup < 2) return at
    const rest = text.slice(at).replaceAll(/[\r\n]/g, '')
    const wanted = '='.repeat(4 - inGroup)
    if (rest === wanted) return undefined
    return rest.startsWith(wanted) ? text.length - rest.length + wanted.length : text.length
  }
  return inGroup === 0 ? undefined : text.length - inGroup
}

function encodeBase32(text: string): string {
  let bits = ''
  for (const byte of toBytes(text)) bits += byte.toString(2).padStart(8, '0')
  const groups = bits.match(/.{1,5}/g) ?? []
  const out = groups.map((group) => alphabet32[Number.parseInt(group.padEnd(5, '0'), 2)] ?? '').join('')
  return out.padEnd(Math.ceil(out.length / 8) * 8, '=')
}

function decodeBase32(text: string): string {
  const clean = text.replaceAll(/[\r\n]/g, '')
  const bad = [...clean.replace(/=+$/, '')].findIndex((char) => !alphabet32.includes(char))
  if (bad >= 0) return `illegal base32 data at input byte ${String(bad)}`
  if (clean.length % 8 !== 0) return `illegal base32 data at input byte ${String(clean.length - (clean.length % 8))}`
  const bits = Array.from(clean.replace(/=+$/, ''), (char) =>
    alphabet32.indexOf(char).toString(2).padStart(5, '0'),
  ).join('')
  const bytes = (bits.match(/.{8}/g) ?? []).map((group) => Number.parseInt(group, 2))
  return fromBytes(Uint8Array.from(bytes))
}

function orMessage(work: () => string): string {
  try {
    return work()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function adler32(text: string): string {
  let [a, b] = [1, 0]
  for (const byte of toBytes(text)) {
    a = (a + byte) % 65521
    b = (b + a) % 65521
  }
  return String(b * 65536 + a)
}

const hash = (algorithm: string) => (text: string) => createHash(algorithm).update(toBytes(text)).digest('hex')
const text = { result: 'string' } as const

/** A function whose input cannot be read off its output; the host is told of both. */
const reported = (name: string, encode: (value: string) => string): GoFunction =>
  contextFunc(
    'string',
    (context, input) => {
      const output = encode(input)
      ;(context.host as Partial<FunctionHost> | undefined)?.encoded?.({ function: name, input, output })
      return output
    },
    text,
  )

/** sprig's functions for encodings and checksums. Decoders give the message of an error as their result. */
export const encodingFunctions: Readonly<Record<string, GoFunction>> = {
  b64enc: func('string', (value) => Buffer.from(toBytes(value)).toString('base64'), text),
  b64dec: func('string', (value) => orMessage(() => fromBytes(decodeBase64(value))), text),
  b32enc: func('string', encodeBase32, text),
  b32dec: func('string', decodeBase32, text),
  sha1sum: reported('sha1sum', hash('sha1')),
  sha256sum: reported('sha256sum', hash('sha256')),
  sha512sum: reported('sha512sum', hash('sha512')),
  adler32sum: reported('adler32sum', adler32),
}
