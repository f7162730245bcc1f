import { GoMap, GoSlice, type Value } from '@ropeway/gotemplate'
import { decodeYaml, type EncodingCall } from '@ropeway/helm'
import { decodedText } from './encodings.js'
import { cutReference, findTokens, replaceTokens } from './tokens.js'

/** A text and what stands in its place after relocation. */
export type Pair = readonly [before: string, after: string]

/** What may explain a difference. */
export interface Grounds {
  /** References and their destinations. */
  readonly moves: ReadonlyMap<string, string>
  /** Stretches of values and files that relocation changed. */
  readonly pieces: readonly Pair[]
  /** Checksums of texts that differ in nothing else. */
  readonly sums: readonly Pair[]
}

/**
 * The checksums that differ because what they were taken of differs in moved references alone. The calls of two renderings
 * are compared one by one, so that a checksum of text that holds checksums is seen through.
 */
export function relatedSums(
  before: readonly EncodingCall[],
  after: readonly EncodingCall[],
  grounds: Omit<Grounds, 'sums'>,
): Pair[] {
  if (before.length !== after.length) return []
  const sums: Pair[] = []
  const seen = new Set<string>()
  for (const [at, old] of before.entries()) {
    const now = after[at]
    if (now === undefined || now.function !== old.function || now.output === old.output) continue
    const key = `${old.output} ${now.output}`
    if (seen.has(key)) continue
    seen.add(key)
    if (differsInReferences(old.input, now.input, { ...grounds, sums })) sums.push([old.output, now.output])
  }
  return sums
}

/** Whether a text became another by replacing references, changed pieces and checksums of such texts, and by nothing else. */
function differsInReferences(before: string, after: string, grounds: Grounds): boolean {
  const pairs = [...grounds.moves, ...names(grounds.moves), ...grounds.pieces, ...grounds.sums].filter(
    ([a, b]) => a !== b,
  )
  if (matches(before, after, pairs)) return true
  const [a, b] = [parsed(before), parsed(after)]
  if (a === undefined || b === undefined) return false
  return valuesMatch(a, b, pairs)
}

/** References without tag and digest, and their registries, for values that hold them in parts. */
function names(moves: ReadonlyMap<string, string>): Pair[] {
  return [...moves].flatMap(([before, after]): Pair[] => {
    const [from, to] = [cutReference(before), cutReference(after)]
    if (from.suffix !== to.suffix) return []
    const [a, b] = [before, after].map((text) => text.slice(0, text.length - from.suffix.length))
    const kept = `/${from.repository}`
    const registry: Pair[] =
      from.registry !== '' && b?.endsWith(kept) === true ? [[from.registry, b.slice(0, -kept.length)]] : []
    return [[a ?? '', b ?? ''], ...registry]
  })
}

function parsed(text: string): GoMap | GoSlice | undefined {
  try {
    const value = decodeYaml(text)
    return value instanceof GoMap || value instanceof GoSlice ? value : undefined
  } catch {
    return undefined
  }
}

function valuesMatch(a: Value | undefined, b: Value | undefined, pairs: readonly Pair[]): boolean {
  if (a instanceof GoMap && b instanceof GoMap) {
    return [...new Set([...a.entries.keys(), ...b.entries.keys()])].every((key) =>
      valuesMatch(a.entries.get(key), b.entries.get(key), pairs),
    )
  }
  if (a instanceof GoSlice && b instanceof GoSlice) {
    return a.items.length === b.items.length && a.items.every((item, at) => valuesMatch(item, b.items[at], pairs))
  }
  if (typeof b !== 'string') return a === b
  if (a === undefined || a === null || a === '') return pairs.some(([before, after]) => before === '' && after === b)
  if (typeof a !== 'string') return false
  return a === b || matches(a, b, pairs) || encodedMatch(a, b, pairs)
}

/** Whether both are base64, of texts or documents that differ in nothing else. */
function encodedMatch(before: string, after: string, pairs: readonly Pair[]): boolean {
  const [a, b] = [decodedText(before), decodedText(after)]
  if (a === undefined || b === undefined) return false
  if (matches(a, b, pairs)) return true
  const [x, y] = [parsed(a), parsed(b)]
  return x !== undefined && y !== undefined && valuesMatch(x, y, pairs)
}

/** Steps that a comparison may take before it is given up as unexplained. */
const mostSteps = 2_000_000

/** Whether the second text is the first one with some occurrences of pairs replaced. */
export function matches(before: string, after: string, pairs: readonly Pair[]): boolean {
  const useful = pairs.filter(([from, to]) => from !== '' && before.includes(from) && after.includes(to))
  const failed = new Set<string>()
  const open: [number, number][] = [[0, 0]]
  let steps = 0
  while (open.length > 0) {
    let [at, to] = open.pop() ?? [0, 0]
    for (;;) {
      steps += 1
      if (steps > mostSteps) return false
      if (at === before.length && to === after.length) return true
      for (const [from, into] of useful) {
        if (!before.startsWith(from, at) || !after.startsWith(into, to)) continue
        const key = `${at + from.length} ${to + into.length}`
        if (failed.has(key)) continue
        failed.add(key)
        open.push([at + from.length, to + into.length])
      }
      if (at >= before.length || before[at] !== after[to]) break
      at += 1
      to += 1
    }
  }
  return false
}

/** Why a text differs when what it is computed from moved; undefined when that does not explain it. */
export function computedFrom(before: string, after: string, grounds: Grounds): string | undefined {
  if (sumsExplain(before, after, grounds.sums)) return 'a checksum of text in which only references changed'
  const [a, b] = [decodedText(before), decodedText(after)]
  if (a === undefined || b === undefined) return undefined
  const references = [...grounds.moves.keys()]
  const moved = replaceTokens(a, findTokens(a, references), (reference) => grounds.moves.get(reference) ?? reference)
  if (moved === b || sumsExplain(moved, b, grounds.sums)) return 'base64 of text in which only references changed'
  return undefined
}

function sumsExplain(before: string, after: string, sums: readonly Pair[]): boolean {
  const words = (text: string): string[] => text.split(/([^0-9A-Za-z]+)/)
  const [a, b] = [words(before), words(after)]
  return (
    a.length === b.length && a.every((word, at) => word === b[at] || sums.some((sum) => isSum(word, b[at] ?? '', sum)))
  )
}

/** Fewest characters of a checksum that count as one. */
const shortest = 5

/** Whether two words hold the same stretch of two checksums, and are equal around it. */
function isSum(before: string, after: string, [old, now]: Pair): boolean {
  if (before === old && after === now) return true
  if (before.length !== after.length || old.length !== now.length) return false
  const start = [...before].findIndex((unit, at) => unit !== after[at])
  let end = before.length
  while (end > start && before[end - 1] === after[end - 1]) end -= 1
  const core = before.slice(start, end)
  for (let at = old.indexOf(core); at !== -1; at = old.indexOf(core, at + 1)) {
    if (now.slice(at, at + core.length) !== after.slice(start, end)) continue
    let [from, to] = [0, core.length]
    while (start + from > 0 && at + from > 0 && before[start + from - 1] === old[at + from - 1]) from -= 1
    while (start + to < before.length && before[start + to] === old[at + to]) to += 1
    if (to - from >= shortest) return true
  }
  return false
}
