import { RopewayError, messageOf } from '@ropeway/core'

/**
 * A chart archive (.tgz) is damaged, hostile, too large for Helm, or no archive at all. The message says which entry.
 * Fetch it again; when it stays so, tell whoever publishes the chart.
 */
export function archiveInvalid(about: string, problem: string, cause?: unknown): RopewayError {
  return new RopewayError({
    code: 'ARCHIVE_INVALID',
    side: 'source',
    operation: 'reading a chart archive',
    message: `the chart archive ${about} cannot be used: ${problem}`,
    about,
    hint: 'fetch it with helm and run `helm lint` on it; a chart archive is what `helm package` makes',
    cause,
  })
}

/**
 * A local chart declares dependencies that are not in its charts/ folder, so it could not be installed. Fetch them before
 * the chart is packed.
 */
export function dependenciesMissing(about: string, missing: readonly string[]): RopewayError {
  return new RopewayError({
    code: 'CHART_DEPENDENCIES_MISSING',
    side: 'source',
    operation: 'packing a chart',
    message: `the chart ${about} declares dependencies that its charts/ folder lacks: ${missing.join(', ')}`,
    about,
    hint: 'run `helm dependency build` in its folder',
  })
}

/**
 * A chart's Chart.yaml is missing something that Helm requires, or cannot be read. Helm refuses such a chart too; correct
 * its Chart.yaml.
 */
export function chartInvalid(about: string, problem: string): RopewayError {
  return new RopewayError({
    code: 'CHART_INVALID',
    side: 'source',
    operation: 'reading a chart',
    message: `the chart ${about} is invalid: ${problem}`,
    about,
    hint: 'correct the chart; `helm lint` finds such faults before it is published',
  })
}

/**
 * The path of a local chart does not exist. Paths in a chain are relative to the chain file; a chart of a repository needs
 * the `repository` option beside its name.
 */
export function chartPathMissing(about: string, cause?: unknown): RopewayError {
  return new RopewayError({
    code: 'CHART_PATH_MISSING',
    side: 'source',
    operation: 'reading a chart',
    message: `there is no chart at ${about}`,
    about,
    hint: 'paths are relative to the chain file; to name a chart of a repository, add `repository:`',
    cause,
  })
}

/** A local chart cannot be read, for the reason that the system gives. Check the permissions of its files. */
export function chartUnreadable(about: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'CHART_UNREADABLE',
    side: 'source',
    operation: 'reading a chart',
    message: `the chart ${about} cannot be read: ${messageOf(cause)}`,
    about,
    hint: 'check the permissions of its files and folders',
    cause,
  })
}

/**
 * A version constraint cannot be read. Constraints are comparators (`=`, `!=`, `>`, `>=`, `<`, `<=`, `~`, `^`), wildcards
 * (`1.x`) and ranges (`1.2 - 1.4`, with blanks), joined by comma or blank (and) or `||` (or). Correct the version in the chain.
 */
export function constraintInvalid(text: string): RopewayError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text
  return new RopewayError({
    code: 'CONSTRAINT_INVALID',
    side: 'chain',
    operation: 'reading a version constraint',
    message: `${JSON.stringify(shown)} is neither a version nor a version constraint`,
    about: shown,
    hint: 'write a version (1.2.3) or a constraint such as ^1.2, ~1.2.3, >=1.2 <2, "1.2 - 1.4" or 1.x',
  })
}

/**
 * A chart's provenance file (.prov) cannot be read. Tell whoever publishes the chart; `provenance: false` leaves
 * provenance behind.
 */
export function provenanceInvalid(about: string, problem: string): RopewayError {
  return new RopewayError({
    code: 'PROVENANCE_INVALID',
    side: 'source',
    operation: 'checking provenance',
    message: `the provenance of ${about} cannot be read: ${problem}`,
    about,
    hint: 'set `provenance: false` to carry the chart without it',
  })
}

/**
 * A chart's provenance file names another sha256 than the archive beside it has: one of the two was replaced. Do not use
 * the chart before its publisher has said which is right.
 */
export function provenanceMismatch(about: string, actual: string, named: readonly string[]): RopewayError {
  return new RopewayError({
    code: 'PROVENANCE_MISMATCH',
    side: 'source',
    operation: 'checking provenance',
    message: `the provenance of ${about} is about another archive: it names ${named.join(', ') || 'none'}, the archive is ${actual}`,
    about,
    hint: 'ask its publisher which is right; set `provenance: false` to carry the chart without it',
  })
}

/**
 * A version does not follow the rules by which Helm reads versions: one to three numbers, an optional `v` before them,
 * optional pre-release and build parts (`v1.2`, `2024.01.05`, `1.2.3-rc.1+build`). Correct the version in the chart.
 */
export function versionInvalid(text: string, about?: string): RopewayError {
  return new RopewayError({
    code: 'VERSION_INVALID',
    side: 'source',
    operation: 'reading a version',
    message: `${JSON.stringify(text)} is not a version that Helm understands`,
    about: about ?? text,
    hint: 'write numbers separated by dots, such as 1.2.3, v1.2 or 1.2.3-rc.1',
  })
}
