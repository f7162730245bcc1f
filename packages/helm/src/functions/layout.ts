import { FunctionError, toBytes } from '@ropeway/gotemplate'

/** A moment with the zone that it is told in. */
export interface Moment {
  /** Nanoseconds since 1970. */
  readonly nanoseconds: bigint
  /** Minutes east of UTC. */
  readonly offset: number
  readonly zone: string
}

const months = 'January February March April May June July August September October November December'.split(' ')
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')

/** Go's reference time, piece by piece; longer pieces first. */
const pieces =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|002|__2|_2006|2006|_2|01|02|03|04|05|06|15|-07:00:00|-07:00|-070000|-0700|-07|Z07:00:00|Z07:00|Z070000|Z0700|Z07|PM|pm|[.,](?:0+|9+)(?!\d)|1|2|3|4|5/g

export interface DateFields {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
  readonly weekday: number
  readonly yearDay: number
}

const perSecond = 1_000_000_000n

/** The calendar's view of a moment, in its zone. */
export function fieldsOf({ nanoseconds, offset }: Moment): DateFields {
  const local = nanoseconds + BigInt(offset) * 60n * perSecond
  const fraction = ((local % perSecond) + perSecond) % perSecond
  const date = new Date(Number((local - fraction) / 1_000_000n))
  const year = date.getUTCFullYear()
  const start = new Date(0)
  start.setUTCFullYear(year, 0, 1)
  return {
    year,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    nanosecond: Number(fraction),
    weekday: date.getUTCDay(),
    yearDay: Math.floor((date.getTime() - start.getTime()) / 86_400_000) + 1,
  }
}

export const monthName = (month: number): string => months[month - 1] ?? ''
export const dayName = (weekday: number): string => days[weekday] ?? ''

const two = (value: number, fill = '0'): string => String(value).padStart(2, fill)

/** Go's `time.Format`. */
export function formatTime(moment: Moment, layout: string): string {
  const fields = fieldsOf(moment)
  return layout.replaceAll(pieces, (piece) => formatPiece(piece, fields, moment))
}

function formatPiece(piece: string, f: DateFields, moment: Moment): string {
  switch (piece) {
    case 'January':
      return monthName(f.month)
    case 'Jan':
      return monthName(f.month).slice(0, 3)
    case 'Monday':
      return dayName(f.weekday)
    case 'Mon':
      return dayName(f.weekday).slice(0, 3)
    case 'MST':
      return moment.zone
    case '2006':
      return String(f.year).padStart(4, '0')
    case '_2006':
      return `_${String(f.year).padStart(4, '0')}`
    case '06':
      return two(f.year % 100)
    case '01':
      return two(f.month)
    case '1':
      return String(f.month)
    case '02':
      return two(f.day)
    case '_2':
      return two(f.day, ' ')
    case '2':
      return String(f.day)
    case '002':
      return String(f.yearDay).padStart(3, '0')
    case '__2':
      return String(f.yearDay).padStart(3, ' ')
    case '15':
      return two(f.hour)
    case '03':
      return two(f.hour % 12 || 12)
    case '3':
      return String(f.hour % 12 || 12)
    case '04':
      return two(f.minute)
    case '4':
      return String(f.minute)
    case '05':
      return two(f.second)
    case '5':
      return String(f.second)
    case 'PM':
      return f.hour >= 12 ? 'PM' : 'AM'
    case 'pm':
      return f.hour >= 12 ? 'pm' : 'am'
    default:
      return /^[.,]/.test(piece) ? fraction(piece, f.nanosecond) : zoneOffset(piece, moment.offset)
  }
}

function fraction(piece: string, nanosecond: number): string {
  const digits = String(nanosecond)
    .padStart(9, '0')
    .slice(0, piece.length - 1)
  if (piece.includes('0')) return piece.charAt(0) + digits
  const kept = digits.replace(/0+$/, '')
  return kept === '' ? '' : piece.charAt(0) + kept
}

function zoneOffset(piece: string, offset: number): string {
  if (piece.startsWith('Z') && offset === 0) return 'Z'
  const size = Math.abs(offset)
  const [hours, minutes] = [two(Math.floor(size / 60)), two(size % 60)]
  const sign = offset < 0 ? '-' : '+'
  const form = piece.replace(/^[Z-]/, '')
  const seconds = form.length > 5 ? (form.includes(':') ? ':00' : '00') : ''
  if (form === '07') return sign + hours
  return sign + hours + (form.includes(':') ? ':' : '') + minutes + seconds
}

const patterns: Readonly<Record<string, string>> = {
  January: `(?:${months.join('|')})`,
  Jan: `(?:${months.map((name) => name.slice(0, 3)).join('|')})`,
  Monday: `(?:${days.join('|')})`,
  Mon: `(?:${days.map((name) => name.slice(0, 3)).join('|')})`,
  MST: '(?:[A-Z]{3,5}|[+-]\\d{2,4})',
  '2006': '\\d{4}',
  '06': '\\d{2}',
  '01': '\\d{2}',
  '1': '\\d{1,2}',
  '02': '\\d{2}',
  _2: ' ?\\d{1,2}',
  '2': '\\d{1,2}',
  '002': '\\d{3}',
  __2: ' {0,2}\\d{1,3}',
  '15': '\\d{2}',
  '03': '\\d{2}',
  '3': '\\d{1,2}',
  '04': '\\d{2}',
  '4': '\\d{1,2}',
  '05': '\\d{2}(?:[.,]\\d+)?',
  '5': '\\d{1,2}(?:[.,]\\d+)?',
  PM: '(?:AM|PM)',
  pm: '(?:am|pm)',
}

