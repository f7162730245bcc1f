import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Context } from '@ropeway/core'
import { missingDependencies, vendorDependencies, type VendorOptions } from '@ropeway/helm'
import { repositoryAddress } from './helm-repositories.js'
import type { ChartFlags } from './render-flags.js'
import type { LoadedTarget } from './target.js'

async function vendorOptions(target: string, flags: ChartFlags): Promise<VendorOptions> {
  const facts = await stat(target).catch(() => undefined)
  return {
    folder: facts?.isDirectory() === true ? resolve(target) : undefined,
    repositories: repositoryAddress,
    passCredentials: flags['pass-credentials'],
  }
}

/** The chart with what it declares and lacks, with `--dependency-update`; else as it is. */
export async function withDependencies(
  target: string,
  loaded: LoadedTarget,
  flags: ChartFlags,
  context?: Context,
): Promise<LoadedTarget> {
  if (flags['dependency-update'] !== true) return loaded
  if ((await missingDependencies(loaded.files, loaded.location)).length === 0) return loaded
  return allDependencies(target, loaded, flags, context)
}

/** The chart with all that it declares; those beside it as they are now. */
export async function allDependencies(
  target: string,
  loaded: LoadedTarget,
  flags: ChartFlags,
  context?: Context,
  refresh = false,
): Promise<LoadedTarget> {
  const options = { ...(await vendorOptions(target, flags)), refresh }
  const { files } = await vendorDependencies(loaded.files, loaded.location, options, context)
  return { ...loaded, files }
}
