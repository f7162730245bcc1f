import { isScalar, parseDocument } from 'yaml'
import type { Path } from '../path.js'
import { withoutByteOrderMark } from '../text.js'
import { decodedText } from './encodings.js'
import type { Spot } from './spots.js'
import { cutReference, replaceTokens, spellings, type Token } from './tokens.js'

interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** A document with its spots rewritten in place: comments, order and quotes stay. */
export function movedText(text: string, spots: readonly Spot[], moves: ReadonlyMap<string, string>): string {
  const mark = text.length - withoutByteOrderMark(text).length
  const document = parseDocument(text.slice(mark), { strict: false, uniqueKeys: false, logLevel: 'silent' })
  const source = text.slice(mark)
  const splices = new Map<number, Splice>()
  for (const [path, inside] of nestedTexts(spots)) {
    const node = document.getIn(path, true)
    if (!isScalar(node) || typeof node.value !== 'string' || node.range === null || node.range === undefined) continue
    const [start, end] = node.range
    const text = movedScalar(source.slice(start, end), node.value, movedNested(node.value, inside, moves))
    splices.set(start, { start, end, text })
  }
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

/** Spots that are in documents inside texts, by the paths of these. */
function nestedTexts(spots: readonly Spot[]): (readonly [Path, readonly Spot[]])[] {
  const groups = Map.groupBy(
    spots.filter(({ inner }) => inner !== undefined),
    ({ path }) => JSON.stringify(path),
  )
  return [...groups.values()].map((group) => [group[0]?.path ?? [], group] as const)
}

/** A text that is a document itself, plain or as base64, with the spots in it rewritten. */
function movedNested(text: string, spots: readonly Spot[], moves: ReadonlyMap<string, string>): string {
  const encoded = spots[0]?.encoded === true
  const plain = encoded ? decodedText(text) : text
  if (plain === undefined) return text
  const inside = spots.map((spot) => ({ ...spot, path: spot.inner ?? [], inner: undefined, encoded: false }))
  const isYaml = parseDocument(plain, { strict: false, uniqueKeys: false, logLevel: 'silent' }).errors.length === 0
  const next = isYaml ? movedText(plain, inside, moves) : movedSettings(plain, inside, moves)
  return encoded ? Buffer.from(next).toString('base64') : next
}

/** TOML: each part stands behind its key, in quotes; one that does not stand there once is left. */
function movedSettings(text: string, spots: readonly Spot[], moves: ReadonlyMap<string, string>): string {
  let out = text
  for (const spot of spots) {
    for (const [path, wanted, before] of wantedTexts(spot, moves)) {
      const key = String(path.at(-1)).replaceAll(/[^\w-]/g, '.')
      const line = new RegExp(`^(\\s*"?${key}"?\\s*=\\s*(["']))(.*?)\\2`, 'gm')
      const found = [...out.matchAll(line)].filter(([, , , value]) => before === undefined || value === before)
      const [only] = found
      if (only === undefined || found.length > 1) continue
      const [whole, head = '', quote = ''] = only
      out = `${out.slice(0, only.index)}${head}${wanted}${quote}${out.slice(only.index + whole.length)}`
    }
  }
  return out
}

/** The source of a text, after the text became another one with as many lines. */
function movedScalar(written: string, before: string, after: string): string {
  if (written.includes(before)) return written.replace(before, () => after)
  const [old, now] = [before.split('\n'), after.split('\n')]
  if (written.startsWith('|') && old.length === now.length) {
    const [head = '', ...lines] = written.split('\n')
    const body = lines.map((line, at) => {
      const kept = old[at]
      return kept !== undefined && kept !== '' && line.endsWith(kept)
        ? line.slice(0, line.length - kept.length) + (now[at] ?? '')
        : line
    })
    return [head, ...body].join('\n')
  }
  return `${JSON.stringify(after)}${/^[|>]/.test(written) ? '\n' : ''}`
}

/** The references in the source of a text, as it is written there. */
function replaceWritten(written: string, { tokens }: Spot, moves: ReadonlyMap<string, string>): string {
  const found = tokens.flatMap(({ reference }, at) => {
    const before = tokens.slice(0, at).filter((token) => token.reference === reference).length
    return occurrences(written, reference)[before] ?? []
  })
  const ordered = found.toSorted((a, b) => a.start - b.start)
  return replaceTokens(written, ordered, (reference) => moves.get(reference) ?? reference)
}

/** Where a reference stands in a text, however its colons are written. */
function occurrences(text: string, reference: string): Token[] {
  const found: Token[] = []
  for (const spelling of spellings(reference)) {
    for (let at = text.indexOf(spelling); at >= 0; at = text.indexOf(spelling, at + 1)) {
      found.push({ reference, start: at, end: at + spelling.length })
    }
  }
  return found.toSorted((a, b) => a.start - b.start)
}

function replaceWhole(source: string, start: number, end: number, text: string): string {
  const quote = source.charAt(start)
  if (quote === '"' || quote === "'") return `${quote}${text}${quote}`
  const block = quote === '|' || quote === '>' ? /\n\s*$/.exec(source.slice(start, end))?.[0] : undefined
  return block === undefined ? text : `${text}${block}`
}

/** New texts of a spot, each with its path in the document, and what stands there for a reference in one text. */
function wantedTexts(
  { path, inner, form, parts, encoded, wanted, before }: Spot,
  moves: ReadonlyMap<string, string>,
): (readonly [path: Path, wanted: string, before?: string])[] {
  if (form === 'lost' || inner !== undefined) return []
  if (form === 'text') return [[path, encoded === true ? Buffer.from(wanted).toString('base64') : wanted, before]]
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
