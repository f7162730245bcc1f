import { RopewayError } from '@ropeway/core'

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
