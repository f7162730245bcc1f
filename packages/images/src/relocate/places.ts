import type { Value } from '@ropeway/gotemplate'
import { formatPath, type Path } from '../path.js'
import { compareValues, type Change } from './changes.js'
import { decodedText } from './encodings.js'
import { matches, type Pair } from './explain.js'
import { nestedDocument } from './nested.js'
import type { Spot } from './spots.js'
import { scalarText } from './view.js'

function placeKey(document: number, path: Path): string {
  return `${String(document)} ${JSON.stringify(path)}`
}

/** Tells which places of a rendering spots speak for, so that a change there is theirs to judge. */
export function spotPlaces(
  spots: readonly Spot[],
): (change: Pick<Change, 'document' | 'path' | 'before' | 'after'>) => boolean {
  const whole = new Set<string>()
  const nested = new Map<string, Spot[]>()
  for (const spot of spots) {
    const { document, path, inner, parts } = spot
    if (inner !== undefined)
      nested.set(placeKey(document, path), [...(nested.get(placeKey(document, path)) ?? []), spot])
    else if (parts === undefined) whole.add(placeKey(document, path))
    else for (const part of Object.values(parts)) whole.add(placeKey(document, [...path, ...part]))
  }
  return ({ document, path, before, after }) => {
    const key = placeKey(document, path)
    const inside = nested.get(key)
    return whole.has(key) || (inside !== undefined && onlyInside(before, after, inside))
  }
}

/** Whether two texts that are documents differ only where spots are. */
function onlyInside(before: string, after: string, spots: readonly Spot[]): boolean {
  const [{ path = [], encoded } = {}] = spots
  const [a, b] = [readNested(before, path, encoded), readNested(after, path, encoded)]
  if (a === undefined || b === undefined) return false
  const allowed = new Set(
    spots.flatMap(({ inner = [], parts }) =>
      (parts === undefined ? [[]] : Object.values(parts)).map((part) => JSON.stringify([...inner, ...part])),
    ),
  )
  let only = true
  const pairs: Pair[] = []
  compareValues(a, b, [], (inner, was, is) => {
    if (!allowed.has(JSON.stringify(inner))) only = false
    const [from, to] = [scalarText(was), scalarText(is)]
    if (from === '') pairs.push(['""', to], ['""', `"${to}"`], ["''", to], ["''", `'${to}'`])
    else pairs.push([from, to])
  })
  // the document does not tell of comments, nor of what stands behind its end
  return only && matches(plainText(before, encoded), plainText(after, encoded), pairs)
}

function plainText(text: string, encoded = false): string {
  return (encoded ? decodedText(text) : undefined) ?? text
}

/** A part of a reference that moved, where it stands by itself. */
export interface MovedPart {
  readonly document: number
  /** Below the text that holds it, when that is a document: `spec.config: image.repository`. */
  readonly path: Path
  readonly inner?: string | undefined
  readonly before: string
  readonly after: string
}

/** Those of the changes that spots speak for which are parts of references. */
export function movedParts(changes: readonly Change[], spots: readonly Spot[]): MovedPart[] {
  const inParts = spots.filter(({ form }) => form === 'parts')
  const own = new Set(
    inParts.flatMap(({ document, path, inner, parts = {} }) =>
      inner === undefined ? Object.values(parts).map((part) => placeKey(document, [...path, ...part])) : [],
    ),
  )
  const nested = new Map(
    inParts.flatMap((spot) => (spot.inner === undefined ? [] : [[placeKey(spot.document, spot.path), spot] as const])),
  )
  return changes.flatMap(({ document, path, before, after }): MovedPart[] => {
    const key = placeKey(document, path)
    const spot = nested.get(key)
    if (spot !== undefined) return nestedParts(before, after, spot)
    return own.has(key) ? [{ document, path, before, after }] : []
  })
}

function nestedParts(before: string, after: string, { document, path, encoded }: Spot): MovedPart[] {
  const parts: MovedPart[] = []
  const [a, b] = [readNested(before, path, encoded), readNested(after, path, encoded)]
  compareValues(a, b, [], (inner, was, is) => {
    parts.push({ document, path, inner: formatPath(inner), before: scalarText(was), after: scalarText(is) })
  })
  return parts
}

function readNested(text: string, path: Path, encoded = false): Value | undefined {
  return nestedDocument(plainText(text, encoded), path)
}
