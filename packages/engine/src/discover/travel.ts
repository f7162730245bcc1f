import type { FoundImage } from '@ropeway/core'
import type { DiscoveredImage, Discovery, Provenance, Site } from '@ropeway/images'
import { formatObject, formatPath } from '@ropeway/images'
import { formatReference, parseReference, withDefaultTag } from '@ropeway/oci'
import type { DiscoverStep } from '../chain/chain.js'
import { matchesGlob } from '../plan/select.js'

/** An image of one chart or manifests, and what the chain decides about it. */
export interface Decided {
  readonly image: DiscoveredImage
  /** Written out; absent when it is no reference after all. */
  readonly canonical: string | undefined
  /** `ask`: it travels when its registry has it. */
  readonly decision: 'travels' | 'excluded' | 'ask' | 'stays'
}

/** Applies the chain's classes and exclusions to what was found. */
export function decide({ images }: Discovery, discover: DiscoverStep): Decided[] {
  const named = new Set(discover.images.map((text) => canonicalOf(text)))
  return images.map((image): Decided => {
    const canonical = canonicalOf(image.reference)
    if (canonical === undefined) return { image, canonical, decision: 'stays' }
    if (isExcluded(image.reference, canonical, discover.exclude)) return { image, canonical, decision: 'excluded' }
    // The name alone of an image that is found with its tag: that one is decided on.
    if (image.partOf !== undefined) return { image, canonical, decision: 'stays' }
    if (discover.classes.includes(image.class) || named.has(canonical)) return { image, canonical, decision: 'travels' }
    const ask = image.class === 'suspected' && discover.confirm
    return { image, canonical, decision: ask ? 'ask' : 'stays' }
  })
}

/** The reference with its registry and tag; `undefined` for what is none. */
export function canonicalOf(text: string): string | undefined {
  try {
    return formatReference(withDefaultTag(parseReference(text)))
  } catch {
    return undefined
  }
}

/** Whether a pattern names it: a glob over it as written, written out, or without its tag; or a reference, with or without tag. */
export function isExcluded(written: string, canonical: string, patterns: readonly string[]): boolean {
  const { registry, repository } = parseReference(canonical)
  const bare = `${registry}/${repository}`
  return patterns.some((pattern) => {
    if (/[*?]/.test(pattern)) return [written, canonical, bare].some((name) => matchesGlob(pattern, name))
    const tagged = /[:@][^/]*$/.test(pattern)
    return canonicalOf(pattern) === (tagged ? canonical : canonicalOf(bare))
  })
}

/** Suspected images and broken fields that nobody decided on, as `failOn` wants them: one line each. */
export function undecided(
  id: string,
  discovery: Discovery,
  decided: readonly Decided[],
  discover: DiscoverStep,
): string[] {
  const lines: string[] = []
  if (discover.failOn.includes('suspected') && !discover.classes.includes('suspected')) {
    const named = new Set(discover.images.map((text) => canonicalOf(text)))
    for (const { image, canonical, decision } of decided) {
      if (image.class !== 'suspected' || image.partOf !== undefined) continue
      if (decision === 'excluded' || named.has(canonical)) continue
      const where = image.provenance.map((each) => placeOf(each)).slice(0, 1)
      lines.push([`${id}: ${image.reference} is suspected`, image.reason, ...where].filter(Boolean).join(', '))
    }
  }
  if (discover.failOn.includes('unresolved')) {
    for (const place of discovery.unresolved) lines.push(`${id}: ${placeOf(place)}: ${place.reason}`)
  }
  return lines
}

/** `chart/templates/x.yaml:12 Deployment/web spec.template.spec.containers[0].image` */
export function placeOf(site: Site | Provenance): string {
  const line = 'line' in site && site.line !== undefined ? `:${String(site.line)}` : ''
  return `${site.template}${line} ${formatObject(site.object)} ${formatPath(site.path)}`
}

/** What a lock keeps of one image. */
export function foundImage({ image, decision }: Decided, artifact: string | undefined): FoundImage {
  const { reference, reason } = image
  return {
    reference,
    class: image.class,
    switch: image.switch,
    reason,
    artifact,
    excluded: decision === 'excluded' ? true : undefined,
  }
}
