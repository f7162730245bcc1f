import { RopewayError, type Log } from '@ropeway/core'

type Warning = Parameters<Log['warn']>[0]

interface Called {
  readonly name: string
  readonly version: string
}

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

/** A chart says another name or version of itself than the repository's index says of it. It travels as it calls itself. */
export function chartDiffersFromIndex(repository: string, listed: Called, own: Called, about: string): Warning {
  return {
    code: 'CHART_DIFFERS_FROM_INDEX',
    message: `the index of ${repository} calls it ${listed.name} ${listed.version}, the chart itself ${own.name} ${own.version}`,
    about,
    hint: 'it travels under its own name and version',
  }
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

/** The name of a chart has capitals, which registries do not take, so that it is called in lower case at its destination. */
export function chartNameLowered(name: string): Warning {
  return {
    code: 'CHART_NAME_LOWERED',
    message: `the chart ${name} is called ${name.toLowerCase()} at its destination: registries take no capitals`,
    about: name,
    hint: 'install it by that name',
  }
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

/**
 * A values file that the chain names for a chart cannot be read, or is no UTF-8 text. Its path is relative to the chain file:
 * correct the path, or save the file as UTF-8.
 */
export function valuesFileUnreadable(path: string, what: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'VALUES_FILE_UNREADABLE',
    side: 'source',
    operation: 'reading a values file',
    message: `the values file ${path} cannot be used: ${what}`,
    about: path,
    hint: 'paths under "values" are relative to the chain file',
    cause,
  })
}
