import { looksLikeHost } from '@ropeway/oci'
import type { Addon } from './addon.js'

/** One place that a chart may be at. */
export type ChartAddress =
  | { readonly type: 'registry'; readonly location: string }
  | { readonly type: 'repository'; readonly repository: string; readonly chart: string }

/**
 * Where an addon's chart may be, the likeliest first: as its repository is written, then the same place by the other protocol
 * (`oci://H/P` and `https://H/P`). An address without a scheme is a registry's.
 */
export function chartAddresses(addon: Addon): ChartAddress[] {
  const { repository } = addon
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/i.exec(repository.trim()) ?? []
  const place = rest.replace(/[?#].*$/s, '').replace(/(?:\/index\.yaml)?\/*$/, '')
  if (/^https?:\/\/$/i.test(scheme)) {
    const written: ChartAddress = { type: 'repository', repository: repository.trim(), chart: addon.chart }
    return [written, ...(looksLikeHost(place.split('/', 1)[0] ?? '') ? inRegistry(place, addon) : [])]
  }
  if (scheme !== '' && scheme.toLowerCase() !== 'oci://') {
    return [{ type: 'repository', repository: repository.trim(), chart: addon.chart }]
  }
  return [...inRegistry(place, addon), ...onTheWeb(place, addon)]
}

function inRegistry(place: string, addon: Addon): ChartAddress[] {
  return pathsTo(place, addon).map((path) => ({ type: 'registry', location: `oci://${path}/${addon.chart}` }))
}

function onTheWeb(place: string, addon: Addon): ChartAddress[] {
  const { chart, path } = addon
  const paths = path === undefined ? pathsTo(place, addon) : [`${place}/${path}`, place]
  return paths.map((each) => ({ type: 'repository', repository: `https://${each}`, chart }))
}

/**
 * Paths that the chart may be below. What is written with the chart's name belongs between; a catalog's namespace does too
 * after a bare host, and behind a path it is a part of that, of the destination alone, or between after all.
 */
function pathsTo(place: string, { path, namespace }: Addon): string[] {
  if (path !== undefined) return [`${place}/${path}`]
  if (namespace === undefined || place.endsWith(`/${namespace}`)) return [place]
  const below = `${place}/${namespace}`
  return place.includes('/') ? [place, below] : [below, place]
}

/** An address for people: without a query, which may hold a secret. */
export function addressText(address: ChartAddress): string {
  if (address.type === 'registry') return address.location
  return `${address.chart} of ${address.repository.replace(/[?#].*$/s, '')}`
}

/** True for what can be the address of a repository: with a scheme, or beginning with a registry's host. */
export function isRepositoryAddress(text: string): boolean {
  return /^(?:https?|oci):\/\/./i.test(text) || looksLikeHost(text.split('/', 1)[0] ?? '')
}
