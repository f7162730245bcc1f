import type { Artifact } from '@ropeway/core'

/** What users call an artifact. */
export function namesOf({ kind, name, version }: Artifact): string[] {
  return [
    name,
    ...(version === undefined ? [] : [`${name}:${version}`, `${kind}:${name}:${version}`]),
    `${kind}:${name}`,
  ]
}

/** Whether a name or a glob (`*`, `?`) is one of the names. */
export function matchesAny(pattern: string, names: readonly string[]): boolean {
  return names.some((name) => matchesGlob(pattern, name))
}

/** `*` is any run of characters, `?` is one. */
export function matchesGlob(pattern: string, text: string): boolean {
  const [head = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return sameText(head, text)
  if (!sameText(head, text.slice(0, head.length))) return false
  let at = head.length
  const tail = rest.pop() ?? ''
  for (const piece of rest) {
    const found = findFrom(piece, text, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return text.length - tail.length >= at && sameText(tail, text.slice(text.length - tail.length))
}

function findFrom(piece: string, text: string, from: number): number {
  for (let at = from; at + piece.length <= text.length; at++) {
    if (sameText(piece, text.slice(at, at + piece.length))) return at
  }
  return -1
}

function sameText(piece: string, text: string): boolean {
  return piece.length === text.length && [...piece].every((each, index) => each === '?' || each === text[index])
}
