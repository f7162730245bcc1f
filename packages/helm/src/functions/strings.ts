import {
  FunctionError,
  byteLength,
  escapedByte,
  func,
  isAscii,
  joined,
  quote,
  sliceBytes,
  textOf,
  toBytes,
  type GoFunction,
  type Value,
} from '@ropeway/gotemplate'
import { connectedCase, lowerRune, pascalCase, upperRune } from './case-words.js'
import { textOfAny } from './convert.js'
import { abbreviate, wrapText } from './wrap.js'

const isSpace = (char: string): boolean =>
  /^[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/.test(char)
/** Whether a UTF-16 unit is white space for Go. */
function isSpaceCode(code: number): boolean {
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d)
  return isSpace(String.fromCharCode(code))
}

/** Go's `strings.TrimSpace`. */
export function trimSpace(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && isSpaceCode(text.charCodeAt(start))) start++
  while (end > start && isSpaceCode(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function trimSet(text: string, set: string): string {
  const chars = [...text]
  const members = new Set(set)
  let [start, end] = [0, chars.length]
  while (start < end && members.has(chars[start] ?? '')) start++
  while (end > start && members.has(chars[end - 1] ?? '')) end--
  return chars.slice(start, end).join('')
}

function mapped(text: string, ascii: (text: string) => string, rune: (char: string) => string): string {
  if (isAscii(text)) return ascii(text)
  return Array.from(text, (char) => (escapedByte(char.codePointAt(0) ?? 0) === undefined ? rune(char) : '\ufffd')).join(
    '',
  )
}

const upper = (text: string): string => mapped(text, (ascii) => ascii.toUpperCase(), upperRune)
const lower = (text: string): string => mapped(text, (ascii) => ascii.toLowerCase(), lowerRune)

function isSeparator(char: string): boolean {
  if (char.length === 1 && char < '\x80') return !/^[0-9A-Za-z_]$/.test(char)
  return !/^[\p{L}\p{N}]$/u.test(char) && isSpace(char)
}

function title(text: string): string {
  let previous = ' '
  return Array.from(text, (char) => {
    const out = isSeparator(previous) ? upperRune(char) : char
    previous = char
    return out
  }).join('')
}

function untitle(text: string): string {
  let next = true
  return Array.from(text, (char) => {
    if (isSpace(char)) {
      next = true
      return char
    }
    const out = next ? lowerRune(char) : char
    next = false
    return out
  }).join('')
}

/** Works on bytes: the first one of a word becomes a character of its own. */
function initials(text: string): string {
  let gap = true
  let out = ''
  for (const byte of toBytes(text)) {
    const space = isSpaceCode(byte)
    if (gap && !space) out += String.fromCharCode(byte)
    gap = space
  }
  return out
}

function swapCase(text: string): string {
  return Array.from(text, (char) => {
    if (/^[\p{Lu}\p{Lt}]$/u.test(char)) return lowerRune(char)
    return /^\p{Ll}$/u.test(char) ? upperRune(char) : char
  }).join('')
}

/** Works on bytes, each of which becomes a character of its own as soon as one of them is left out. */
function noSpace(text: string): string {
  if (isAscii(text)) return text.replaceAll(/[\t-\r ]/g, '')
  const all = toBytes(text)
  const kept = [...all].filter((byte) => !isSpace(String.fromCharCode(byte)))
  return kept.length === all.length ? text : kept.map((byte) => String.fromCharCode(byte)).join('')
}

/** Go's `s[from:to]` with its panics. */
function cut(text: string, from: bigint | undefined, to: bigint | undefined): string {
  const length = BigInt(byteLength(text))
  if (to !== undefined && (to < 0n || to > length)) {
    throw new FunctionError(
      `runtime error: slice bounds out of range [:${String(to)}]${to < 0n ? '' : ` with length ${String(length)}`}`,
    )
  }
  const end = to ?? length
  const start = from ?? 0n
  if (start < 0n || start > end) {
    throw new FunctionError(
      `runtime error: slice bounds out of range [${String(start)}:${start < 0n ? '' : String(end)}]`,
    )
  }
  return sliceBytes(text, Number(start), Number(end))
}

function substring(start: bigint, end: bigint, text: string): string {
  if (start < 0n) return cut(text, undefined, end)
  if (end < 0n || end > BigInt(byteLength(text))) return cut(text, start, undefined)
  return cut(text, start, end)
}

function truncate(count: bigint, text: string): string {
  const length = BigInt(byteLength(text))
  if (count < 0n && length + count > 0n) return sliceBytes(text, Number(length + count), Number(length))
  return count >= 0n && length > count ? sliceBytes(text, 0, Number(count)) : text
}

const largest = 64 * 1024 * 1024

/** Go's `strings.Repeat`, within a limit of size. */
export function repeatText(text: string, count: bigint): string {
  if (count < 0n) throw new FunctionError('strings: negative Repeat count')
  if (count * BigInt(text.length) > BigInt(largest)) throw new FunctionError('strings: Repeat output length overflow')
  return text.repeat(Number(count))
}

/** Text with every line indented. */
export function indentText(spaces: bigint, text: string): string {
  const pad = repeatText(' ', spaces)
  const lines = text.split('\n')
  if (BigInt(lines.length) * spaces > BigInt(largest)) throw new FunctionError('strings: Repeat output length overflow')
  return pad + lines.join(`\n${pad}`)
}

function replace(old: string, replacement: string, text: string): string {
  if (old !== '') return joined(text.split(old).join(replacement))
  return `${replacement}${Array.from(text, (char) => char + replacement).join('')}`
}

function cat(values: readonly Value[]): string {
  const present = values.filter((value) => value !== null)
  return present.map((value) => textOf(value)).join(' ')
}

const present = (values: readonly Value[]): readonly Value[] => values.filter((value) => value !== null)
const text = { result: 'string' } as const
const truth = { result: 'bool' } as const

/** sprig's functions for text. */
export const stringFunctions: Readonly<Record<string, GoFunction>> = {
  trim: func('string', trimSpace, text),
  trimAll: func('string, string', (set, value) => trimSet(value, set), text),
  trimall: func('string, string', (set, value) => trimSet(value, set), text),
  trimPrefix: func(
    'string, string',
    (prefix, value) => (value.startsWith(prefix) ? value.slice(prefix.length) : value),
    text,
  ),
  trimSuffix: func(
    'string, string',
    (suffix, value) => (suffix !== '' && value.endsWith(suffix) ? value.slice(0, -suffix.length) : value),
    text,
  ),
  upper: func('string', upper, text),
  lower: func('string', lower, text),
  title: func('string', (value) => title(value.toWellFormed()), text),
  untitle: func('string', (value) => untitle(value.toWellFormed()), text),
  initials: func('string', initials, text),
  swapcase: func('string', (value) => swapCase(value.toWellFormed()), text),
  nospace: func('string', noSpace, text),
  repeat: func('int, string', (count, value) => repeatText(value, count), text),
  substr: func('int, int, string', substring, text),
  trunc: func('int, string', truncate, text),
  abbrev: func('int, string', (width, value) => (width < 4n ? value : abbreviate(value, 0, Number(width))), text),
  abbrevboth: func(
    'int, int, string',
    (left, right, value) =>
      right < 4n || (left > 0n && right < 7n) ? value : abbreviate(value, Number(left), Number(right)),
    text,
  ),
  wrap: func('int, string', (width, value) => wrapText(value, Number(width), '', false), text),
  wrapWith: func(
    'int, string, string',
    (width, separator, value) => wrapText(value, Number(width), separator, true),
    text,
  ),
  contains: func('string, string', (part, value) => value.includes(part), truth),
  hasPrefix: func('string, string', (part, value) => value.startsWith(part), truth),
  hasSuffix: func('string, string', (part, value) => value.endsWith(part), truth),
  replace: func('string, string, string', replace, text),
  cat: func('...any', (...values) => cat(values), text),
  indent: func('int, string', indentText, text),
  nindent: func('int, string', (spaces, value) => `\n${indentText(spaces, value)}`, text),
  plural: func('string, string, int', (one, many, count) => (count === 1n ? one : many), text),
  quote: func(
    '...any',
    (...values) =>
      present(values)
        .map((value) => quote(textOfAny(value)))
        .join(' '),
    text,
  ),
  squote: func(
    '...any',
    (...values) =>
      present(values)
        .map((value) => `'${textOf(value)}'`)
        .join(' '),
    text,
  ),
  snakecase: func('string', (value) => connectedCase(value, '_'), text),
  kebabcase: func('string', (value) => connectedCase(value, '-'), text),
  camelcase: func('string', (value) => pascalCase(value.toWellFormed()), text),
}
