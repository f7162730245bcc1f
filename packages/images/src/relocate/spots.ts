import { GoMap, GoSlice, type Value } from '@ropeway/gotemplate'
import type { Value as PlainValue } from '../construct.js'
import { findImages } from '../find-images.js'
import type { Path } from '../path.js'
import { eachText, valueAt } from './changes.js'
import { decodedText } from './encodings.js'
import { findTokens, isUnmistakable, replaceTokens, type Token } from './tokens.js'
import { scalarText, type View } from './view.js'

/** A place for images in a rendering. */
export interface FoundSite {
  /** Index of the document in the rendering. */
  readonly document: number
  readonly path: Path
  readonly reference: string
  readonly place: string
  /** For a reference in parts: keys, below `path`. */
  readonly parts?: Readonly<Partial<Record<PartName, Path>>> | undefined
}
export type PartName = 'registry' | 'repository' | 'tag' | 'digest'

/** A text of a rendering with references that have to move. */
export interface Spot {
  readonly document: number
  readonly path: Path
  readonly before: string
  /** What it has to become. */
  readonly wanted: string
  /** `base64`: `before` and `wanted` are what it encodes; `split`: they are put together from `parts`. */
  readonly form: 'plain' | 'base64' | 'split'
  readonly parts?: Readonly<Partial<Record<PartName, Path>>> | undefined
  readonly tokens: readonly Token[]
}

/** Finds places for images. */
export type FindSites = (view: View) => readonly FoundSite[]

/** The image fields of pod specs. */
export const findPodImages: FindSites = (view) =>
  view.documents.flatMap(({ text, value }, document) => {
    if (!/image|Image/.test(text)) return []
    const plain = plainValue(value())
    if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) return []
    const { images } = findImages([{ file: '', index: 0, value: plain as Record<string, PlainValue>, lineOf: () => 1 }])
    return images.map(({ keys, reference }) => ({ document, path: keys, reference, place: 'container' }))
  })

function plainValue(value: Value): PlainValue {
  if (value instanceof GoMap)
    return Object.fromEntries([...value.entries].map(([key, item]) => [key, plainValue(item)]))
  if (value instanceof GoSlice) return value.items.map(plainValue)
  return value === null || typeof value !== 'object' ? value : scalarText(value)
}

/**
 * The texts that hold references to be moved: places for images, and, for references that are unmistakable, all other texts.
 * `moves` says where each goes.
 */
export function findSpots(view: View, sites: readonly FoundSite[], moves: ReadonlyMap<string, string>): Spot[] {
  const spots: Spot[] = []
  const everywhere = [...moves.keys()].filter(isUnmistakable)
  const destination = (reference: string): string => moves.get(reference) ?? reference
  for (const [document, { text, object, value }] of view.documents.entries()) {
    const here = sites.filter((site) => site.document === document && moves.has(site.reference))
    const secret = object.kind === 'Secret'
    const likely = everywhere.filter((reference) => secret || text.includes(reference))
    if (here.length === 0 && likely.length === 0) continue
    if (object.kind === 'CustomResourceDefinition') continue
    for (const { path, reference, parts } of here) {
      if (parts !== undefined) spots.push(splitSpot(document, value(), path, parts, reference, destination(reference)))
    }
    const known = Map.groupBy(here, ({ path }) => JSON.stringify(path))
    eachText(value(), (whole, path) => {
      const own = known.get(JSON.stringify(path))?.map(({ reference }) => reference) ?? []
      const spot = textSpot(whole, [...new Set([...own, ...likely])], destination)
      if (spot !== undefined) spots.push({ document, path, ...spot })
    })
  }
  return spots
}

function textSpot(
  whole: string,
  references: readonly string[],
  destination: (reference: string) => string,
): Omit<Spot, 'document' | 'path'> | undefined {
  if (references.length === 0) return undefined
  for (const form of ['plain', 'base64'] as const) {
    const before = form === 'plain' ? whole : decodedText(whole)
    if (before === undefined) continue
    const tokens = findTokens(before, references)
    if (tokens.length > 0) return { before, wanted: replaceTokens(before, tokens, destination), form, tokens }
  }
  return undefined
}

function splitSpot(
  document: number,
  value: Value,
  path: Path,
  parts: NonNullable<FoundSite['parts']>,
  reference: string,
  wanted: string,
): Spot {
  const before = putTogether(valueAt(value, path), parts)
  const token = { reference, start: 0, end: before.length }
  return { document, path, before, wanted, form: 'split', parts, tokens: [token] }
}

function putTogether(map: Value | undefined, parts: NonNullable<FoundSite['parts']>): string {
  const part = (name: PartName): string => {
    const path = parts[name]
    const value = path && valueAt(map, path)
    return value === undefined || value === null ? '' : scalarText(value)
  }
  const [registry, repository, tag, digest] = [part('registry'), part('repository'), part('tag'), part('digest')]
  const name = registry === '' ? repository : `${registry}/${repository}`
  return name + (tag === '' ? '' : `:${tag}`) + (digest === '' ? '' : `@${digest}`)
}

/** What stands at a spot in another rendering of the same documents. */
export function currentText(spot: Spot, view: View): string | undefined {
  const value = valueAt(view.documents[spot.document]?.value(), spot.path)
  if (spot.form === 'split') return putTogether(value, spot.parts ?? {})
  if (typeof value !== 'string') return undefined
  return spot.form === 'base64' ? decodedText(value) : value
}

/** The stretches of a text that stand where the tokens of a spot stood, when what is between them is the same. */
export function regionsOf(spot: Spot, text: string): string[] | undefined {
  const regions: string[] = []
  const { before, tokens } = spot
  const head = before.slice(0, tokens[0]?.start)
  if (!text.startsWith(head)) return undefined
  let at = head.length
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1]
    const between = before.slice(token.end, next?.start)
    const end = next === undefined ? text.length - between.length : text.indexOf(between, at)
    if (end < at || !text.startsWith(between, end) || (next !== undefined && between === '')) return undefined
    regions.push(text.slice(at, end))
    at = end + between.length
  }
  return regions
}
