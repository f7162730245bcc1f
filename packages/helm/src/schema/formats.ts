import { isIP } from 'node:net'
import { compilePattern } from '../functions/regex.js'

/** What is wrong with a text; undefined when nothing is. The messages are those of Helm's validator. */
type Format = (value: string) => string | undefined

function hostname(value: string): string | undefined {
  const name = value.replace(/\.$/, '')
  if (name.length > 253) return 'more than 253 characters long'
  for (const label of name.split('.')) {
    if (label.length < 1 || label.length > 63) return 'label must be 1 to 63 characters long'
    if (label.startsWith('-')) return 'label starts with hyphen'
    if (label.endsWith('-')) return 'label ends with hyphen'
    const wrong = /[^a-zA-Z0-9-]/u.exec(label)?.[0]
    if (wrong !== undefined) return `invalid character '${wrong}'`
  }
  return undefined
}

function email(value: string): string | undefined {
  if (value.length > 254) return 'more than 255 characters long'
  const at = value.lastIndexOf('@')
  if (at < 0) return 'missing @'
  const [local, domain] = [value.slice(0, at), value.slice(at + 1)]
  if (local.length > 64) return 'local part more than 64 characters long'
  if (local.length > 1 && local.startsWith('"') && local.endsWith('"')) {
    if (/[\\"]/.test(local.slice(1, -1))) return 'backslash and quote are not allowed within quoted local part'
  } else {
    if (local.startsWith('.')) return 'starts with dot'
    if (local.endsWith('.')) return 'ends with dot'
    if (local.includes('..')) return 'consecutive dots'
    const wrong = /[^a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]/u.exec(local)?.[0]
    if (wrong !== undefined) return `invalid character '${wrong}'`
  }
  const problem = hostname(domain)
  return problem === undefined ? undefined : `invalid domain: ${problem}`
}

function ipv4(value: string): string | undefined {
  const parts = value.split('.')
  if (parts.length !== 4) return 'expected four decimals'
  for (const part of parts) {
    if (part.length > 1 && part.startsWith('0')) return 'leading zeros'
    if (!/^\d+$/.test(part)) return `strconv.Atoi: parsing ${JSON.stringify(part)}: invalid syntax`
    if (Number(part) > 255) return 'decimal must be between 0 and 255'
  }
  return undefined
}

function ipv6(value: string): string | undefined {
  if (!value.includes(':')) return 'missing colon'
  return isIP(value) === 6 ? undefined : `ParseAddr(${JSON.stringify(value)}): unable to parse IP`
}

function date(value: string): string | undefined {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(value) ?? []
  if (year === '') return layoutProblem(value)
  if (Number(month) < 1 || Number(month) > 12) return `parsing time ${JSON.stringify(value)}: month out of range`
  const last = new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate()
  const fits = Number(day) >= 1 && Number(day) <= last
  return fits ? undefined : `parsing time ${JSON.stringify(value)}: day out of range`
}

/** Go's message for a date that has not the form of one. */
function layoutProblem(value: string): string {
  const pieces: readonly (readonly [RegExp, string])[] = [
    [/^\d{4}/, '2006'],
    [/^-/, '-'],
    [/^\d\d/, '01'],
    [/^-/, '-'],
    [/^\d\d/, '02'],
  ]
  let rest = value
  for (const [piece, shown] of pieces) {
    const found = piece.exec(rest)?.[0]
    if (found === undefined) {
      return `parsing time ${JSON.stringify(value)} as "2006-01-02": cannot parse ${JSON.stringify(rest)} as "${shown}"`
    }
    rest = rest.slice(found.length)
  }
  return `parsing time ${JSON.stringify(value)}: extra text: ${JSON.stringify(rest)}`
}

function time(value: string): string | undefined {
  if (value.length < 9) return 'less than 9 characters long'
  const [, hour, minute, second, rest = ''] = /^(\d\d):(\d\d):(\d\d)(.*)$/s.exec(value) ?? []
  if (hour === undefined) return 'missing colon in correct place'
  const [h, m, s] = [Number(hour), Number(minute), Number(second)]
  if (h > 23 || m > 59 || s > 60) return 'hour/min/sec out of range'
  const zone = rest.replace(/^\.\d+/, '')
  if (rest.startsWith('.') && zone === rest) return 'no digits in second fraction'
  return zoneProblem(zone, h * 60 + m, s)
}

function zoneProblem(zone: string, minutes: number, seconds: number): string | undefined {
  const [, sign, hours, rest] = /^([+-])(\d\d):(\d\d)$/.exec(zone) ?? []
  if (sign === undefined && !/^[zZ]$/.test(zone)) return 'offset must begin with plus/minus'
  const offset = sign === undefined ? 0 : (Number(hours) * 60 + Number(rest)) * (sign === '-' ? 1 : -1)
  if (Number(hours ?? 0) > 23 || Number(rest ?? 0) > 59) return 'hour/min in offset out of range'
  const utc = (((minutes + offset) % 1440) + 1440) % 1440
  return seconds === 60 && utc !== 1439 ? 'invalid leap second' : undefined
}

function dateTime(value: string): string | undefined {
  if (value.length < 20) return 'less than 20 characters long'
  if (!/[tT]/.test(value.charAt(10))) return '11th character must be t or T'
  const wrongDate = date(value.slice(0, 10))
  if (wrongDate !== undefined) return `invalid date element: ${wrongDate}`
  const wrongTime = time(value.slice(11))
  return wrongTime === undefined ? undefined : `invalid time element: ${wrongTime}`
}

function uuid(value: string): string | undefined {
  const wrong = /[^0-9a-fA-F-]/u.exec(value)?.[0]
  const elements = value.split('-')
  if (elements.length !== 5) return 'must have 5 elements'
  const lengths = [8, 4, 4, 4, 12]
  const at = lengths.findIndex((length, index) => elements[index]?.length !== length)
  if (at >= 0) return `element ${String(at + 1)} must be ${String(lengths[at])} characters long`
  return wrong === undefined ? undefined : `non-hex character '${wrong}'`
}

function duration(value: string): string | undefined {
  if (!value.startsWith('P')) return 'must start with P'
  const rest = value.slice(1)
  if (rest === '') return 'nothing after P'
  if (/^\d+W$/.test(rest)) return undefined
  const [days = '', clock] = rest.split(/T(.*)/s)
  if (clock === '') return 'no time elements'
  return units(days, 'YMD') ?? units(clock ?? '', 'HMS')
}

function units(text: string, allowed: string): string | undefined {
  let [rest, left] = [text, allowed]
  while (rest !== '') {
    const digits = /^\d+/.exec(rest)?.[0]
    if (digits === undefined) return 'missing number'
    const unit = rest.charAt(digits.length)
    if (unit === '') return 'missing unit'
    if (!left.includes(unit)) return `${allowed.includes(unit) ? 'unit out of order' : `invalid unit '${unit}'`}`
    left = left.slice(left.indexOf(unit) + 1)
    rest = rest.slice(digits.length + 1)
  }
  return undefined
}

function uri(value: string): string | undefined {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(value)) return reference(value)
  return 'relative url'
}

function reference(value: string): string | undefined {
  if (value.includes('\\')) return 'contains \\'
  const escape = /%(?![0-9a-fA-F]{2}).{0,2}/s.exec(value)?.[0]
  const problem = escape === undefined ? undefined : `invalid URL escape ${JSON.stringify(escape)}`
  if (problem !== undefined) return `parse ${JSON.stringify(value)}: ${problem}`
  return /^[^/]*:\/\/[^/]*\[[^\]]*$/.test(value) ? `parse ${JSON.stringify(value)}: missing ']' in host` : undefined
}

function pointer(value: string): string | undefined {
  if (value !== '' && !value.startsWith('/')) return 'not starting with /'
  return /~(?![01])/.test(value) ? '~ must be followed by 0 or 1' : undefined
}

function relativePointer(value: string): string | undefined {
  const digits = /^\d+/.exec(value)?.[0]
  if (digits === undefined) return 'must start with non-negative integer'
  if (digits.length > 1 && digits.startsWith('0')) return 'starts with zero'
  const rest = value.slice(digits.length)
  return rest === '#' ? undefined : pointer(rest)
}

function regex(value: string): string | undefined {
  try {
    compilePattern(value)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The formats that are checked, by their names; others allow everything. */
export const formats: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['date', date],
  ['date-time', dateTime],
  ['duration', duration],
  ['email', email],
  ['hostname', hostname],
  ['ipv4', ipv4],
  ['ipv6', ipv6],
  ['iri', uri],
  ['iri-reference', reference],
  ['json-pointer', pointer],
  ['regex', regex],
  ['relative-json-pointer', relativePointer],
  ['time', time],
  ['uri', uri],
  ['uri-reference', reference],
  ['uuid', uuid],
])
