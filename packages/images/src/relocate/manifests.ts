import { GoMap, mapType, type Value } from '@ropeway/gotemplate'
import type { Proof, ProvedReference, RelocateOptions } from '../chart/types.js'
import { splitDocuments } from '../split-documents.js'
import { withoutByteOrderMark } from '../text.js'
import { compareRenderings } from './prove.js'
import { movesOf } from './relocate.js'
import { makeReport } from './report.js'
import { makeSetup } from './setups.js'
import { movedText } from './moved-text.js'
import { findSites, findSpots } from './spots.js'
import { makeDocument, type View } from './view.js'

/** One file of manifests. */
export interface ManifestText {
  /** As people and proofs call it. */
  readonly name: string
  readonly text: string
}

/** Manifests whose references were moved, in the order in which they were given. */
export interface ManifestRelocation {
  readonly texts: readonly string[]
  readonly proof: Proof
}

/**
 * Moves the references of manifests to their destinations and proves it. Only the references change: comments, order and
 * blanks stay. What cannot be moved or proved is in the proof, nothing is thrown for it.
 */
export async function relocateManifests(
  files: readonly ManifestText[],
  options: Pick<RelocateOptions, 'discovery' | 'destination' | 'excluded'>,
): Promise<ManifestRelocation> {
  const moves = movesOf(options)
  const parts = files.map(({ text }) => [...splitDocuments(text)].map((part) => part.text))
  const before = viewOfParts(files, parts)
  const spots = findSpots(before, findSites(before), moves)
  let document = 0
  const moved = parts.map((texts) =>
    texts.map((text) => {
      const here = spots.filter((spot) => spot.document === document)
      document += 1
      return here.length === 0 ? text : movedText(text, here, moves)
    }),
  )
  const after = viewOfParts(files, moved)
  const setup = makeSetup({}, {})
  const names = new Map<string, string>()
  const finding = compareRenderings(before, after, { setup, spots, moves, names }, { pieces: [], find: findSites })
  const metadata = { name: 'manifests', version: '' }
  const proof = makeReport({
    ...{ metadata, moves, names, turns: new Map(), used: new Map(), findings: [finding] },
    options: { ...options, mode: 'embed', settings: {} },
  })
  return { texts: moved.map((texts) => texts.join('')), proof: { ...proof, references: proof.references.map(inFiles) } }
}

/** No values move anything here: the files themselves are changed. */
function inFiles({ values: _, ...reference }: ProvedReference): ProvedReference {
  const files = reference.places.map((place) => place.replace(/ .*$/s, ''))
  return reference.how === 'values' ? { ...reference, how: 'template', patched: [...new Set(files)] } : reference
}

function viewOfParts(files: readonly ManifestText[], parts: readonly (readonly string[])[]): View {
  const documents = files.flatMap(({ name }, at) =>
    (parts[at] ?? []).map((text, index) => makeDocument(name, index, withoutByteOrderMark(text))),
  )
  return { documents, values: new GoMap(mapType, new Map<string, Value>()) }
}
