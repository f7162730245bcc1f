import { mergeUserValues } from '@ropeway/helm'
import type { DiscoveredImage, Proof, ProvedReference, RelocateOptions } from '../chart/types.js'
import { filledKnobs, knobName, type Turn, type Turns } from './knobs.js'
import type { Finding } from './prove.js'

/** What a proof is made of. */
export interface Evidence {
  readonly options: RelocateOptions
  readonly metadata: { readonly name: string; readonly version: string }
  readonly moves: ReadonlyMap<string, string>
  /** Where the names of moved images may go along. */
  readonly names: ReadonlyMap<string, string>
  readonly findings: readonly Finding[]
  readonly turns: Turns
  /** By reference: ids of the knobs that its text is made of. */
  readonly used: ReadonlyMap<string, ReadonlySet<string>>
}

/** The proof: what each reference became, and whether anything else differs. */
export function makeReport(evidence: Evidence): Proof {
  const { options, metadata, findings } = evidence
  const references = options.discovery.images.flatMap((image) => judgeImage(image, evidence) ?? [])
  const named = new Set(references.filter(({ proved }) => !proved).map(({ before }) => before))
  const strangers = unknownSites(evidence).filter(({ before }) => !named.has(before))
  const failures = findings.flatMap(({ failure }) =>
    failure === undefined ? [] : [{ place: metadata.name, before: 'renders', after: failure }],
  )
  const differences = distinct([...failures, ...findings.flatMap((finding) => finding.differences)])
  const all = [...references, ...movedAlong(evidence), ...strangers]
  return {
    chart: metadata.name,
    version: metadata.version,
    mode: options.mode,
    proved: differences.length === 0 && all.every(({ proved }) => proved),
    references: all,
    computed: distinct(findings.flatMap((finding) => finding.computed)),
    differences,
    renders: findings.map(({ setup, objects }) => ({ switch: setup.switch, objects })),
  }
}

function distinct<T extends { readonly place: string; readonly after: string }>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [`${item.place}\n${item.after}`, item])).values()]
}

/** Undefined for a suspected reference that is not carried: it stays as it is. */
function judgeImage(image: DiscoveredImage, evidence: Evidence): ProvedReference | undefined {
  const { options, moves, findings } = evidence
  const { reference } = image
  const places = [...new Set(findings.flatMap(({ moved }) => moved.get(reference) ?? []))]
  const common = { before: reference, switch: image.switch }
  if (options.excluded?.(reference) === true) {
    return { ...common, after: reference, how: 'excluded', proved: true, places: placesOf(image) }
  }
  const after = moves.get(reference)
  if (after === undefined) {
    if (image.class === 'suspected') return undefined
    const reason = 'it is not carried to the destination'
    const hint = 'carry it, or exclude it by its name'
    return { ...common, after: reference, how: 'unmoved', proved: false, reason, hint, places: placesOf(image) }
  }
  const wrong = findings.flatMap((finding) => finding.wrong.filter((each) => each.reference === reference))
  if (wrong.length > 0)
    return { ...common, ...unmoved(reference, wrong, options), places: wrong.map(({ place }) => place) }
  if (places.length === 0 && image.class !== 'suspected') {
    const reason = 'it does not show up in what the chart renders'
    return { ...common, after, how: 'unmoved', proved: false, reason, places: placesOf(image) }
  }
  const objection = options.objection?.(reference)
  return {
    ...common,
    after,
    ...howMoved(reference, after, evidence),
    proved: objection === undefined && findings.every(({ failure }) => failure === undefined),
    ...objection,
    places,
  }
}

function placesOf({ provenance }: DiscoveredImage): string[] {
  return provenance.map(({ template, object }) => `${template} ${object.kind}/${object.name ?? '?'}`)
}

function unmoved(
  reference: string,
  wrong: readonly { readonly place: string; readonly found: string }[],
  { mode, discovery, settings }: RelocateOptions,
): Pick<ProvedReference, 'after' | 'how' | 'proved' | 'reason' | 'hint'> {
  const found = wrong[0]?.found ?? ''
  const line = discovery.images
    .find((image) => image.reference === reference)
    ?.provenance.find((place) => place.line !== undefined)
  const where = line === undefined ? '' : ` (${line.template}:${String(line.line)})`
  if (mode === 'embed' && setByUser(reference, settings)) {
    return {
      ...{
        after: found,
        how: 'unmoved',
        proved: false,
        reason: 'it is set by values that are given, not by the chart',
      },
      hint: 'use --mode overlay: its values are given last; or give the moved reference yourself',
    }
  }
  return mode === 'overlay'
    ? {
        ...{ after: found, how: 'unmoved', proved: false, reason: `no value of the chart controls it${where}` },
        hint: 'relocate the chart itself (--mode embed): its template is patched then',
      }
    : {
        ...{ after: found, how: 'unmoved', proved: false },
        reason: `neither a value nor a text of a template controls it: it is built from pieces${where}`,
        hint: 'change the template so that the reference, or its registry, stands in one place; or exclude it',
      }
}

function setByUser(reference: string, { values = {} }: RelocateOptions['settings']): boolean {
  return filledKnobs(mergeUserValues(values), [reference]).length > 0
}

function howMoved(
  reference: string,
  after: string,
  { turns, used }: Evidence,
): Pick<ProvedReference, 'how' | 'values' | 'patched'> {
  const known = used.get(reference) ?? new Set()
  const all = [...turns.values()]
  const likely = ({ text }: Turn): boolean => after.includes(text) || text.includes(after)
  const mine = all.filter((turn) => (known.size > 0 ? known.has(turn.knob.id) : likely(turn)))
  const patched = mine.filter(({ knob }) => 'file' in knob.at).map(({ knob }) => knobName(knob))
  const values = mine.filter(({ knob }) => 'path' in knob.at).map(({ knob }) => knobName(knob))
  return patched.length === 0 ? { how: 'values', values } : { how: 'template', values, patched }
}

/** Names of moved images that moved along. */
function movedAlong(evidence: Evidence): ProvedReference[] {
  const { findings, names } = evidence
  return [...names].flatMap(([before, after]): ProvedReference[] => {
    const places = [...new Set(findings.flatMap(({ along }) => along.get(before) ?? []))]
    return places.length === 0 ? [] : [{ ...howMoved(before, after, evidence), before, after, proved: true, places }]
  })
}

/** Images of the relocated rendering that nobody said anything about. */
function unknownSites({ options, moves, findings }: Evidence): ProvedReference[] {
  const others = options.discovery.images.filter(({ reference }) => !moves.has(reference))
  const known = new Set([...moves.values(), ...others.map(({ reference }) => reference)])
  const found = new Map<string, string[]>()
  for (const { reference, where, certain } of findings.flatMap(({ sites }) => sites)) {
    if (!certain || known.has(reference) || options.excluded?.(reference) === true) continue
    found.set(reference, [...(found.get(reference) ?? []), where])
  }
  return [...found].map(([reference, places]) => ({
    ...{ before: reference, after: reference, how: 'unmoved', proved: false, places },
    reason: 'the relocated chart renders it, and it is no destination',
  }))
}
