import { GoMap, GoSlice, type Value } from '@ropeway/gotemplate'
import type { Value as PlainValue } from '../construct.js'
import type { Site } from '../chart/types.js'
import { findReferences } from '../find/find-references.js'
import type { Path } from '../path.js'
import { eachText, valueAt } from './changes.js'
import { decodedText } from './encodings.js'
import { nestedDocument } from './nested.js'
import { findTokens, isUnmistakable, replaceTokens, spellings, withoutOverlaps, type Token } from './tokens.js'
import { scalarText, type View } from './view.js'

/** A place for images in a rendering. */
export interface FoundSite {
  /** Index of the document in the rendering. */
  readonly document: number
  readonly path: Path
  readonly reference: string
  readonly place: string
  /** Whether it is one for certain. */
  readonly certain: boolean
  readonly range?: readonly [number, number] | undefined
  readonly inner?: Path | undefined
  /** For a reference in parts: keys, below `path`. */
  readonly parts?: Readonly<Partial<Record<PartName, Path>>> | undefined
}
export type PartName = keyof NonNullable<Site['parts']>

/** A text of a rendering with references that have to move. */
export interface Spot {
  readonly document: number
  readonly path: Path
  /** Keys inside the document that the text at `path` is. */
  readonly inner?: Path | undefined
  readonly before: string
  /** What it has to become. */
  readonly wanted: string
  /** `text`, put together from parts, or `lost`: nothing is known about how the reference stands there. */
  readonly form: 'text' | 'parts' | 'lost'
  /** What stands at `path` is base64 of the text. */
  readonly encoded?: boolean | undefined
  readonly parts?: FoundSite['parts']
  readonly tokens: readonly Token[]
}

/** Finds places for images. */
export type FindSites = (view: View) => readonly FoundSite[]

/** All places that the finder knows, of those documents that may hold one. */
export const findSites: FindSites = (view) => {
  const objects = view.documents.flatMap(({ template, text, object, value }, document) =>
    object.kind === 'CustomResourceDefinition' || !mayHoldImage.test(text)
      ? []
      : [{ template, document, value: plainValue(value()) }],
  )
  return findReferences(objects).sites.map((site) => ({ ...site, certain: site.class === 'used' }))
}

/** What a text has to have to hold a reference. */
const mayHoldImage = /[:/]|image/i

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
  const byDocument = Map.groupBy(
    sites.filter(({ reference }) => moves.has(reference)),
    ({ document }) => document,
  )
  for (const [document, { text, object, value }] of view.documents.entries()) {
    if (object.kind === 'CustomResourceDefinition') continue
    const here = byDocument.get(document) ?? []
    const likely =
      object.kind === 'Secret'
        ? everywhere
        : everywhere.filter((reference) => spellings(reference).some((spelling) => text.includes(spelling)))
    if (here.length === 0 && likely.length === 0) continue
    const found = spotsIn(value(), here, likely, moves)
    const lost = here.filter((site) => !found.some((spot) => covers(spot, site)))
    spots.push(...found.map((spot) => ({ ...spot, document })), ...lost.map((site) => lostSpot(site, moves)))
  }
  return spots
}

type SpotInDocument = Omit<Spot, 'document'>
type Moves = ReadonlyMap<string, string>

function spotsIn(value: Value, sites: readonly FoundSite[], likely: readonly string[], moves: Moves): SpotInDocument[] {
  const spots: SpotInDocument[] = []
  for (const { path, inner, parts, reference } of sites) {
    if (parts !== undefined && inner === undefined) spots.push(...partSpots(value, path, parts, reference, moves))
  }
  const byPath = Map.groupBy(sites, ({ path }) => JSON.stringify(path))
  eachText(value, (whole, path) => {
    const here = byPath.get(JSON.stringify(path)) ?? []
    for (const encoded of [false, true]) {
      const text = encoded ? decodedText(whole) : whole
      if (text === undefined) continue
      const inside = here.some(({ inner, parts }) => inner !== undefined && parts !== undefined)
      const found = inside ? nestedSpots(text, path, here, likely, moves) : textSpots(text, here, likely, moves)
      spots.push(...found.map((spot) => ({ ...spot, path, encoded })))
      if (found.length > 0) break
    }
  })
  return spots
}

