import { constraintInvalid } from '../errors.js'
import { type Comparator, makeComparator, matches } from './comparator.js'
import type { Version } from './version.js'

/** A version constraint as Helm reads it: groups of comparators, of which one group has to be satisfied as a whole. */
export interface Constraint {
  /** As written. */
  readonly text: string
  readonly groups: readonly Group[]
}

interface Group {
  readonly comparators: readonly Comparator[]
  /** Pre-releases count in this group, because one of its comparators names one. */
  readonly prereleases: boolean
}

/** Longer texts are refused: no constraint needs more, and every character costs time. */
const longest = 1024

const blank = '[\\t\\n\\f\\r ]'
const identifiers = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*'
const number = '[0-9xX*|]+'
const operand = `v?${number}(?:\\.${number}){0,2}(?:-${identifiers})?(?:\\+${identifiers})?`
const hyphenRange = new RegExp(`${blank}*(${operand})${blank}+-${blank}+(${operand})${blank}*`, 'g')
const comparator = new RegExp(
  `(!=|>=|=>|<=|=<|~>|[=<>~^]|)${blank}*` +
    `v?(${number})(?:\\.(${number}))?(?:\\.(${number}))?(?:-(${identifiers}))?(?:\\+(${identifiers}))?`,
  'y',
)
const separator = new RegExp(`${blank}*,${blank}*|${blank}+`, 'y')
const blanks = new RegExp(`${blank}*`, 'y')

/**
 * Reads a constraint: comparators with `=`, `!=`, `>`, `>=`, `<`, `<=`, `~`, `^`, wildcards and `1.2 - 1.4`, joined by comma
 * or blank (and) and `||` (or). Throws `CONSTRAINT_INVALID`.
 */
export function parseConstraint(text: string): Constraint {
  if (text.length > longest) throw constraintInvalid(text)
  const expanded = text.replace(hyphenRange, (_, low: string, high: string) => `>= ${low}, <= ${high} `)
  return { text, groups: expanded.split('||').map((part) => parseGroup(part, text)) }
}

/**
 * Whether a version satisfies a constraint. A pre-release satisfies only a group in which some comparator names a
 * pre-release; `>=1.0.0-0` therefore admits 2.0.0-rc.1.
 */
export function satisfies(version: Version, constraint: Constraint): boolean {
  return constraint.groups.some(
    (group) =>
      (version.prerelease === '' || group.prereleases) &&
      group.comparators.every((comparator) => matches(comparator, version)),
  )
}

function parseGroup(part: string, text: string): Group {
  const comparators: Comparator[] = []
  let position = end(blanks, part, 0) ?? 0
  for (;;) {
    comparator.lastIndex = position
    const match = comparator.exec(part)
    const made = match === null ? undefined : makeComparator(pieces(match))
    if (made === undefined) throw constraintInvalid(text)
    comparators.push(made)
    position = comparator.lastIndex
    if (end(blanks, part, position) === part.length) break
    const next = end(separator, part, position)
    if (next === undefined) throw constraintInvalid(text)
    position = next
  }
  return { comparators, prereleases: comparators.some(({ version }) => version.prerelease !== '') }
}

function pieces(match: RegExpExecArray) {
  const [, operator = '', major = '', minor, patch, prerelease, metadata] = match
  return { operator, major, minor, patch, prerelease, metadata }
}

/** Where a match of a sticky expression at `position` ends. */
function end(expression: RegExp, text: string, position: number): number | undefined {
  expression.lastIndex = position
  return expression.test(text) ? expression.lastIndex : undefined
}
