import { type Version, compareVersions, tryVersion } from './version.js'

/** How much of a version a comparator gives: `1.2.3`, `1.2` or `1.2.x`, `1` or `1.x`, `*`. */
type Precision = 'patch' | 'minor' | 'major' | 'any'

type Operator = '=' | '!=' | '>' | '>=' | '<' | '<=' | '~' | '^'

/** One part of a constraint, such as `>=1.2`. */
export interface Comparator {
  readonly operator: Operator
  /** With 0 for what is not given. */
  readonly version: Version
  readonly precision: Precision
}

const spellings: Readonly<Record<string, Operator>> = { '': '=', '=>': '>=', '=<': '<=', '~>': '~' }

/** What stands in the text of one comparator, before any of it is checked. */
export interface ComparatorText {
  readonly operator: string
  readonly major: string
  readonly minor: string | undefined
  readonly patch: string | undefined
  readonly prerelease: string | undefined
  readonly metadata: string | undefined
}

/** Builds a comparator; `undefined` when its version is none. */
export function makeComparator(text: ComparatorText): Comparator | undefined {
  const precision = precisionOf(text)
  const numbers = {
    any: '0.0.0',
    major: `${text.major}.0.0`,
    minor: `${text.major}.${text.minor}.0`,
    patch: `${text.major}.${text.minor}.${text.patch}`,
  }[precision]
  const prerelease = text.prerelease === undefined ? '' : `-${text.prerelease}`
  const metadata = text.metadata === undefined || precision !== 'patch' ? '' : `+${text.metadata}`
  const version = tryVersion(numbers + prerelease + metadata)
  if (version === undefined) return undefined
  return { operator: spellings[text.operator] ?? (text.operator as Operator), version, precision }
}

/** Whether a version satisfies one comparator, pre-releases included. */
export function matches(comparator: Comparator, version: Version): boolean {
  return tests[comparator.operator](version, comparator)
}

type Test = (version: Version, comparator: Comparator) => boolean

const tests: Readonly<Record<Operator, Test>> = {
  '=': (v, c) => (c.precision === 'patch' ? compareVersions(v, c.version) === 0 : tilde(v, c)),
  '!=': differs,
  '>': greater,
  '>=': (v, c) => compareVersions(v, c.version) >= 0,
  '<': (v, c) => compareVersions(v, c.version) < 0,
  '<=': lessOrEqual,
  '~': tilde,
  '^': caret,
}

function differs(v: Version, c: Comparator): boolean {
  if (c.precision === 'major') return v.major !== c.version.major
  if (c.precision === 'minor') return !sameMinor(v, c.version) || v.prerelease !== c.version.prerelease
  return compareVersions(v, c.version) !== 0
}

function greater(v: Version, c: Comparator): boolean {
  if (c.precision === 'patch' || c.precision === 'any') return compareVersions(v, c.version) > 0
  if (v.major !== c.version.major) return v.major > c.version.major
  return c.precision === 'minor' && v.minor > c.version.minor
}

function lessOrEqual(v: Version, c: Comparator): boolean {
  if (c.precision === 'patch') return compareVersions(v, c.version) <= 0
  if (v.major !== c.version.major) return v.major < c.version.major
  return c.precision === 'major' || v.minor <= c.version.minor
}

function tilde(v: Version, c: Comparator): boolean {
  if (compareVersions(v, c.version) < 0) return false
  const wide = c.precision === 'any' || c.precision === 'patch'
  if (wide && c.version.major === 0n && c.version.minor === 0n && c.version.patch === 0n) return true
  return c.precision === 'major' ? v.major === c.version.major : sameMinor(v, c.version)
}

function caret(v: Version, c: Comparator): boolean {
  if (compareVersions(v, c.version) < 0 || v.major !== c.version.major) return false
  if (c.version.major > 0n || c.precision === 'major') return true
  if (v.minor !== c.version.minor) return false
  return c.version.minor > 0n || c.precision === 'minor' || v.patch === c.version.patch
}

function sameMinor(a: Version, b: Version): boolean {
  return a.major === b.major && a.minor === b.minor
}

function precisionOf(text: ComparatorText): Precision {
  if (isWildcard(text.major)) return 'any'
  if (text.minor === undefined || isWildcard(text.minor)) return 'major'
  return text.patch === undefined || isWildcard(text.patch) ? 'minor' : 'patch'
}

function isWildcard(part: string): boolean {
  return part === 'x' || part === 'X' || part === '*'
}
