import { isRopewayError, type Context } from '@ropeway/core'
import { readLocalChart, type LocalChart } from '@ropeway/helm'
import { sha256 } from '@ropeway/oci'
import { type HelmOptions, namedCharts } from './options.js'
import { placeOf } from './place.js'
import { valuesDigest } from './settings.js'

/**
 * The values files of a step and its local charts with the digests of their archives. What is not there is left out, so that a
 * lock tells that it is gone.
 */
export async function inputDigests(options: HelmOptions, context: Context): Promise<Readonly<Record<string, string>>> {
  const digests: Record<string, string> = {}
  for (const named of namedCharts(options)) {
    for (const path of named.values) {
      const digest = await valuesDigest(path, context)
      if (digest !== undefined) digests[path] = digest
    }
    const place = placeOf(named, options)
    if (place.type !== 'path') continue
    const found = await read(place.path, context)
    if (found !== undefined) digests[place.path] = sha256(found.archive)
  }
  return digests
}

async function read(path: string, context: Context): Promise<LocalChart | undefined> {
  try {
    return await readLocalChart(context.resolvePath(path), path, { provenance: false, incomplete: true })
  } catch (error) {
    if (isRopewayError(error) && error.code === 'CHART_PATH_MISSING') return undefined
    throw error
  }
}
