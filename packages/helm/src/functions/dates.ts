import {
  GoNumber,
  GoObject,
  contextFunc,
  func,
  int64,
  makeStruct,
  method,
  structType,
  type CallContext,
  type GoFunction,
  type GoType,
  type Value,
} from '@ropeway/gotemplate'
import { durationText, parseDuration } from './duration.js'
import { dayName, fieldsOf, formatTime, monthName, parseTime, type Moment } from './layout.js'
import { entropyOf } from './random.js'

interface Native {
  readonly moment: Moment
  readonly jsonText: string
}

const text = { result: 'string' } as const
const integer = { result: 'int' } as const
const momentOf = (value: GoObject): Moment => (value.native as Native).moment
const methods = new Map<string, GoFunction>()

const timeType = structType('time.Time', [], {
  methods,
  string: (value) => formatTime(momentOf(value), '2006-01-02 15:04:05.999999999 -0700 MST'),
})
const known = { types: { 'time.Time': timeType } } as const

/** A number with a name, such as a month. */
function namedNumber(typeName: string, name: (value: number) => string): (value: number) => GoObject {
  const type: GoType = { ...structType(typeName, [], { string: (value) => name(Number(value.native)) }), kind: 'int' }
  return (value) => new GoObject(type, new Map(), BigInt(value))
}

const month = namedNumber('time.Month', monthName)
const weekday = namedNumber('time.Weekday', dayName)

/** A `time.Time`. */
export function makeTime(moment: Moment): GoObject {
  const jsonText = formatTime(moment, '2006-01-02T15:04:05.999999999Z07:00')
  return makeStruct(timeType, {}, { moment, jsonText } satisfies Native)
}

function addDate(value: GoObject, years: bigint, months: bigint, days: bigint): GoObject {
  const moment = momentOf(value)
  const fields = fieldsOf(moment)
  const date = new Date(0)
  date.setUTCFullYear(fields.year + Number(years), fields.month - 1 + Number(months), fields.day + Number(days))
  const start = new Date(0)
  start.setUTCFullYear(fields.year, fields.month - 1, fields.day)
  return makeTime({
    ...moment,
    nanoseconds: moment.nanoseconds + BigInt(date.getTime() - start.getTime()) * 1_000_000n,
  })
}

const seconds = (value: GoObject): bigint => {
  const { nanoseconds } = momentOf(value)
  return (nanoseconds - (((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n)) / 1_000_000_000n
}
const field = (name: 'year' | 'day' | 'hour' | 'minute' | 'second' | 'nanosecond' | 'yearDay') =>
  method('', (value: GoObject) => BigInt(fieldsOf(momentOf(value))[name]), integer)

for (const [name, implementation] of Object.entries({
  Year: field('year'),
  Month: method('', (value: GoObject) => month(fieldsOf(momentOf(value)).month)),
  Day: field('day'),
  Hour: field('hour'),
  Minute: field('minute'),
  Second: field('second'),
  Nanosecond: field('nanosecond'),
  YearDay: field('yearDay'),
  Weekday: method('', (value: GoObject) => weekday(fieldsOf(momentOf(value)).weekday)),
  Unix: method('', (value: GoObject) => int64(seconds(value)), { result: 'int64' }),
  UnixMilli: method('', (value: GoObject) => int64(momentOf(value).nanoseconds / 1_000_000n), { result: 'int64' }),
  UnixNano: method('', (value: GoObject) => int64(momentOf(value).nanoseconds), { result: 'int64' }),
  Format: method('string', (value: GoObject, layout) => formatTime(momentOf(value), layout), text),
  String: method('', (value: GoObject) => formatTime(momentOf(value), '2006-01-02 15:04:05.999999999 -0700 MST'), text),
  UTC: method('', (value: GoObject) => makeTime({ ...momentOf(value), offset: 0, zone: 'UTC' }), {
    ...known,
    result: 'time.Time',
  }),
  AddDate: method('int, int, int', addDate, { ...known, result: 'time.Time' }),
})) {
  methods.set(name, implementation)
}

function now(context: CallContext): Moment {
  return { nanoseconds: BigInt(Math.trunc(entropyOf(context).now())) * 1_000_000n, offset: 0, zone: 'UTC' }
}

function unix(count: bigint): Moment {
  return { nanoseconds: count * 1_000_000_000n, offset: 0, zone: 'UTC' }
}

/** A time, or seconds since 1970; everything else is now. */
function momentFrom(context: CallContext, value: Value): Moment {
  if (value instanceof GoObject && value.type === timeType) return momentOf(value)
  if (typeof value === 'bigint') return unix(value)
  if (value instanceof GoNumber && typeof value.value === 'bigint' && /^int(?:32|64)$/.test(value.type.kind))
    return unix(value.value)
  return now(context)
}

/** The moment as told in a zone; one that does not exist is UTC. */
function inZone(moment: Moment, zone: string): Moment {
  const utc = { ...moment, offset: 0, zone: 'UTC' }
  if (zone === '' || zone === 'UTC' || zone === 'Local') return utc
  try {
    const date = new Date(Number(moment.nanoseconds / 1_000_000n))
    const part = (style: 'longOffset' | 'short'): string =>
      new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: style })
        .formatToParts(date)
        .find(({ type }) => type === 'timeZoneName')?.value ?? ''
    const [, sign = '+', hours = '0', minutes = '0'] = /GMT([+-])(\d{2}):(\d{2})/.exec(part('longOffset')) ?? []
    const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1)
    return { ...moment, offset, zone: zoneNames[zone] ?? shortName(part('short'), sign, hours, minutes) }
  } catch {
    return utc
  }
}

