import { GoMap, GoSlice, listType, mapType, type Value } from '@ropeway/gotemplate'
import { decodeNode } from '../yaml/decode.js'
import type { AliasNode, YamlNode } from '../yaml/node.js'
import { isFlow, type Place, type Target } from './edit-target.js'
import { blockLines, flowText, inlineLike, isBlock, itemLines, pairLines } from './write-value.js'

/** A part of a text and what takes its place. */
export interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** What to change in the text for an edit. New lines end with `\n`. */
export function splicesOf(target: Target, text: string): Splice[] {
  const { place, value } = target
  if (target.type === 'replace') return replaced(place, value, text)
  const node = target.type === 'key' ? target.map : target.list
  if (node.items.length === 0 && !place.flow) {
    const filled =
      target.type === 'key' ? new GoMap(mapType, new Map([[target.key, value]])) : new GoSlice(listType, [value])
    return replaced(place, filled, text)
  }
  if (place.flow || isFlow(node, text)) {
    const last = node.items.at(-1)
    const at = last === undefined ? node.content + 1 : endOf(last, text)
    const added = flowText(target.type === 'key' ? new GoMap(mapType, new Map([[target.key, value]])) : value)
    return [insertion(at, (last === undefined ? '' : ', ') + (target.type === 'key' ? added.slice(1, -1) : added))]
  }
  const indent = columnOf(text, node.content)
  const lines = target.type === 'key' ? pairLines(target.key, value, indent) : itemLines(value, indent)
  return [linesBehind(node, lines, text)]
}

/** Lines behind the last one of a node. */
function linesBehind(node: YamlNode, lines: readonly string[], text: string): Splice {
  const last = lastScalar(node)
  // blank lines at the end belong to a block scalar that keeps them
  const keeps = /^[|>]\d?\+/.test(text.slice(last.content, last.content + 3))
  if (keeps && text.charAt(last.end - 1) === '\n') return insertion(last.end, lines.map((line) => `${line}\n`).join(''))
  return insertion(lineEnd(text, endOf(node, text)), lines.map((line) => `\n${line}`).join(''))
}

function lastScalar(node: YamlNode): YamlNode {
  const last = node.kind === 'mapping' || node.kind === 'sequence' ? node.items.at(-1) : undefined
  return last === undefined ? node : lastScalar(last)
}

function insertion(at: number, text: string): Splice {
  return { start: at, end: at, text }
}

function replaced(place: Place, value: Value, text: string): Splice[] {
  const { node, entry } = place
  const end = endOf(node, text)
  const column = entry === undefined ? -2 : columnOf(text, entry)
  const isBlockNode = (node.kind === 'mapping' || node.kind === 'sequence') && !place.flow && !isFlow(node, text)
  if (isBlock(value) && !place.flow) {
    if (isBlockNode) return blockByBlock(node, value, column, text)
    if (place.key !== undefined) return underKey(place, value, column, text)
    const alone = text.slice(end, lineEnd(text, end)).trim() === ''
    const lines = blockLines(value, column + 2).join('\n')
    return [{ start: node.start, end, text: spaced(text, node.start, alone ? lines.trimStart() : flowText(value)) }]
  }
  const literal = isBlockNode || !hasRoom(text, end, column + 2) ? undefined : column + 2
  const written = place.flow ? flowText(value) : inlineLike(value, text.slice(node.content, end), literal)
  if (isBlockNode && place.key !== undefined && lineStart(text, node.content) > place.key.end) {
    const colon = text.indexOf(':', place.key.end) + 1
    const gap = { start: colon, end: propertiesEnd(node, text, colon), text: ` ${written}` }
    return [gap, { start: lineStart(text, node.content) - 1, end, text: '' }]
  }
  if (node.start === end) return [emptyFilled(place, written, text)]
  const anchor = node.anchor === undefined || node.kind === 'alias' ? '' : `&${node.anchor} `
  return [{ start: node.start, end, text: anchor + written }]
}

/** Whether a literal may end here: nothing follows that would become a part of it. */
function hasRoom(text: string, end: number, indent: number): boolean {
  const next = /^[ \t]*(?:\r?\n( *)(?![ \r\n])|$)/.exec(text.slice(end))
  return next !== null && (next[1] ?? '').length < indent
}

/** Behind anchor and tag of a block that begins on another line. */
function propertiesEnd(node: YamlNode, text: string, colon: number): number {
  return node.start === node.content
    ? colon
    : node.start + text.slice(node.start, node.content).trimEnd().split('\n', 1).join('').length
}

/** A value where none is written: `key:`, `-`, or a key alone between brackets. */
function emptyFilled({ node, key }: Place, written: string, text: string): Splice {
  if (key !== undefined && !text.slice(key.end, node.content).includes(':')) return insertion(key.end, `: ${written}`)
  return insertion(node.content, spaced(text, node.content, written))
}

function spaced(text: string, at: number, written: string): string {
  return at === 0 || /\s/.test(text.charAt(at - 1)) ? written : ` ${written}`
}

function blockByBlock(node: YamlNode, value: GoMap | GoSlice, column: number, text: string): Splice[] {
  const at = columnOf(text, node.content)
  const indent = value instanceof GoMap ? Math.max(at, column + 2) : at
  const lines = blockLines(value, indent).join('\n')
  return [{ start: node.content, end: endOf(node, text), text: lines.slice(at) }]
}

/** Lines below a key, behind its comment; what stood beside the key goes. */
function underKey({ node }: Place, value: GoMap | GoSlice, column: number, text: string): Splice[] {
  const end = endOf(node, text)
  const before = text.slice(0, node.start).trimEnd().length
  const lines = blockLines(value, column + 2).map((line) => `\n${line}`)
  const at = lineEnd(text, end)
  if (node.start === end) return [insertion(at, lines.join(''))]
  if (at === end) return [{ start: before, end, text: lines.join('') }]
  return [{ start: before, end, text: '' }, insertion(at, lines.join(''))]
}

/** Offset behind the last character of a node that is no blank. */
export function endOf(node: YamlNode, text: string): number {
  return node.start + text.slice(node.start, node.end).trimEnd().length
}

function columnOf(text: string, at: number): number {
  return at - lineStart(text, at)
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1
}

function lineEnd(text: string, at: number): number {
  const found = /\r?\n/.exec(text.slice(at))
  return found === null ? text.length : at + found.index
}

/**
 * Hands the value of an anchored node to the first of its aliases, so that an edit of the node leaves them as they are.
 */
export function detached(node: YamlNode, first: AliasNode, text: string): Splice[] {
  const anchor = `&${first.name}`
  const at = text.indexOf(anchor, node.start)
  const rest = text.slice(at + anchor.length)
  const blanks = /^[ \t]*(?=\S)/.exec(rest)?.[0].length ?? 0
  const before = blanks > 0 ? at : text.slice(0, at).replace(/[ \t]+$/, '').length
  const source = text.slice(node.content, endOf(node, text))
  const kept = node.kind === 'scalar' && !/[\n\r]/.test(source) && source !== ''
  return [
    { start: before, end: at + anchor.length + blanks, text: '' },
    { start: first.start, end: first.end, text: `${anchor} ${kept ? source : flowText(decodeNode(node))}` },
  ]
}
