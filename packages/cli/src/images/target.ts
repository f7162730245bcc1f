import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '@ropeway/core'
import { loadChart, readValues } from '@ropeway/helm'
import {
  decodeText,
  discoverChart,
  discoverManifests,
  parseManifests,
  type CatalogueEntry,
  type Discovery,
  type RenderSettings,
} from '@ropeway/images'
import * as errors from '../errors.js'
import type { ChartFlags } from '../base/render-flags.js'
import { isRemote, loadTarget } from '../base/target.js'

export type TargetKind = 'chart' | 'chain' | 'manifest' | 'manifests'

/** What a target is: a chain is YAML with `sources` and no `kind`, other YAML is a manifest, a folder with Chart.yaml a chart. */
export async function kindOf(target: string, flags: ChartFlags): Promise<TargetKind> {
  if (await isRemote(target, flags)) return 'chart'
  const facts = await stat(target).catch(() => undefined)
  if (facts?.isDirectory() === true) {
    const chart = await stat(join(target, 'Chart.yaml')).catch(() => undefined)
    return chart === undefined ? 'manifests' : 'chart'
  }
  if (!/\.(?:ya?ml|json)$/i.test(target) || facts === undefined) return 'chart'
  return isChain(await textOf(target)) ? 'chain' : 'manifest'
}

function isChain(text: string): boolean {
  try {
    const { entries } = readValues(text)
    return entries.has('sources') && !entries.has('kind')
  } catch {
    return false
  }
}

export interface LookOptions {
  readonly settings: RenderSettings
  readonly catalogue: readonly CatalogueEntry[]
  readonly optional: boolean
  readonly context?: Context | undefined
}

/** What is behind a chart. Throws what loading and rendering throw. */
export async function lookAtChart(
  target: string,
  flags: ChartFlags,
  { settings, catalogue, optional, context }: LookOptions,
): Promise<Discovery> {
  const { files, location } = await loadTarget(target, flags, context)
  return discoverChart(await loadChart(files, location), settings, { catalogue, switches: optional })
}

/** What is behind a manifest, or all manifests of a folder. */
export async function lookAtManifests(
  target: string,
  kind: 'manifest' | 'manifests',
  catalogue: readonly CatalogueEntry[],
): Promise<Discovery> {
  const files = kind === 'manifest' ? [target] : await manifestsIn(target)
  if (files.length === 0) throw errors.manifestsMissing(target)
  const documents = []
  for (const file of files) documents.push(...parseManifests(await textOf(file), file))
  return discoverManifests(documents, { catalogue })
}

async function manifestsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw errors.fileNotReadable(folder, error)
  })
  return entries
    .filter((entry) => entry.isFile() && /\.(?:ya?ml|json)$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

export async function textOf(file: string): Promise<string> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw errors.fileNotReadable(file, error)
  })
  return decodeText(bytes, file)
}
