import { isOciLocation } from '@ropeway/helm'
import type { HelmOptions, NamedChart } from './options.js'

/** Where a chart is to be looked for. */
export type Place =
  | { readonly type: 'repository'; readonly chart: string }
  | { readonly type: 'registry'; readonly location: string }
  | { readonly type: 'address'; readonly address: string }
  | { readonly type: 'path'; readonly path: string }

/** An address and a path that says so stand for themselves; a plain name belongs to the repository, if there is one. */
export function placeOf({ chart }: NamedChart, { repository }: HelmOptions): Place {
  if (isOciLocation(chart)) return { type: 'registry', location: chart }
  if (/^https?:\/\//i.test(chart)) return { type: 'address', address: chart }
  if (repository === undefined || /^\.{0,2}\//.test(chart)) return { type: 'path', path: chart }
  if (!isOciLocation(repository)) return { type: 'repository', chart }
  return { type: 'registry', location: `${repository.replace(/\/+$/, '')}/${chart}` }
}
