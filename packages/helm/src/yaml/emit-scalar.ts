import { plainScalar } from './scalar.js'

/** What the emitter knows while it writes a scalar. */
export interface ScalarPlace {
  /** Columns that lie before the scalar on its line. */
  readonly column: number
  /** Indentation of lines that follow. */
  readonly indent: number
  readonly key: boolean
  /** The third version of Go's YAML: nothing is folded, and tabs do not forbid literal blocks. */
  readonly pretty: boolean
}

const simple = /^[A-Za-z_/][A-Za-z0-9_./@=+-]*(?: [A-Za-z0-9_./@=+-]+)*$/
const words = new Set(
  'y Y yes Yes YES on On ON n N no No NO off Off OFF true True TRUE false False FALSE null Null NULL'.split(' '),
)
const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/
const width = 80

/** A string as Go's YAML writes it. */
export function emitString(text: string, place: ScalarPlace): string {
  if (simple.test(text) && !words.has(text) && (place.key || place.column + text.length <= width)) return text
  if (text === '') return '""'
  const facts = analyse(text, place.pretty)
  const style = styleOf(text, facts, place.key)
  if (style === 'literal') return literal(text, place)
  const folds = !place.key && !place.pretty && place.column + text.length > width - 1
  if (style === 'double') return doubleQuoted(text, place, folds)
  if (!folds && !/[\x85\u2028\u2029]/.test(text)) return style === 'plain' ? text : `'${text.replaceAll("'", "''")}'`
  return folded(text, place, folds, style === 'single')
}

interface Facts {
  readonly plain: boolean
  readonly single: boolean
  readonly block: boolean
  readonly multiline: boolean
}

function styleOf(text: string, facts: Facts, key: boolean): 'plain' | 'single' | 'double' | 'literal' {
  if (text.includes('\n') && !key) return facts.block ? 'literal' : 'double'
  if (facts.multiline && key) return 'double'
  if (text.includes('\n') || (text !== '<<' && !isText(text))) return 'double'
  if (facts.plain) return 'plain'
  return facts.single ? 'single' : 'double'
}

/** Whether a plain scalar of this text is read back as text. */
export function isText(text: string): boolean {
  return typeof plainScalar(text) === 'string' && !base60.test(text) && !isTimestamp(text)
}

