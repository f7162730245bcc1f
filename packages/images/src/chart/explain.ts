import { formatValuesPath } from '@ropeway/helm'
import { isValueMap, type Value } from '../construct.js'
import { plainValue } from '../find/documents.js'
import { meaningOf, wordsOf } from '../find/keys.js'
import type { FoundSite } from '../find/types.js'
import type { Path } from '../path.js'
import type { Flip } from './flips.js'
import { lineOfSite } from './lines.js'
import { isHelmError, type Outcome, type Session } from './session.js'
import type { Provenance } from './types.js'

/** Sites that one rendering has. */
export interface SiteGroup {
  readonly flips: readonly Flip[]
  readonly sites: readonly FoundSite[]
}

/** A value that is changed to see which references move with it. */
interface Mark {
  readonly path: string
  readonly flip: Flip
  /** What stands in a reference that the value is a part of. */
  readonly sign: string
}

/** How often the marks are parted when a template does not take all of them. */
const deepest = 5

/**
 * Says where sites come from: the line of the template, and the values that the reference is made of. Those are found by
 * rendering again with values marked whose text is part of a reference.
 */
export function explain(session: Session, group: SiteGroup): ReadonlyMap<FoundSite, Provenance> {
  const names = new Set(group.sites.map(({ template }) => template))
  const lines = attempt(session, group.flips, names)
  const values = new Map<string, Set<string>>()
  const origin = lines ?? attempt(session, group.flips, new Set())
  if (origin !== undefined) {
    const marks = marksFor(plainValue(origin.rendered.values), group.sites)
    follow(session, group.flips, names, marks, values, 0)
  }
  return new Map(
    group.sites.map((site) => {
      const own = values.get(keyOf(site)) ?? new Set<string>()
      const line = lines === undefined ? undefined : lineOfSite(lines.rendered, site)
      return [site, { ...plain(site), chart: chartOf(site.template), line, values: [...own].sort() }]
    }),
  )
}

/** `name`, or `parent/charts/name` below. */
export function chartOf(template: string): string {
  const parts = template.split('/')
  let end = 1
  while (parts[end] === 'charts' && parts[end + 1] !== undefined) end += 2
  return parts.slice(0, end).join('/')
}

function plain({ template, document, object, path, place, reference, parts, inner, range }: FoundSite) {
  return {
    ...{ template, document, object, path, place, reference },
    ...(parts === undefined ? {} : { parts }),
    ...(inner === undefined ? {} : { inner }),
    ...(range === undefined ? {} : { range }),
  }
}

function attempt(session: Session, flips: readonly Flip[], names: ReadonlySet<string>): Outcome | undefined {
  try {
    return session.render(flips, { only: ({ name }) => names.has(name), tolerant: true, trace: true })
  } catch (error) {
    if (isHelmError(error)) return undefined
    throw error
  }
}

/** Where a site is, without the offsets, which move. */
function keyOf({ template, document, path, inner, place }: FoundSite): string {
  return JSON.stringify([template, document, path, inner, place])
}

/** Renders with all marks; in templates that fail with fewer. */
function follow(
  session: Session,
  flips: readonly Flip[],
  names: ReadonlySet<string>,
  marks: readonly Mark[],
  values: Map<string, Set<string>>,
  depth: number,
): void {
  if (marks.length === 0 || names.size === 0) return
  const outcome = attempt(session, [...flips, ...marks.map(({ flip }) => flip)], names)
  for (const site of outcome?.sites ?? []) {
    for (const { path, sign } of marks) {
      if (!site.reference.includes(sign)) continue
      const key = keyOf(site)
      values.set(key, (values.get(key) ?? new Set<string>()).add(path))
    }
  }
  const failed = outcome === undefined ? names : names.intersection(new Set(outcome.failures.keys()))
  if (failed.size === 0 || depth >= deepest || marks.length < 2) return
  const middle = marks.length >> 1
  follow(session, flips, failed, marks.slice(0, middle), values, depth + 1)
  follow(session, flips, failed, marks.slice(middle), values, depth + 1)
}

/** Marks for the values whose text is part of a reference. */
function marksFor(values: Value, sites: readonly FoundSite[]): readonly Mark[] {
  const references = [...new Set(sites.map(({ reference }) => reference))]
  const parts = new Set(references.flatMap(partsIn))
  const marks: Mark[] = []
  visit(values, [], (keys, value) => {
    const text = typeof value === 'number' ? String(value) : value
    if (typeof text !== 'string' || text === '') return
    const named = isPart(String(keys.at(-1)))
    const whole = parts.has(text)
    if (!whole && !(named && text.length > 1 && references.some((reference) => reference.includes(text)))) return
    if (!whole && !named) return
    const sign = `rw${String(marks.length)}x`
    const marked = markedText(text, sign)
    marks.push({ path: formatValuesPath(keys), sign: marked.sign, flip: { kind: 'value', keys, value: marked.text } })
  })
  return marks
}

const partWords = new Set([
  'registry',
  'repository',
  'repo',
  'tag',
  'digest',
  'sha',
  'hub',
  'version',
  'name',
  'prefix',
  'suffix',
  'variant',
  'flavor',
  'org',
  'organization',
])

function isPart(name: string): boolean {
  return meaningOf(name) !== 'other' || wordsOf(name).some((word) => partWords.has(word))
}

/** The texts of which a reference may be put together. */
function partsIn(reference: string): readonly string[] {
  const [named = '', digest] = reference.split('@')
  const colon = named.lastIndexOf(':')
  const tagged = colon > named.lastIndexOf('/')
  const name = tagged ? named.slice(0, colon) : named
  const tag = tagged ? named.slice(colon + 1) : undefined
  const steps = name.split('/')
  const stretches = steps.flatMap((_, from) =>
    steps.slice(from).map((__, count) => steps.slice(from, from + count + 1).join('/')),
  )
  return [
    ...[reference, named, ...stretches],
    ...(tag === undefined ? [] : [tag, tag.replace(/^v/, ''), `v${tag}`]),
    ...(digest === undefined ? [] : [digest, digest.replace(/^sha256:/, '')]),
  ]
}

/** A text with a sign in it, such that what it is a part of stays a reference. */
function markedText(text: string, sign: string): { readonly text: string; readonly sign: string } {
  const digest = /[a-f0-9]{64}$/.exec(text)?.[0]
  if (digest !== undefined) {
    const code = Buffer.from(sign).toString('hex').padEnd(16, '0')
    return { text: text.replace(digest, `${code}${digest.slice(code.length)}`), sign: code }
  }
  // a host, alone, is marked in front: behind its port nothing can stand
  if (/^[^/]+\.[^/]+$|^localhost|:\d+$/.test(text) && !/^v?\d/.test(text)) return { text: `${sign}.${text}`, sign }
  return { text: `${text}-${sign}`, sign }
}

function visit(value: Value, keys: Path, leaf: (keys: Path, value: Value) => void): void {
  if (isValueMap(value)) {
    for (const [key, item] of Object.entries(value)) {
      // globals of subcharts are those of the root
      if (key !== 'global' || keys.length === 0) visit(item, [...keys, key], leaf)
    }
  } else if (!Array.isArray(value)) leaf(keys, value)
}