/** Names of zones that differ from what the runtime calls them in English, where no summer time changes them. */
const zoneNames: Readonly<Record<string, string>> = {
  'Asia/Tokyo': 'JST',
  'Asia/Shanghai': 'CST',
  'Asia/Hong_Kong': 'HKT',
  'Asia/Seoul': 'KST',
  'Asia/Kolkata': 'IST',
  'Asia/Calcutta': 'IST',
  'Europe/Moscow': 'MSK',
  'Africa/Johannesburg': 'SAST',
}

function shortName(name: string, sign: string, hours: string, minutes: string): string {
  if (!/^GMT[+-]/.test(name)) return name
  return `${sign}${hours}${minutes === '00' ? '' : minutes}`
}

function toDate(layout: string, value: string, strict: boolean): GoObject {
  try {
    return makeTime(parseTime(layout, value))
  } catch (error) {
    if (strict) throw error
    return makeTime({ nanoseconds: -62135596800n * 1_000_000_000n, offset: 0, zone: 'UTC' })
  }
}

function modified(duration: string, value: Value, strict: boolean): Value {
  if (!(value instanceof GoObject)) return value
  const moment = momentOf(value)
  try {
    return makeTime({ ...moment, nanoseconds: moment.nanoseconds + parseDuration(duration) })
  } catch (error) {
    if (strict) throw error
    return value
  }
}

function durationOf(value: Value): bigint {
  if (typeof value === 'string') return /^[+-]?\d+$/.test(value) ? BigInt(value) * 1_000_000_000n : 0n
  return value instanceof GoNumber && value.type.kind === 'int64' ? BigInt(value.value) * 1_000_000_000n : 0n
}

function ago(context: CallContext, value: Value): string {
  const since = now(context).nanoseconds - momentFrom(context, value).nanoseconds
  const rounded = ((since < 0n ? since - 500_000_000n : since + 500_000_000n) / 1_000_000_000n) * 1_000_000_000n
  return durationText(rounded)
}

const second = 1_000_000_000n
const scales = [
  ['y', 31_536_000n],
  ['mo', 2_592_000n],
  ['d', 86_400n],
  ['h', 3600n],
  ['m', 60n],
  ['s', 1n],
] as const

function durationRound(context: CallContext, value: Value): string {
  const size = roundedSize(context, value)
  for (const [unit, count] of scales) if (size > count * second) return `${String(size / (count * second))}${unit}`
  return '0s'
}

function roundedSize(context: CallContext, value: Value): bigint {
  const parse = (duration: string): bigint => {
    try {
      return parseDuration(duration)
    } catch {
      return 0n
    }
  }
  const size =
    typeof value === 'string'
      ? parse(value)
      : value instanceof GoObject && value.type === timeType
        ? now(context).nanoseconds - momentOf(value).nanoseconds
        : value instanceof GoNumber && value.type.kind === 'int64'
          ? BigInt(value.value)
          : 0n
  return size < 0n ? -size : size
}

const time = { ...known, result: 'time.Time' } as const
const format = (context: CallContext, layout: string, value: Value, zone: string): string =>
  formatTime(inZone(momentFrom(context, value), zone), layout)

/** sprig's functions for dates; the local zone is UTC. */
export const dateFunctions: Readonly<Record<string, GoFunction>> = {
  now: contextFunc('', (context) => makeTime(now(context)), time),
  date: contextFunc('string, any', (context, layout, value) => format(context, layout, value, 'UTC'), text),
  dateInZone: contextFunc('string, any, string', format, text),
  date_in_zone: contextFunc('string, any, string', format, text),
  htmlDate: contextFunc('any', (context, value) => format(context, '2006-01-02', value, 'UTC'), text),
  htmlDateInZone: contextFunc(
    'any, string',
    (context, value, zone) => format(context, '2006-01-02', value, zone),
    text,
  ),
  dateModify: func('string, time.Time', (duration, value) => modified(duration, value, false), time),
  date_modify: func('string, time.Time', (duration, value) => modified(duration, value, false), time),
  mustDateModify: func('string, time.Time', (duration, value) => modified(duration, value, true), time),
  must_date_modify: func('string, time.Time', (duration, value) => modified(duration, value, true), time),
  toDate: func('string, string', (layout, value) => toDate(layout, value, false), time),
  mustToDate: func('string, string', (layout, value) => toDate(layout, value, true), time),
  unixEpoch: func('time.Time', (value) => String(seconds(value as GoObject)), { ...known, result: 'string' }),
  ago: contextFunc('any', ago, text),
  duration: func('any', (value) => durationText(durationOf(value)), text),
  durationRound: contextFunc('any', durationRound, text),
}
