import { isDeepStrictEqual } from 'node:util'
import type { Json } from '@ropeway/core'
import { isCollection, isMap, isScalar, isSeq, type Document, type YAMLMap } from 'yaml'
import type { PatchOperation } from './options.js'

/** Why a patch does not apply, in words. */
export class PatchProblem extends Error {}

/**
 * Applies JSON Patch (RFC 6902) to a YAML document; comments and order of what it does not touch stay. Throws `PatchProblem` for the
 * first operation that does not apply; the document is then partly changed and no longer of use.
 */
export function applyPatch(document: Document, operations: readonly PatchOperation[]): void {
  for (const operation of operations) applyOperation(document, operation)
}

function applyOperation(document: Document, operation: PatchOperation): void {
  switch (operation.op) {
    case 'add':
      return add(document, operation.path, operation.value)
    case 'replace':
      return replace(document, operation.path, operation.value)
    case 'remove':
      return remove(document, operation.path)
    case 'test':
      if (isDeepStrictEqual(read(document, operation.path), operation.value)) return
      throw new PatchProblem(`the test of ${operation.path} fails`)
    case 'copy':
      return add(document, operation.path, read(document, operation.from))
    case 'move': {
      const value = read(document, operation.from)
      remove(document, operation.from)
      return add(document, operation.path, value)
    }
  }
}

function tokens(pointer: string): string[] {
  if (pointer === '') return []
  if (!pointer.startsWith('/')) throw new PatchProblem(`"${pointer}" is no JSON pointer: it begins with "/"`)
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The node that a pointer leads into, and the last token. */
function parentOf(document: Document, pointer: string): { readonly parent: unknown; readonly last: string } {
  const path = tokens(pointer)
  const last = path.pop()
  if (last === undefined) throw new PatchProblem('a document as a whole cannot be patched')
  let parent: unknown = document.contents
  for (const token of path) parent = childOf(parent, token, pointer)
  return { parent, last }
}

function childOf(node: unknown, token: string, pointer: string): unknown {
  if (isMap(node)) {
    const key = keyOf(node, token)
    if (key !== undefined) return node.get(key, true)
  }
  if (isSeq(node) && isIndex(token, node.items.length - 1)) return node.items[Number(token)]
  throw new PatchProblem(`there is no ${pointer}`)
}

/** The key of a map that a token means: keys may be numbers. */
function keyOf(map: YAMLMap, token: string): unknown {
  const pair = map.items.find(({ key }) => String(isScalar(key) ? key.value : key) === token)
  return pair?.key
}

function isIndex(token: string, highest: number): boolean {
  return /^(0|[1-9]\d*)$/.test(token) && Number(token) <= highest
}

function read(document: Document, pointer: string): Json {
  const { parent, last } = parentOf(document, pointer)
  const node = childOf(parent, last, pointer)
  return (isCollection(node) ? node.toJS(document) : isScalar(node) ? node.value : (node ?? null)) as Json
}

function add(document: Document, pointer: string, value: Json): void {
  const { parent, last } = parentOf(document, pointer)
  const node = document.createNode(value)
  if (isMap(parent)) parent.set(keyOf(parent, last) ?? last, node)
  else if (isSeq(parent) && (last === '-' || isIndex(last, parent.items.length))) {
    parent.items.splice(last === '-' ? parent.items.length : Number(last), 0, node)
  } else throw new PatchProblem(`nothing can be added at ${pointer}`)
}

/** In its place: the order of a map stays. */
function replace(document: Document, pointer: string, value: Json): void {
  const { parent, last } = parentOf(document, pointer)
  childOf(parent, last, pointer)
  const node = document.createNode(value)
  if (isMap(parent)) parent.set(keyOf(parent, last), node)
  else if (isSeq(parent)) parent.items[Number(last)] = node
}

function remove(document: Document, pointer: string): void {
  const { parent, last } = parentOf(document, pointer)
  childOf(parent, last, pointer)
  if (isMap(parent)) parent.delete(keyOf(parent, last))
  else if (isSeq(parent)) parent.delete(Number(last))
}
