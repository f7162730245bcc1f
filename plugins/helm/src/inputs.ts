import type { Context } from '@ropeway/core'
import { readLocalChart } from '@ropeway/helm'
import { sha256 } from '@ropeway/oci'
import { type HelmOptions, namedCharts } from './options.js'
import { placeOf } from './place.js'

/** The local charts of a step with the digests of their archives. */
export async function inputDigests(options: HelmOptions, context: Context): Promise<Readonly<Record<string, string>>> {
  const digests: Record<string, string> = {}
  for (const named of namedCharts(options)) {
    const place = placeOf(named, options)
    if (place.type !== 'path') continue
    const { archive } = await readLocalChart(context.resolvePath(place.path), place.path, { provenance: false })
    digests[place.path] = sha256(archive)
  }
  return digests
}
