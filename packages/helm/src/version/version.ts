import { versionInvalid } from '../errors.js'

/**
 * A version as Helm reads it: missing numbers are 0, a leading `v` and leading zeros are accepted (`v1.2`, `2024.01.05`).
 * The numbers are 64 bit wide, hence bigint.
 */
export interface Version {
  readonly major: bigint
  readonly minor: bigint
  readonly patch: bigint
  /** Without the hyphen; empty for a release. */
  readonly prerelease: string
  /** Build metadata without the plus; it takes no part in order. */
  readonly metadata: string
  /** As written. */
  readonly original: string
}

const identifiers = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*'
const loose = new RegExp(`^v?(\\d+)(?:\\.(\\d+))?(?:\\.(\\d+))?(?:-(${identifiers}))?(?:\\+(${identifiers}))?$`)
const strictNumbers = /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:[-+]|$)/
const largest = 2n ** 64n - 1n

/** Reads a version; throws `VERSION_INVALID`. */
export function parseVersion(text: string): Version {
  const version = tryVersion(text)
  if (version === undefined) throw versionInvalid(text)
  return version
}

/** Reads a version; `undefined` for what is none. */
export function tryVersion(text: string): Version | undefined {
  const match = loose.exec(text)
  if (match === null) return undefined
  const [major, minor, patch] = [match[1], match[2], match[3]].map((digits) => BigInt(digits ?? '0'))
  if (major === undefined || minor === undefined || patch === undefined) return undefined
  if (major > largest || minor > largest || patch > largest) return undefined
  const prerelease = match[4] ?? ''
  if (prerelease.split('.').some((part) => /^0\d+$/.test(part))) return undefined
  return { major, minor, patch, prerelease, metadata: match[5] ?? '', original: text }
}

/** True for a version that semver.org accepts: three numbers, no `v`, no leading zeros. Helm lists only such tags. */
export function isStrictVersion(text: string): boolean {
  return strictNumbers.test(text) && tryVersion(text) !== undefined
}

/** Orders two versions: negative when `a` is older. Build metadata does not count. */
export function compareVersions(a: Version, b: Version): number {
  return (
    order(a.major, b.major) ||
    order(a.minor, b.minor) ||
    order(a.patch, b.patch) ||
    comparePrereleases(a.prerelease, b.prerelease)
  )
}

/** Newest first; texts that are no versions go last, in their order. */
export function sortNewestFirst<T>(items: readonly T[], versionOf: (item: T) => string): T[] {
  const keyed = items.map((item) => ({ item, version: tryVersion(versionOf(item)) }))
  keyed.sort((a, b) => {
    if (a.version === undefined || b.version === undefined) return Number(!a.version) - Number(!b.version)
    return compareVersions(b.version, a.version)
  })
  return keyed.map(({ item }) => item)
}

function order<T extends bigint | string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function comparePrereleases(a: string, b: string): number {
  if (a === '' || b === '') return order(Number(a === ''), Number(b === ''))
  const left = a.split('.')
  const right = b.split('.')
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = compareParts(left[index], right[index])
    if (difference !== 0) return difference
  }
  return 0
}

function compareParts(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined)
  const [left, right] = [numeric(a), numeric(b)]
  if (left !== undefined && right !== undefined) return order(left, right)
  if (left === undefined && right === undefined) return order(a, b)
  return left === undefined ? 1 : -1
}

/** The number that a part is; more than 64 bits count as text. */
function numeric(part: string): bigint | undefined {
  if (!/^\d+$/.test(part)) return undefined
  const value = BigInt(part)
  return value > largest ? undefined : value
}