function covers(spot: SpotInDocument, { path, reference }: FoundSite): boolean {
  return (
    JSON.stringify(spot.path) === JSON.stringify(path) && spot.tokens.some((token) => token.reference === reference)
  )
}

function lostSpot({ document, path, reference }: FoundSite, moves: Moves): Spot {
  const tokens = [{ reference, start: 0, end: reference.length }]
  return { document, path, before: reference, wanted: moves.get(reference) ?? reference, form: 'lost', tokens }
}

type Found = Omit<Spot, 'document' | 'path'>

function textSpots(text: string, sites: readonly FoundSite[], likely: readonly string[], moves: Moves): Found[] {
  const own = sites.flatMap(({ reference, range, inner }) => {
    const exact = range !== undefined && spellings(reference).includes(text.slice(...range))
    if (exact) return [{ reference, start: range[0], end: range[1] }]
    return inner === undefined ? findTokens(text, [reference]) : []
  })
  const tokens = [...own]
  for (const token of findTokens(text, likely)) {
    if (!tokens.some(({ start, end }) => token.start < end && start < token.end)) tokens.push(token)
  }
  if (tokens.length === 0) return []
  const ordered = withoutOverlaps(tokens)
  const wanted = replaceTokens(text, ordered, (reference) => moves.get(reference) ?? reference)
  return [{ before: text, wanted, form: 'text', tokens: ordered }]
}

/** Texts and references in parts inside a text that is a document itself. */
function nestedSpots(
  text: string,
  path: Path,
  sites: readonly FoundSite[],
  likely: readonly string[],
  moves: Moves,
): Found[] {
  const nested = nestedDocument(text, path)
  if (nested === undefined) return textSpots(text, sites, likely, moves)
  const found: Found[] = []
  eachText(nested, (whole, inner) => {
    const own = sites.filter((site) => site.parts === undefined && JSON.stringify(site.inner) === JSON.stringify(inner))
    const references = [...own.map(({ reference }) => reference), ...likely]
    found.push(...textSpots(whole, [], references, moves).map((spot) => ({ ...spot, inner })))
  })
  for (const { inner = [], parts, reference } of sites) {
    if (parts === undefined) continue
    found.push(...partSpots(valueAt(nested, inner), [], parts, reference, moves).map((spot) => ({ ...spot, inner })))
  }
  return found
}

function partSpots(
  value: Value | undefined,
  path: Path,
  parts: NonNullable<FoundSite['parts']>,
  reference: string,
  moves: Moves,
): SpotInDocument[] {
  const before = putTogether(valueAt(value, path), parts)
  if (before !== reference) return []
  const tokens = [{ reference, start: 0, end: before.length }]
  return [{ path, before, wanted: moves.get(reference) ?? reference, form: 'parts', parts, tokens }]
}

function putTogether(map: Value | undefined, parts: NonNullable<FoundSite['parts']>): string {
  const part = (name: PartName): string => {
    const path = parts[name]
    const value = path && valueAt(map, path)
    return value === undefined || value === null ? '' : scalarText(value)
  }
  const [tag, digest] = [part('tag'), part('digest')]
  const name = [part('registry'), part('repository'), part('image')].filter((text) => text !== '').join('/')
  return name + (tag === '' ? '' : `:${tag}`) + (digest === '' ? '' : `@${digest}`)
}

/** What stands at a spot in another rendering of the same documents; undefined when it cannot be told. */
export function currentText(spot: Spot, view: View): string | undefined {
  let value = valueAt(view.documents[spot.document]?.value(), spot.path)
  if (spot.form === 'lost') return undefined
  if (spot.encoded === true) value = typeof value === 'string' ? decodedText(value) : undefined
  if (spot.inner !== undefined)
    value = typeof value === 'string' ? valueAt(nestedDocument(value, spot.path), spot.inner) : undefined
  if (spot.form === 'parts') return putTogether(value, spot.parts ?? {})
  return typeof value === 'string' ? value : undefined
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
