import type { Limits } from '@ropeway/gotemplate'
import { chartReferences, type Chart } from '@ropeway/helm'
import { findReferences, manifestObjects } from '../find/find-references.js'
import { recognise } from '../find/recognise.js'
import type { FindOptions, FoundSite, UnresolvedSite } from '../find/types.js'
import type { KubernetesDocument } from '../manifests.js'
import { marker } from './candidates.js'
import { chartOf, explain } from './explain.js'
import { renderFilled } from './filled.js'
import { asSwitch, type Flip } from './flips.js'
import { hintsOf, type Hint } from './hints.js'
import { openSession, type Outcome, type Session } from './session.js'
import { findHidden } from './switches.js'
import type { DiscoveredImage, Discovery, ImageClass, Provenance, RenderSettings, Switch } from './types.js'

export interface DiscoverOptions extends FindOptions {
  /** Whether switches are flipped in search of optional images. Default: true. */
  readonly switches?: boolean | undefined
  /** Whether values are told that references are made of, and lines of templates. Default: true. */
  readonly explain?: boolean | undefined
  /** Templates that are rendered in search of optional images, at most. */
  readonly budget?: number | undefined
  readonly limits?: Partial<Limits> | undefined
}

/** A reference with its places, before they are explained. */
interface Entry {
  readonly class: ImageClass
  readonly reason?: string | undefined
  readonly partOf?: string | undefined
  readonly flips: readonly Flip[]
  readonly sites: Hint[]
}

const ranks: Readonly<Record<ImageClass, number>> = { used: 0, optional: 1, suspected: 2 }

/**
 * Finds the images that a chart needs: those that it renders with these settings, those that appear when something is switched,
 * and texts that look like images. Values that the chart requires and that the settings lack are filled in. Throws
 * `CHART_NOT_RENDERED` when the chart cannot be rendered all the same.
 */
export function discoverChart(chart: Chart, settings: RenderSettings, options: DiscoverOptions = {}): Discovery {
  const limits = options.limits ?? settings.limits
  const session = openSession(chart, { ...settings, limits }, options)
  const references = chartReferences(chart.loaded)
  const { base, filled } = renderFilled(session, settings, references)
  const entries = new Map<string, Entry>()
  const unresolved: (UnresolvedSite & { reason: string })[] = [...base.unresolved]
  for (const site of base.sites) {
    if (site.reference.includes(marker)) unresolved.push({ ...site, reason: madeUp })
    else add(entries, site, [])
  }
  const warnings = [...base.rendered.warnings]
  if (options.switches !== false) warnings.push(...addHidden(entries, session, base, options.budget, references))
  addHints(entries, hintsOf(chart, base.rendered.values))
  return { images: finish(entries, session, options.explain !== false), unresolved, filled, warnings }
}

const madeUp = 'it is made of a value that was filled in, because the chart requires one: give it'

/** Finds the images in plain manifests. Nothing is switched there. */
export function discoverManifests(documents: Iterable<KubernetesDocument>, options: FindOptions = {}): Discovery {
  const all = [...documents]
  const { sites, unresolved } = findReferences(manifestObjects(all), options)
  const entries = new Map<string, Entry>()
  for (const site of sites) add(entries, site, [])
  const provenance = (site: FoundSite): Provenance => {
    const document = all.find(({ file, index }) => file === site.template && index === site.document)
    return { ...placeOf(site), chart: '', line: document?.lineOf(site.path), values: [] }
  }
  const images = [...entries].map(([reference, entry]) => image(reference, entry, entry.sites.map(provenance)))
  return { images: images.sort(byReference), unresolved, filled: {}, warnings: [] }
}

function add(entries: Map<string, Entry>, site: FoundSite, flips: readonly Flip[]): void {
  const optional = flips.length > 0 && site.class === 'used'
  const own: ImageClass = optional ? 'optional' : site.class
  const present = entries.get(site.reference)
  if (present === undefined || ranks[own] < ranks[present.class]) {
    const sites = [site, ...(present?.sites ?? [])]
    entries.set(site.reference, { class: own, reason: site.reason, partOf: site.partOf, flips, sites })
  } else if (present.flips.length === flips.length) present.sites.push(site)
}

