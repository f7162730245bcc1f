import type { ObjectName } from '../find-images.js'
import type { Path } from '../path.js'
import type { FoundSite, UnresolvedSite } from './types.js'

/** What is found at a path, before it is known in which document. */
export type Finding = Pick<
  FoundSite,
  'place' | 'reference' | 'class' | 'reason' | 'parts' | 'range' | 'inner' | 'partOf'
>

/** Takes what a walk finds. */
export interface Sink {
  found(path: Path, finding: Finding): void
  unresolved(path: Path, place: string, value: unknown, reason: string): void
  /** Marks a place as dealt with: with all below it unless `only`. */
  consume(path: Path): void
  consumed(path: Path): boolean
}

/** Collects for one object of one document; each place counts once, the first word about it. */
export function collector(
  home: { readonly template: string; readonly document: number; readonly object: ObjectName; readonly root: Path },
  sites: FoundSite[],
  unresolved: UnresolvedSite[],
): Sink {
  const { root, ...document } = home
  const seen = new Set<string>()
  const done = new Set<string>()
  return {
    found(path, finding) {
      const key = JSON.stringify([path, finding.inner, finding.range?.[0], finding.reference])
      if (seen.has(key)) return
      seen.add(key)
      sites.push({ ...document, ...finding, path: [...root, ...path] })
    },
    unresolved(path, place, value, reason) {
      const reference = typeof value === 'string' ? value : ''
      unresolved.push({ ...document, path: [...root, ...path], place, reference, reason })
    },
    consume: (path) => void done.add(JSON.stringify(path)),
    consumed: (path) => done.size > 0 && done.has(JSON.stringify(path)),
  }
}

/** Puts what is found inside a text, which is a document itself, at the place of the text. */
export function embedded(outer: Sink, at: Path, text: string): Sink {
  const done = new Set<string>()
  const searched = new Map<string, number>()
  const rangeOf = (reference: string): readonly [number, number] | undefined => {
    const start = text.indexOf(reference, searched.get(reference) ?? 0)
    if (start < 0) return undefined
    searched.set(reference, start + reference.length)
    return [start, start + reference.length]
  }
  return {
    found(path, finding) {
      const range = finding.parts === undefined ? rangeOf(finding.reference) : undefined
      const place = finding.parts === undefined ? 'text' : 'split'
      outer.found(at, { ...finding, place, range, inner: [...path, ...(finding.inner ?? [])] })
    },
    unresolved: (_, place, value, reason) => {
      outer.unresolved(at, place === 'container' ? 'text' : place, value, reason)
    },
    consume: (path) => void done.add(JSON.stringify(path)),
    consumed: (path) => done.has(JSON.stringify(path)),
  }
}

/** Where a walk stands. */
export interface Walk {
  readonly sink: Sink
  /** What kind of place texts are here: `field`, `text`, `annotation`. */
  readonly place: string
  readonly depth: number
}
