import type { RelocateOptions } from '../chart/types.js'
import { cutReference, findTokens, isUnmistakable, replaceTokens } from './tokens.js'

/**
 * What may move along, and need not: the names of moved images without tag and digest, as `quay.io/app/web` beside `quay.io/app/web:1.2`, but for
 * those that lead to several places or that an image has which stays; and suspected references that `along` says a place for.
 */
export function namesOf(
  moves: ReadonlyMap<string, string>,
  { discovery, excluded, along }: Pick<RelocateOptions, 'discovery' | 'excluded' | 'along'>,
): Map<string, string> {
  const found = new Set(discovery.images.map(({ reference }) => reference))
  const names = new Map<string, string>()
  const refused = new Set<string>()
  for (const { reference, class: own } of discovery.images) {
    if (!moves.has(reference) && own !== 'suspected') refused.add(nameOf(reference))
  }
  for (const [before, after] of moves) {
    const name = nameOf(before)
    const { suffix } = cutReference(before)
    const same = suffix !== '' && cutReference(after).suffix === suffix
    const to = same ? after.slice(0, after.length - suffix.length) : undefined
    if (to === undefined || (names.get(name) ?? to) !== to) refused.add(name)
    else if (!moves.has(name) && (isUnmistakable(name) || (name.includes('/') && found.has(name)))) names.set(name, to)
  }
  for (const { reference, class: own } of discovery.images) {
    const to =
      own === 'suspected' && !moves.has(reference) && isUnmistakable(reference) ? along?.(reference) : undefined
    if (to !== undefined && !names.has(reference)) names.set(reference, to)
  }
  return new Map([...names].filter(([name]) => !refused.has(name) && excluded?.(name) !== true))
}

function nameOf(reference: string): string {
  return reference.slice(0, reference.length - cutReference(reference).suffix.length)
}

/** A text with the names in it moved, and which they are. One that may be anything counts only where it is the whole text. */
export function withNames(
  text: string,
  names: ReadonlyMap<string, string>,
): { readonly text: string; readonly moved: readonly string[] } {
  const whole = names.get(text)
  if (whole !== undefined) return { text: whole, moved: [text] }
  const tokens = findTokens(text, [...names.keys()].filter(isUnmistakable))
  const moved = tokens.map(({ reference }) => reference)
  return { text: replaceTokens(text, tokens, (name) => names.get(name) ?? name), moved }
}
