import { loadChart, type ChartFile } from '@ropeway/helm'
import { formatReference, parseReference } from '@ropeway/oci'
import { discoverChart } from '../chart/discover.js'
import type { RelocateOptions, Relocation, RenderSettings } from '../chart/types.js'
import { relocateChart } from './relocate.js'

/** Files of a small chart; `Chart.yaml` is added when it is not given. */
export function chartOf(files: Readonly<Record<string, string>>, name = 'shop'): ChartFile[] {
  const all = { 'Chart.yaml': `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`, ...files }
  return Object.entries(all).map(([path, text]) => ({ path, bytes: Buffer.from(text) }))
}

/** A template of a pod whose containers have these images. */
export function pod(...images: readonly string[]): string {
  const containers = images.map((image, at) => `    - name: c${String(at)}\n      image: ${image}`).join('\n')
  return `apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n${containers}\n`
}

/** Where everything goes in tests. */
export function mirrored(reference: string): string {
  const read = parseReference(reference)
  return formatReference({ ...read, registry: 'harbor.example:5000', repository: `mirror/${read.repository}` })
}

/** Discovers and relocates. */
export async function relocated(
  files: readonly ChartFile[],
  options: Partial<RelocateOptions> & { readonly settings?: RenderSettings } = {},
): Promise<Relocation> {
  const settings = options.settings ?? {}
  const discovery = discoverChart(await loadChart(files), settings)
  return relocateChart(files, { settings, mode: 'embed', discovery, destination: mirrored, ...options })
}

/** A file of a relocation, as text. */
export function textOf({ files }: Relocation, path: string): string {
  return Buffer.from(files.find((file) => file.path === path)?.bytes ?? []).toString()
}