function addHidden(
  entries: Map<string, Entry>,
  session: Session,
  base: Outcome,
  budget: number | undefined,
  references: ReturnType<typeof chartReferences>,
): readonly string[] {
  const { appearing, complete } = findHidden(session, base, references, budget)
  for (const { flips, sites } of appearing.values()) for (const site of sites) add(entries, site, flips)
  return complete ? [] : ['not all switches of the chart were tried: it has too many; optional images may be missing']
}

/**
 * What only values, annotations or texts of templates name, unless the same image is there under another registry, or with a tag
 * that they leave out.
 */
function addHints(entries: Map<string, Entry>, sites: readonly Hint[]): void {
  const names = new Set([...entries.keys()].flatMap((reference) => [nameOf(reference), nameOf(untagged(reference))]))
  for (const site of sites) {
    if (entries.has(site.reference) || names.has(nameOf(site.reference))) continue
    const plain = site.place !== 'template' && recognise(site.reference)?.deep !== true
    if (plain || site.partOf !== undefined) continue
    add(entries, site, [])
  }
}

/** The repository without its registry, with its tag. */
function nameOf(reference: string): string {
  const [first = '', ...rest] = reference.replace(/@.*$/, '').split('/')
  return rest.length > 0 && /[.:]/.test(first) ? rest.join('/').replace(/^library\//, '') : reference
}

function untagged(reference: string): string {
  return reference.replace(/@.*$/, '').replace(/:[^/]*$/, '')
}

function finish(entries: ReadonlyMap<string, Entry>, session: Session, explained: boolean): DiscoveredImage[] {
  const groups = Map.groupBy(entries.values(), ({ flips }) => JSON.stringify(flips))
  const provenances = new Map<FoundSite, Provenance>()
  for (const group of groups.values()) {
    const sites = group
      .flatMap((entry) => entry.sites)
      .filter(({ place }) => place !== 'values' && place !== 'template')
    if (!explained || sites.length === 0) continue
    for (const [site, provenance] of explain(session, { flips: group[0]?.flips ?? [], sites })) {
      provenances.set(site, provenance)
    }
  }
  const provenance = (site: Hint): Provenance =>
    provenances.get(site) ?? {
      ...placeOf(site),
      chart: chartOf(site.template),
      line: site.line,
      values: valuesOf(site),
    }
  return [...entries]
    .map(([reference, entry]) => image(reference, entry, entry.sites.map(provenance)))
    .sort(byReference)
}

function image(reference: string, entry: Entry, provenance: readonly Provenance[]): DiscoveredImage {
  const flip: Switch | undefined = entry.flips.length === 0 ? undefined : asSwitch(entry.flips)
  return {
    ...{ reference, class: entry.class },
    ...(flip === undefined ? {} : { switch: flip }),
    ...(entry.class !== 'suspected' || entry.reason === undefined ? {} : { reason: entry.reason }),
    ...(entry.partOf === undefined ? {} : { partOf: entry.partOf }),
    provenance,
  }
}

function valuesOf({ place, path }: FoundSite): readonly string[] {
  return place === 'values' ? [path.join('.')] : []
}

function byReference(one: DiscoveredImage, other: DiscoveredImage): number {
  return one.reference < other.reference ? -1 : one.reference > other.reference ? 1 : 0
}

/** The place alone, without how sure it is. */
function placeOf({ template, document, object, path, place, reference, parts, inner, range }: FoundSite) {
  return {
    ...{ template, document, object, path, place, reference },
    ...(parts === undefined ? {} : { parts }),
    ...(inner === undefined ? {} : { inner }),
    ...(range === undefined ? {} : { range }),
  }
}
