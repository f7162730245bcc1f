import { GoMap, GoSlice, listType, mapType, quoteRune, toBytes, type Value } from '@ropeway/gotemplate'

/** A text is no JSON; the message is Go's. */
export class JsonSyntaxError extends Error {}

const deepest = 1000

interface Reader {
  readonly text: string
  at: number
  depth: number
}

/** Reads one JSON value that is the whole text. Throws `JsonSyntaxError`. */
export function parseJson(text: string): Value {
  const reader: Reader = { text, at: 0, depth: 0 }
  const value = readValue(reader)
  skipBlank(reader)
  if (reader.at < text.length) throw invalid(reader, 'after top-level value')
  return value
}

/** Reads the JSON value that a text starts with. Throws `JsonSyntaxError`. */
export function parseJsonPrefix(text: string): { value: Value; length: number } {
  const reader: Reader = { text, at: 0, depth: 0 }
  const value = readValue(reader)
  return { value, length: reader.at }
}

function skipBlank(reader: Reader): void {
  while (' \t\r\n'.includes(reader.text.charAt(reader.at)) && reader.at < reader.text.length) reader.at += 1
}

const blank = 0x20

/** `ended`: Go reads a blank behind the end of a literal. */
function invalid(reader: Reader, where: string, ended?: number): JsonSyntaxError {
  const rune = reader.text.codePointAt(reader.at) ?? ended
  if (rune === undefined) return new JsonSyntaxError('unexpected end of JSON input')
  // Go looks at the first byte alone
  const byte = rune < 0x80 ? rune : (toBytes(String.fromCodePoint(rune))[0] ?? rune)
  const char = byte === 0x27 ? `'\\''` : byte === 0x22 ? `'"'` : quoteRune(byte)
  return new JsonSyntaxError(`invalid character ${char} ${where}`)
}

function readValue(reader: Reader): Value {
  skipBlank(reader)
  const char = reader.text.charAt(reader.at)
  if (char === '{' || char === '[') {
    reader.depth += 1
    if (reader.depth > deepest) throw new JsonSyntaxError('exceeded max depth')
    const value = char === '{' ? readObject(reader) : readArray(reader)
    reader.depth -= 1
    return value
  }
  if (char === '"') return readString(reader)
  if (char === '-' || (char >= '0' && char <= '9')) return readNumber(reader)
  if (char === 't') return readWord(reader, 'true', true)
  if (char === 'f') return readWord(reader, 'false', false)
  if (char === 'n') return readWord(reader, 'null', null)
  throw invalid(reader, 'looking for beginning of value')
}

function readWord(reader: Reader, word: string, value: Value): Value {
  for (const char of word) {
    if (reader.text.charAt(reader.at) !== char)
      throw invalid(reader, `in literal ${word} (expecting ${quoteRune(char.charCodeAt(0))})`, blank)
    reader.at += 1
  }
  return value
}

function readObject(reader: Reader): GoMap {
  const entries = new Map<string, Value>()
  reader.at += 1
  skipBlank(reader)
  if (reader.text.charAt(reader.at) === '}') {
    reader.at += 1
    return new GoMap(mapType, entries)
  }
  for (;;) {
    skipBlank(reader)
    if (reader.text.charAt(reader.at) !== '"') {
      throw invalid(reader, `looking for beginning of object key string`)
    }
    const key = readString(reader)
    skipBlank(reader)
    if (reader.text.charAt(reader.at) !== ':') throw invalid(reader, 'after object key')
    reader.at += 1
    entries.set(key, readValue(reader))
    skipBlank(reader)
    const next = reader.text.charAt(reader.at)
    if (next !== ',' && next !== '}') throw invalid(reader, 'after object key:value pair')
    reader.at += 1
    if (next === '}') return new GoMap(mapType, entries)
  }
}

function readArray(reader: Reader): GoSlice {
  const items: Value[] = []
  reader.at += 1
  skipBlank(reader)
  if (reader.text.charAt(reader.at) === ']') {
    reader.at += 1
    return new GoSlice(listType, items)
  }
  for (;;) {
    items.push(readValue(reader))
    skipBlank(reader)
    const next = reader.text.charAt(reader.at)
    if (next !== ',' && next !== ']') throw invalid(reader, 'after array element')
    reader.at += 1
    if (next === ']') return new GoSlice(listType, items)
  }
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y

/** What follows a number and begins a part of it that is not there: a decimal point, or an exponent. */
function brokenTail(text: string, next: string): string | undefined {
  if (/[eE]/.test(text)) return undefined
  return (text.includes('.') ? /^[eE][+-]?/ : /^(?:\.|[eE][+-]?)/).exec(next)?.[0]
}

function readNumber(reader: Reader): Value {
  number.lastIndex = reader.at
  const text = number.exec(reader.text)?.[0]
  if (text === undefined) {
    reader.at += 1
    throw invalid(reader, 'in numeric literal', blank)
  }
  reader.at += text.length
  const broken = brokenTail(text, reader.text.slice(reader.at, reader.at + 2))
  if (broken !== undefined) {
    reader.at += broken.length
    const where = broken.startsWith('.') ? 'after decimal point in numeric literal' : 'in exponent of numeric literal'
    throw invalid(reader, where, blank)
  }
  const value = Number(text)
  if (!Number.isFinite(value))
    throw new JsonSyntaxError(`json: cannot unmarshal number ${text} into Go value of type float64`)
  return value
}

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

function readString(reader: Reader): string {
  const { text } = reader
  let from = reader.at + 1
  let out = ''
  for (reader.at = from; ; reader.at++) {
    const code = text.charCodeAt(reader.at)
    if (Number.isNaN(code)) throw invalid(reader, '')
    if (code === 0x22) break
    if (code < 0x20) throw invalid(reader, 'in string literal')
    if (code !== 0x5c) continue
    out += text.slice(from, reader.at)
    out += readEscape(reader)
    from = reader.at + 1
  }
  out += text.slice(from, reader.at)
  reader.at += 1
  return out.toWellFormed()
}

function readEscape(reader: Reader): string {
  reader.at += 1
  const char = reader.text.charAt(reader.at)
  const simple = escapes[char]
  if (simple !== undefined) return simple
  if (char !== 'u') throw invalid(reader, 'in string escape code')
  for (let count = 0; count < 4; count++) {
    reader.at += 1
    if (!/^[0-9a-fA-F]$/.test(reader.text.charAt(reader.at)))
      throw invalid(reader, 'in \\u hexadecimal character escape')
  }
  return String.fromCharCode(Number.parseInt(reader.text.slice(reader.at - 3, reader.at + 1), 16))
}
