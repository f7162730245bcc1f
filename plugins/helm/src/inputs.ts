import { isRopewayError, type Context } from '@ropeway/core'
import { readLocalChart, type LocalChart } from '@ropeway/helm'
import { sha256 } from '@ropeway/oci'
import { type HelmOptions, namedCharts } from './options.js'
import { placeOf } from './place.js'

/**
 * The local charts of a step with the digests of their archives. Charts that are not there are left out, so that a lock tells
 * that they are gone.
 */
export async function inputDigests(options: HelmOptions, context: Context): Promise<Readonly<Record<string, string>>> {
  const digests: Record<string, string> = {}
  for (const named of namedCharts(options)) {
    const place = placeOf(named, options)
    if (place.type !== 'path') continue
    const found = await read(place.path, context)
    if (found !== undefined) digests[place.path] = sha256(found.archive)
  }
  return digests
}

async function read(path: string, context: Context): Promise<LocalChart | undefined> {
  try {
    return await readLocalChart(context.resolvePath(path), path, { provenance: false })
  } catch (error) {
    if (isRopewayError(error) && error.code === 'CHART_PATH_MISSING') return undefined
    throw error
  }
}