const timestamps = [
  /^(\d{4})-(\d{1,2})-(\d{1,2})$/,
  /^(\d{4})-(\d{1,2})-(\d{1,2})[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?(?:Z|[+-](\d\d):(\d\d))$/,
  /^(\d{4})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?$/,
]

function isTimestamp(text: string): boolean {
  return timestamps.some((pattern) => {
    const [, year, month, day, hour = 0, minute = 0, second = 0, zoneHour = 0, zoneMinute = 0] =
      pattern.exec(text)?.map((part: string | undefined) => Number(part ?? 0)) ?? []
    if (year === undefined || month === undefined || day === undefined) return false
    const february = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
    const length = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    if (length === undefined || day < 1 || day > length) return false
    return hour <= 23 && minute <= 59 && second <= 59 && zoneHour <= 24 && zoneMinute < 60
  })
}

const isBreak = (code: number): boolean =>
  code === 0x0a || code === 0x0d || code === 0x85 || code === 0x2028 || code === 0x2029

function isPrintable(code: number): boolean {
  if (code === 0x0a || (code >= 0x20 && code <= 0x7e)) return true
  return (code >= 0xa0 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff)
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09
const starters = '#,[]{}&*!|>\'"%@`'

function analyse(text: string, pretty: boolean): Facts {
  let indicator = text.startsWith('---') || text.startsWith('...')
  let special = false
  let tab = false
  let multiline = false
  let breakBlank = false
  let blankBreak = false
  let wasBlank = false
  let wasBreak = false
  let precededByBlank = true
  const last = text.length - 1
  for (let at = 0; at <= last; at++) {
    const code = text.charCodeAt(at)
    const endsWord = at === last || isBlank(text.charCodeAt(at + 1))
    if (at === 0) {
      if (starters.includes(text.charAt(0))) indicator = true
      else if ((code === 0x3f || code === 0x3a || code === 0x2d) && endsWord) indicator = true
    } else if ((code === 0x3a && endsWord) || (code === 0x23 && precededByBlank)) indicator = true
    if (code === 0x09) tab = true
    else if (!isPrintable(code)) special = true
    if (code === 0x20) {
      if (wasBreak) breakBlank = true
      wasBlank = true
      wasBreak = false
    } else if (isBreak(code)) {
      multiline = true
      if (wasBlank) blankBreak = true
      wasBlank = false
      wasBreak = true
    } else wasBlank = wasBreak = false
    precededByBlank = isBlank(code) || isBreak(code)
  }
  const first = text.charCodeAt(0)
  const end = text.charCodeAt(last)
  const edges = first === 0x20 || isBreak(first) || end === 0x20 || isBreak(end)
  const bare = special || tab
  return {
    plain: !(edges || breakBlank || blankBreak || bare || multiline || indicator),
    single: !(breakBlank || blankBreak || bare),
    block: !(end === 0x20 || blankBreak || special || (tab && !pretty)),
    multiline,
  }
}

function literal(text: string, { indent }: ScalarPlace): string {
  const first = text.charCodeAt(0)
  const hint = first === 0x20 || isBreak(first) ? '2' : ''
  const end = isBreak(text.charCodeAt(text.length - 1))
  const chomp = !end ? '-' : text.length === 1 || isBreak(text.charCodeAt(text.length - 2)) ? '+' : ''
  const margin = ' '.repeat(indent)
  const lines = text.split('\n')
  if (text.endsWith('\n')) lines.pop()
  const body = lines.map((line) =>
    line === '' ? '\n' : `\n${margin}${line.replaceAll(/[\u2028\u2029](?=.)/g, (found) => found + margin)}`,
  )
  return `|${hint}${chomp}${body.join('')}`
}

/** Plain or single-quoted, broken at blanks once the line is longer than it should be. */
function folded(text: string, place: ScalarPlace, folds: boolean, single: boolean): string {
  const line = `\n${' '.repeat(place.indent)}`
  let { column } = place
  let out = single ? "'" : ''
  column += out.length
  let wasBlank = false
  let wasBreak = false
  const chars = [...text]
  for (const [at, char] of chars.entries()) {
    const next = chars[at + 1]
    const inner = !single || (at > 0 && next !== undefined)
    if (char === ' ') {
      if (folds && !wasBlank && column > width && next !== ' ' && inner) {
        out += line
        column = place.indent
      } else {
        out += ' '
        column += 1
      }
      wasBlank = true
    } else if (isBreak(char.charCodeAt(0))) {
      out += char
      column = 0
      wasBreak = true
      wasBlank = false
      continue
    } else {
      if (wasBreak) {
        out += ' '.repeat(place.indent)
        column = place.indent
      }
      out += single && char === "'" ? "''" : char
      column += single && char === "'" ? 2 : 1
      wasBlank = false
    }
    wasBreak = false
  }
  return single ? `${out}'` : out
}

const escapes: Readonly<Record<number, string>> = {
  0: '0',
  7: 'a',
  8: 'b',
  9: 't',
  10: 'n',
  11: 'v',
  12: 'f',
  13: 'r',
  0x1b: 'e',
  0x22: '"',
  0x5c: '\\',
  0x85: 'N',
  0xa0: '_',
  0x2028: 'L',
  0x2029: 'P',
}

function escaped(code: number): string {
  const short = escapes[code]
  if (short !== undefined) return `\\${short}`
  const digits = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${digits.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`
}

/** A string in double quotes, on one line. */
export function quoteString(text: string): string {
  return doubleQuoted(text, { column: 0, indent: 0, key: true, pretty: true }, false)
}

function doubleQuoted(text: string, place: ScalarPlace, folds: boolean): string {
  // Go's emitter looks for a byte order mark at the start of the text whichever character it writes
  const all = text.startsWith('\ufeff')
  let out = '"'
  let column = place.column + 1
  let wasBlank = false
  const chars = [...text]
  for (const [at, char] of chars.entries()) {
    const code = char.codePointAt(0) ?? 0
    let written = char
    if (all || !isPrintable(code) || code === 0xfeff || isBreak(code) || code === 0x22 || code === 0x5c) {
      written = escaped(code)
      wasBlank = false
    } else if (char === ' ') {
      if (folds && !wasBlank && column > width && at > 0 && at < chars.length - 1) {
        out += `\n${' '.repeat(place.indent)}`
        column = place.indent
        written = chars[at + 1] === ' ' ? '\\' : ''
      }
      wasBlank = true
    } else wasBlank = false
    out += written
    column += written.length
  }
  return `${out}"`
}
