import type { Chain } from './chain.js'

/** Hosts that the options of a chain name: registries of references, and hosts of addresses. May name a few too many. */
export function hostsOf({ sources, transforms, sinks }: Pick<Chain, 'sources' | 'transforms' | 'sinks'>): string[] {
  const steps = [...sources, ...transforms, ...sinks, ...sinks.flatMap((sink) => sink.transforms ?? [])]
  return [...new Set(steps.flatMap(({ written }) => stringsIn(written)).flatMap(hostIn))]
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(stringsIn) : []
}

function hostIn(text: string): string[] {
  const [first = ''] = text.replace(/^(https?|oci):\/\/([^/@]*@)?/, '').split('/', 1)
  return /^[A-Za-z0-9.-]+(:\d+)?$/.test(first) && /[.:]|^localhost$/.test(first) ? [first] : []
}
