import { RopewayError } from '@ropeway/core'

/**
 * Content was asked for that the chart's artifact does not have. A lock that was edited by hand, or written by another
 * version of Ropeway, can cause it: lock again.
 */
export function chartContentUnknown(chart: string, digest: string): RopewayError {
  return new RopewayError({
    code: 'CHART_CONTENT_UNKNOWN',
    side: 'source',
    operation: 'reading a chart',
    message: `the chart ${chart} has no content ${digest}`,
    about: chart,
    hint: 'lock again',
  })
}

/** A lock holds nothing that a chart could be found again by. It was edited by hand, or written by another version: lock again. */
export function locatorInvalid(chart: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'CHART_LOCATOR_INVALID',
    side: 'source',
    operation: 'opening a chart as locked',
    message: `the lock does not say where the chart ${chart} is`,
    about: chart,
    hint: 'lock again',
    cause,
  })
}

/**
 * A chart has a name or version that no registry takes as a repository and a tag, so it cannot travel. Rename it, or take
 * another version.
 */
export function chartNameRefused(chart: string, what: string): RopewayError {
  return new RopewayError({
    code: 'CHART_NAME_REFUSED',
    side: 'source',
    operation: 'naming a chart',
    message: `the chart ${chart} cannot be stored in a registry: ${what}`,
    about: chart,
    hint: 'names are lower-case letters and digits, with ".", "_" and "-" between them; tags have 128 characters at most',
  })
}
