import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { LineCounter, isNode, parseDocument, type Document } from 'yaml'
import { messageOf } from '@ropeway/core'
import * as errors from '../errors.js'

export type Path = readonly (string | number)[]

/** A chain as written, with the way back from a value to the line that says it. */
export interface ChainDocument {
  readonly value: unknown
  /** Absolute; undefined for a chain made in memory. */
  readonly file?: string | undefined
  readonly directory: string
  /** `ropeway.yaml:9` for the value at this path, or for the nearest thing around it; undefined without a file. */
  placeOf(path: Path): string | undefined
}

/** Reads a chain file: YAML (or JSON), or a module (`.ts`, `.mts`, `.js`, `.mjs`) whose default export is the chain. */
export async function readDocument(file: string): Promise<ChainDocument> {
  const path = resolve(file)
  if (/\.[cm]?[jt]s$/.test(path)) return readModule(path)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (thrown) {
    throw errors.chainMissing(file, thrown)
  }
  return parseText(text, path)
}

export function parseText(text: string, path: string): ChainDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const name = basename(path)
  const [problem] = document.errors
  if (problem !== undefined) throw errors.chainSyntax(`${name}:${lines.linePos(problem.pos[0]).line}`, problem.message)
  return {
    value: valueOf(document, name),
    file: path,
    directory: dirname(path),
    placeOf: (at) => `${name}:${lineOf(document, lines, at)}`,
  }
}

/** Aliases are followed only here: one that is not set, or too many, is no syntax error to the parser. */
function valueOf(document: Document, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 1000 }) as unknown
  } catch (thrown) {
    throw errors.chainSyntax(`${name}:1`, messageOf(thrown))
  }
}

function lineOf(document: Document, lines: LineCounter, path: Path): number {
  for (let length = path.length; length >= 0; length--) {
    const key = keyOffset(document, path.slice(0, length))
    if (key !== undefined) return lines.linePos(key).line
  }
  return 1
}

/** Where a value is said: at its key in a map, at itself in a list. */
function keyOffset(document: Document, path: Path): number | undefined {
  if (path.length === 0) return undefined
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  const last = path.at(-1)
  if (parent !== null && typeof parent === 'object' && 'items' in parent && Array.isArray(parent.items)) {
    for (const item of parent.items as unknown[]) {
      if (
        item !== null &&
        typeof item === 'object' &&
        'key' in item &&
        isNode(item.key) &&
        String(item.key) === String(last)
      ) {
        return item.key.range?.[0]
      }
    }
  }
  const node: unknown = document.getIn(path, true)
  return isNode(node) ? node.range?.[0] : undefined
}

async function readModule(path: string): Promise<ChainDocument> {
  let module: { default?: unknown }
  try {
    module = (await import(pathToFileURL(path).href)) as { default?: unknown }
  } catch (thrown) {
    throw errors.chainMissing(path, thrown)
  }
  const name = basename(path)
  return { value: module.default, file: path, directory: dirname(path), placeOf: () => name }
}
