import { isIP } from 'node:net'
import { quoteRune } from '@ropeway/gotemplate'
import { compilePattern } from '../functions/regex.js'
import { hostName, parseUrl, type UrlParts } from '../functions/url.js'

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
  if (rest.endsWith('W')) return weeks(rest.slice(0, -1))
  const [days = '', clock, ...more] = rest.split('T')
  return (
    units(days, 'YMD') ??
    (clock === '' ? 'no time elements' : units(clock ?? '', 'HMS')) ??
    (more.length === 0 ? undefined : more[0] === '' ? 'no time elements' : 'more than one T')
  )
}

function weeks(digits: string): string | undefined {
  if (digits === '') return 'no number in week'
  return /^\d+$/.test(digits) ? undefined : 'invalid week'
}

function units(text: string, allowed: string): string | undefined {
  let [rest, left] = [text, allowed]
  while (rest !== '') {
    const digits = /^\d+/.exec(rest)?.[0]
    if (digits === undefined) return 'missing number'
    const unit = rest.charAt(digits.length)
    if (unit === '') return 'missing unit'
    if (!left.includes(unit)) return allowed.includes(unit) ? `unit '${unit}' out of order` : `invalid unit '${unit}'`
    left = left.slice(left.indexOf(unit) + 1)
    rest = rest.slice(digits.length + 1)
  }
  return undefined
}

function uri(value: string): string | undefined {
  return readUrl(value, ({ scheme }) => (scheme === '' ? 'relative url' : undefined))
}

function reference(value: string): string | undefined {
  return value.includes('\\') ? 'contains \\' : readUrl(value)
}

function readUrl(value: string, check: (parts: UrlParts) => string | undefined = () => undefined): string | undefined {
  try {
    const parts = parseUrl(value)
    return hostProblem(parts.host) ?? check(parts)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function hostProblem(host: string): string | undefined {
  const name = hostName(host)
  if (!name.includes(':')) return undefined
  if (!/\[.*\]/.test(host)) return 'ipv6 address not enclosed in brackets'
  const problem = ipv6(name)
  return problem === undefined ? undefined : `invalid ipv6 address: ${problem}`
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

/** A duration and a moment, in either order, or two moments. */
function period(value: string): string | undefined {
  const slash = value.indexOf('/')
  if (slash < 0) return 'missing slash'
  const [start, end] = [value.slice(0, slash), value.slice(slash + 1)]
  const problem = (text: string, side: string, mayLast: boolean): string | undefined => {
    const lasts = mayLast && text.startsWith('P')
    const found = lasts ? duration(text) : dateTime(text)
    return found === undefined ? undefined : `invalid ${side} ${lasts ? 'duration' : 'date-time'}: ${found}`
  }
  return problem(start, 'start', true) ?? problem(end, 'end', !start.startsWith('P'))
}

function semver(value: string): string | undefined {
  const [, before = '', build] = /^([^+]*)(?:\+(.*))?$/s.exec(value) ?? []
  const [, core = '', preRelease] = /^([^-]*)(?:-(.*))?$/s.exec(before) ?? []
  if (build === '') return 'build is empty'
  return (
    identifiers(build, 'build identifier', false) ??
    identifiers(preRelease, 'pre-release identifier', true) ??
    versionCore(core)
  )
}

function identifiers(text: string | undefined, name: string, numbers: boolean): string | undefined {
  for (const identifier of text?.split('.') ?? []) {
    if (identifier === '') return `${name} is empty`
    const wrong = /[^0-9A-Za-z-]/u.exec(identifier)?.[0]
    if (wrong !== undefined) return `invalid character ${quoteRune(wrong.codePointAt(0) ?? 0)} in ${name}`
    if (numbers && /^0\d+$/.test(identifier)) return 'pre-release numeric identifier starts with zero'
  }
  return undefined
}

function versionCore(text: string): string | undefined {
  const parts = text.split('.')
  if (parts.length !== 3) return 'versionCore must have 3 numbers separated by dot'
  for (const [at, name] of ['major', 'minor', 'patch'].entries()) {
    const part = parts[at] ?? ''
    if (part === '') return `${name} is empty`
    if (part.length > 1 && part.startsWith('0')) return `${name} starts with zero`
    if (!/^\d+$/.test(part)) return `${name} contains non-digit`
  }
  return undefined
}

/** Each part of the path has its own braces, which do not nest. Those that are escaped count where others are not. */
function uriTemplate(value: string): string | undefined {
  return readUrl(value, ({ path }) => {
    if (!/[{}]/.test(value)) return undefined
    for (const part of path.split('/')) {
      const braces = part.replace(/[^{}]/g, '').replaceAll('{}', '')
      if (braces === '{') return 'no matching closing brace'
      if (braces !== '') return 'nested curly braces'
    }
    return undefined
  })
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
  ['period', period],
  ['relative-json-pointer', relativePointer],
  ['semver', semver],
  ['time', time],
  ['uri', uri],
  ['uri-reference', reference],
  ['uri-template', uriTemplate],
  ['uuid', uuid],
])
