import type { Context } from '@ropeway/core'
import { readLocalChart, type LocalChart } from '../chart/local.js'
import { vendorDependencies } from '../dependencies/vendor.js'
import type { ChartAccess } from './wanted.js'

/** Reads a chart from disk, a folder with the dependencies that its `charts/` lacks, unless they are to be left out. */
export async function localChart(
  path: string,
  access: Pick<ChartAccess, 'provenance' | 'passCredentials' | 'dependencies'>,
  context: Context,
): Promise<LocalChart> {
  const folder = context.resolvePath(path)
  const { provenance, passCredentials, dependencies = 'include' } = access
  if (dependencies === 'exclude') return readLocalChart(folder, path, { provenance, incomplete: true })
  return readLocalChart(folder, path, {
    provenance,
    complete: async (files) => (await vendorDependencies(files, path, { folder, passCredentials }, context)).files,
  })
}