function patternOf(piece: string): string {
  const known = patterns[piece]
  if (known !== undefined) return known
  // nines may be left out
  if (/^[.,]/.test(piece)) return piece.includes('0') ? `[.,]\\d{${String(piece.length - 1)}}` : '(?:[.,]\\d+)?'
  const form = piece.includes(':') ? '[+-]\\d{2}:\\d{2}' : piece.endsWith('00') ? '[+-]\\d{4}' : '[+-]\\d{2}'
  return piece.startsWith('Z') ? `(?:Z|${form})` : form
}

/** Go's quoting of what is no time: everything but printable ASCII as bytes. */
export function quoteBytes(text: string): string {
  const bytes = Array.from(toBytes(text), (byte) => {
    if (byte < 0x20 || byte >= 0x80) return `\\x${byte.toString(16).padStart(2, '0')}`
    return byte === 0x22 || byte === 0x5c ? `\\${String.fromCharCode(byte)}` : String.fromCharCode(byte)
  })
  return `"${bytes.join('')}"`
}

function raise(error: Error): never {
  throw error
}

/** What stands behind a literal; undefined when it does not start the text. Any blanks stand for blanks, and for none at the end. */
function behindLiteral(text: string, literal: string): string | undefined {
  let rest = text
  for (const [part] of literal.matchAll(/ +|[^ ]+/g)) {
    const blank = part.startsWith(' ')
    if (blank ? rest !== '' && !rest.startsWith(' ') : !rest.startsWith(part)) return undefined
    rest = blank ? rest.replace(/^ +/, '') : rest.slice(part.length)
  }
  return rest
}

/** Go's `time.Parse`, in UTC unless the text says otherwise; throws Go's message. */
export function parseTime(layout: string, text: string): Moment {
  let date = {
    year: 0,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0n,
    offset: 0,
    zone: 'UTC',
    half: '',
  }
  let rest = text
  let from = 0
  const fail = (wanted: string): Error =>
    new FunctionError(
      `parsing time ${quoteBytes(text)} as ${quoteBytes(layout)}: cannot parse ${quoteBytes(rest)} as ${quoteBytes(wanted)}`,
    )
  for (const found of layout.matchAll(pieces)) {
    const literal = layout.slice(from, found.index)
    rest = behindLiteral(rest, literal) ?? raise(fail(literal))
    from = found.index + found[0].length
    const value = new RegExp(`^(?:${patternOf(found[0])})`).exec(rest)?.[0]
    if (value === undefined) throw fail(found[0])
    date = { ...date, ...readPiece(found[0], value) }
    rest = rest.slice(value.length)
  }
  const tail = layout.slice(from)
  rest = behindLiteral(rest, tail) ?? raise(fail(tail))
  if (rest !== '') throw new FunctionError(`parsing time ${quoteBytes(text)}: extra text: ${quoteBytes(rest)}`)
  checkRanges(date, text)
  const hour = date.half === '' ? date.hour : (date.hour % 12) + (date.half.toLowerCase() === 'pm' ? 12 : 0)
  const local = new Date(0)
  local.setUTCFullYear(date.year, date.month - 1, date.day)
  local.setUTCHours(hour, date.minute, date.second)
  const nanoseconds = BigInt(local.getTime()) * 1_000_000n + date.nanosecond - BigInt(date.offset) * 60n * perSecond
  return { nanoseconds, offset: date.offset, zone: date.zone }
}

function checkRanges(
  { year, month, day, hour, minute, second }: Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', number>,
  text: string,
): void {
  const fail = (what: string): Error => new FunctionError(`parsing time ${quoteBytes(text)}: ${what} out of range`)
  if (month < 1 || month > 12) throw fail('month')
  const last =
    new Date(Date.UTC(2000, month, 0)).getUTCDate() -
    (month === 2 && !(year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)) ? 1 : 0)
  if (day < 1 || day > last) throw fail('day')
  if (hour > 23) throw fail('hour')
  if (minute > 59) throw fail('minute')
  if (second > 59) throw fail('second')
}

function readPiece(piece: string, value: string): object {
  const number = Number(value)
  switch (piece) {
    case 'January':
    case 'Jan':
      return { month: months.findIndex((name) => name.startsWith(value)) + 1 }
    case '2006':
      return { year: number }
    case '06':
      return { year: number + (number >= 69 ? 1900 : 2000) }
    case '01':
    case '1':
      return { month: number }
    case '02':
    case '_2':
    case '2':
      return { day: number }
    case '15':
    case '03':
    case '3':
      return { hour: number }
    case '04':
    case '4':
      return { minute: number }
    case '05':
    case '5': {
      const [whole = '0', part = ''] = value.split(/[.,]/)
      return { second: Number(whole), ...(part === '' ? {} : { nanosecond: BigInt(part.padEnd(9, '0').slice(0, 9)) }) }
    }
    case 'PM':
    case 'pm':
      return { half: value }
    case 'MST':
      return { zone: value }
    default:
      return /^[.,]/.test(piece)
        ? { nanosecond: BigInt(value.slice(1).padEnd(9, '0').slice(0, 9)) }
        : readOffset(piece, value)
  }
}

function readOffset(piece: string, value: string): object {
  if (!/^(?:Z|-)0/.test(piece)) return {}
  if (value === 'Z') return { offset: 0, zone: 'UTC' }
  const [, sign = '+', hours = '0', minutes = '0'] = /^([+-])(\d{2}):?(\d{2})?/.exec(value) ?? []
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1)
  return { offset, zone: offset === 0 ? 'UTC' : '' }
}
