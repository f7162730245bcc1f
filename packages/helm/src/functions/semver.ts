import {
  FunctionError,
  func,
  makePointer,
  method,
  pointerTo,
  structType,
  uint64,
  type GoFunction,
  type GoObject,
  type Value,
} from '@ropeway/gotemplate'
import { parseConstraint, satisfies } from '../version/constraint.js'
import { compareVersions, tryVersion, type Version } from '../version/version.js'

interface Native {
  readonly version: Version
  readonly jsonText: string
}

function versionOf(value: GoObject): Version {
  return (value.native as Native).version
}

function textOf({ major, minor, patch, prerelease, metadata }: Version): string {
  const numbers = `${String(major)}.${String(minor)}.${String(patch)}`
  return numbers + (prerelease === '' ? '' : `-${prerelease}`) + (metadata === '' ? '' : `+${metadata}`)
}

function parse(text: string): Version {
  const version = tryVersion(text)
  if (version === undefined) throw new FunctionError('invalid semantic version')
  return version
}

const number = { result: 'uint64' } as const
const text = { result: 'string' } as const
const methods = new Map<string, GoFunction>()

const versionType = structType('semver.Version', [], {
  methods,
  string: (value) => textOf(versionOf(value)),
  stringOnPointer: true,
})
const versionPointer = pointerTo(versionType)
const known = { types: { '*semver.Version': versionPointer, 'semver.Version': versionType } } as const

function increased(value: GoObject, part: 'major' | 'minor' | 'patch'): Value {
  const version = versionOf(value)
  const { major, minor, patch, prerelease } = version
  const next =
    part === 'major'
      ? { major: major + 1n, minor: 0n, patch: 0n }
      : part === 'minor'
        ? { major, minor: minor + 1n, patch: 0n }
        : { major, minor, patch: prerelease === '' ? patch + 1n : patch }
  return makeVersion({ ...version, ...next, prerelease: '', metadata: '' })
}

const compare = (a: GoObject, b: GoObject): number => Math.sign(compareVersions(versionOf(a), versionOf(b)))

for (const [name, implementation] of Object.entries({
  Major: method('', (value: GoObject) => uint64(versionOf(value).major), number),
  Minor: method('', (value: GoObject) => uint64(versionOf(value).minor), number),
  Patch: method('', (value: GoObject) => uint64(versionOf(value).patch), number),
  Prerelease: method('', (value: GoObject) => versionOf(value).prerelease, text),
  Metadata: method('', (value: GoObject) => versionOf(value).metadata, text),
  Original: method('', (value: GoObject) => versionOf(value).original, text),
  String: method('', (value: GoObject) => textOf(versionOf(value)), text),
  Compare: method('*semver.Version', (value: GoObject, other) => BigInt(compare(value, other)), {
    ...known,
    result: 'int',
  }),
  Equal: method('*semver.Version', (value: GoObject, other) => compare(value, other) === 0, {
    ...known,
    result: 'bool',
  }),
  LessThan: method('*semver.Version', (value: GoObject, other) => compare(value, other) < 0, {
    ...known,
    result: 'bool',
  }),
  GreaterThan: method('*semver.Version', (value: GoObject, other) => compare(value, other) > 0, {
    ...known,
    result: 'bool',
  }),
  LessThanEqual: method('*semver.Version', (value: GoObject, other) => compare(value, other) <= 0, {
    ...known,
    result: 'bool',
  }),
  GreaterThanEqual: method('*semver.Version', (value: GoObject, other) => compare(value, other) >= 0, {
    ...known,
    result: 'bool',
  }),
  IncMajor: method('', (value: GoObject) => increased(value, 'major')),
  IncMinor: method('', (value: GoObject) => increased(value, 'minor')),
  IncPatch: method('', (value: GoObject) => increased(value, 'patch')),
})) {
  methods.set(name, implementation)
}

function makeVersion(version: Version): GoObject {
  return makePointer(versionType, {}, { version, jsonText: textOf(version) } satisfies Native)
}

/** Whether a version satisfies a constraint; throws with the messages of the library that Helm uses. */
export function semverCompare(constraint: string, version: string): boolean {
  const parsed = constraintOf(constraint)
  return satisfies(parse(version), parsed)
}

function constraintOf(text: string) {
  try {
    return parseConstraint(text)
  } catch (error) {
    throw new FunctionError(`improper constraint: ${text}`, { cause: error })
  }
}

/** sprig's functions for semantic versions. */
export const semverFunctions: Readonly<Record<string, GoFunction>> = {
  semver: func('string', (value) => makeVersion(parse(value)), { ...known, result: '*semver.Version' }),
  semverCompare: func('string, string', semverCompare, { result: 'bool' }),
}
