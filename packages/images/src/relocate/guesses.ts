import { wantedAt, writtenAt, type Assessment, type Task } from './assess.js'
import { pieceOf, type Knob, type Turn } from './knobs.js'
import { cutReference } from './tokens.js'

/** What a knob that bears no mark would have to say, if its text stands in the reference as it is. */
export function* guesses(knobs: readonly Knob[], state: Assessment, task: Task): Generator<Turn> {
  const seen = new Set<string>()
  for (const knob of knobs) {
    const piece = pieceOf(knob)
    for (const { spot, token } of state.wrong) {
      const reference = writtenAt(spot, token)
      const wanted = wantedAt(spot, token, task)
      for (const text of piece === '' ? prefixes(reference, wanted) : replaced(piece, reference, wanted)) {
        const key = `${knob.id}=${text}`
        if (!seen.has(key)) yield { knob, text }
        seen.add(key)
      }
    }
  }
}

function replaced(piece: string, reference: string, wanted: string): string[] {
  const found: string[] = []
  for (let at = reference.indexOf(piece); at !== -1; at = reference.indexOf(piece, at + 1)) {
    const [before, after] = [reference.slice(0, at), reference.slice(at + piece.length)]
    const fits = wanted.startsWith(before) && wanted.endsWith(after) && wanted.length > before.length + after.length
    if (fits) found.push(wanted.slice(before.length, wanted.length - after.length))
  }
  return found
}

function prefixes(reference: string, wanted: string): string[] {
  const { repository, suffix } = cutReference(reference)
  return [reference, repository + suffix]
    .filter((tail) => wanted.endsWith(`/${tail}`))
    .map((tail) => wanted.slice(0, -tail.length - 1))
}
