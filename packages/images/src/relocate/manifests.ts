import { GoMap, mapType, type Value } from '@ropeway/gotemplate'
import { isScalar, parseDocument } from 'yaml'
import type { Proof, RelocateOptions } from '../chart/types.js'
import { splitDocuments } from '../split-documents.js'
import { withoutByteOrderMark } from '../text.js'
import { compareRenderings } from './prove.js'
import { movesOf } from './relocate.js'
import { makeReport } from './report.js'
import { makeSetup } from './setups.js'
import { findSites, findSpots, type Spot } from './spots.js'
import { cutReference, replaceTokens } from './tokens.js'
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
  return { texts: moved.map((texts) => texts.join('')), proof }
}

function viewOfParts(files: readonly ManifestText[], parts: readonly (readonly string[])[]): View {
  const documents = files.flatMap(({ name }, at) =>
    (parts[at] ?? []).map((text, index) => makeDocument(name, index, withoutByteOrderMark(text))),
  )
  return { documents, values: new GoMap(mapType, new Map<string, Value>()) }
}

interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** A document with its spots rewritten in place. */
function movedText(text: string, spots: readonly Spot[], moves: ReadonlyMap<string, string>): string {
  const mark = text.length - withoutByteOrderMark(text).length
  const document = parseDocument(text.slice(mark), { strict: false, uniqueKeys: false, logLevel: 'silent' })
  const source = text.slice(mark)
  const splices = new Map<number, Splice>()
  for (const spot of spots) {
    for (const [path, wanted] of wantedTexts(spot, moves)) {
      const node = document.getIn(path, true)
      if (!isScalar(node) || node.range === null || node.range === undefined) continue
      const [start, end] = node.range
      const written = spot.form === 'text' && spot.encoded !== true && spot.inner === undefined
      const next = written
        ? replaceWritten(source.slice(start, end), spot, moves)
        : replaceWhole(source, start, end, wanted)
      if (next !== undefined) splices.set(start, { start, end, text: next })
    }
  }
  let out = source
  for (const { start, end, text: piece } of [...splices.values()].sort((a, b) => b.start - a.start)) {
    out = out.slice(0, start) + piece + out.slice(end)
  }
  return text.slice(0, mark) + out
}

/** The references in the source of a text, as it is written there. */
function replaceWritten(written: string, { tokens }: Spot, moves: ReadonlyMap<string, string>): string {
  const found = tokens.flatMap(({ reference }, at) => {
    const before = tokens.slice(0, at).filter((token) => token.reference === reference).length
    const start = nth(written, reference, before)
    return start < 0 ? [] : [{ reference, start, end: start + reference.length }]
  })
  const ordered = found.toSorted((a, b) => a.start - b.start)
  return replaceTokens(written, ordered, (reference) => moves.get(reference) ?? reference)
}

function nth(text: string, wanted: string, skip: number): number {
  let at = text.indexOf(wanted)
  for (let count = 0; count < skip && at >= 0; count++) at = text.indexOf(wanted, at + 1)
  return at
}

function replaceWhole(source: string, start: number, end: number, text: string): string {
  const quote = source.charAt(start)
  if (quote === '"' || quote === "'") return `${quote}${text}${quote}`
  const block = quote === '|' || quote === '>' ? /\n\s*$/.exec(source.slice(start, end))?.[0] : undefined
  return block === undefined ? text : `${text}${block}`
}

/** New texts of a spot, each with its path in the document. */
function wantedTexts({ path, inner, form, parts, encoded, wanted, before }: Spot, moves: ReadonlyMap<string, string>) {
  if (form === 'lost' || inner !== undefined) return []
  if (form === 'text') return [[path, encoded === true ? Buffer.from(wanted).toString('base64') : wanted]] as const
  const { registry, repository, suffix } = cutReference(moves.get(before) ?? before)
  const [tag = '', digest = ''] = suffix.startsWith('@') ? ['', suffix.slice(1)] : suffix.slice(1).split('@')
  const name =
    parts?.registry === undefined ? [registry, repository].filter((text) => text !== '').join('/') : repository
  const last = name.lastIndexOf('/')
  const texts = {
    ...{ registry, tag, digest },
    repository: parts?.image === undefined ? name : name.slice(0, Math.max(0, last)),
    image: parts?.repository === undefined ? name : name.slice(last + 1),
  }
  return Object.entries(parts ?? {}).flatMap(([part, below]) => {
    const text = texts[part as keyof typeof texts]
    return text === '' ? [] : [[[...path, ...below], text] as const]
  })
}
