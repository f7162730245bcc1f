import type { Mark } from './cursor.js'
import type { AliasNode, MappingNode, NodeBase, ScalarNode, SequenceNode, YamlNode } from './node.js'
import { YamlError } from './problem.js'
import { type Scanner, type Token, type TokenType, makeScanner, peek, take } from './scan.js'

interface Composer {
  readonly scanner: Scanner
  readonly anchors: Map<string, YamlNode>
  readonly handles: Map<string, string>
  depth: number
}

const deepest = 1000

/** The first document of a text; undefined when there is none. Throws `YamlError`. */
export function composeYaml(text: string): YamlNode | undefined {
  const scanner = makeScanner(text)
  const composer: Composer = { scanner, anchors: new Map(), handles: new Map(), depth: 0 }
  let token = peek(scanner)
  if (token.type === 'stream-end') return undefined
  while (token.type === 'directive') {
    directive(token, composer)
    take(scanner)
    token = peek(scanner)
    if (token.type !== 'directive' && token.type !== 'document-start') {
      throw parseError(undefined, token, 'did not find expected <document start>')
    }
  }
  // the end of a document that did not start is no empty one
  let empty = isOneOf(token, contentEnds) && token.type !== 'document-end'
  if (token.type === 'document-start') {
    take(scanner)
    token = peek(scanner)
    empty = isOneOf(token, contentEnds)
  }
  const root = empty ? emptyScalar(token.start) : parseNode(composer, true, false)
  peek(scanner)
  return root
}

const contentEnds: readonly TokenType[] = ['directive', 'document-start', 'document-end', 'stream-end']

function isOneOf(token: Token, ends: readonly TokenType[]): boolean {
  return ends.includes(token.type)
}

function directive(token: Token, composer: Composer): void {
  if (token.value === 'YAML') {
    const found = /^(\d+)\.(\d+)$/.exec(token.extra)
    if (found?.[1] !== '1' || found[2] !== '1') throw parseError(undefined, token, 'found incompatible YAML document')
    return
  }
  const [handle = '', prefix = ''] = token.extra.split(/[ \t]+/)
  composer.handles.set(handle, prefix)
}

/** Go's parser counts these lines from 0, hence the line before; and names none for the first. */
function parseError(context: Mark | undefined, token: Token, problem: string): YamlError {
  const line = token.start.line !== 0 ? token.start.line : (context?.line ?? 0)
  return new YamlError(problem, line)
}

function emptyScalar({ line, index }: Mark): ScalarNode {
  return { kind: 'scalar', value: '', plain: true, ...bare(line + 1, index, index) }
}

/** What a node without anchor and tag has in common with others. */
function bare(line: number, start: number, end: number): NodeBase {
  return { tag: '', line, anchor: undefined, start, content: start, end }
}

function parseNode(composer: Composer, block: boolean, indentless: boolean): YamlNode {
  composer.depth += 1
  const { scanner } = composer
  const first = peek(scanner)
  if (composer.depth > deepest) throw parseError(undefined, first, `exceeded max depth of ${String(deepest)}`)
  const node = first.type === 'alias' ? aliasNode(composer, first) : contentNode(composer, block, indentless)
  composer.depth -= 1
  return node
}

function aliasNode({ scanner, anchors }: Composer, token: Token): AliasNode {
  const target = anchors.get(token.value)
  if (target === undefined) throw new YamlError(`unknown anchor '${token.value}' referenced`)
  take(scanner)
  return { kind: 'alias', name: token.value, target, ...bare(token.start.line + 1, token.start.index, token.end.index) }
}

function contentNode(composer: Composer, block: boolean, indentless: boolean): YamlNode {
  const { scanner } = composer
  let token = peek(scanner)
  const { start } = token
  if (token.type === 'scalar') {
    take(scanner)
    const { index } = start
    const place = { line: start.line + 1, anchor: undefined, start: index, content: index, end: token.end.index }
    return { kind: 'scalar', value: token.value, plain: token.extra === 'plain', tag: '', ...place }
  }
  let anchor: string | undefined
  let tag: string | undefined
  let behind = start.index
  while ((token.type === 'anchor' && anchor === undefined) || (token.type === 'tag' && tag === undefined)) {
    if (token.type === 'anchor') anchor = token.value
    else tag = tagOf(composer, token)
    behind = token.end.index
    take(scanner)
    token = peek(scanner)
  }
  const keep = <T extends YamlNode>(node: T): T => {
    if (anchor !== undefined) composer.anchors.set(anchor, node)
    return node
  }
  const line = start.line + 1
  const place = { anchor, start: start.index, content: token.start.index, end: token.end.index }
  const shared: NodeBase = { tag: tag ?? '', line, ...place }
  if (indentless && token.type === 'block-entry') return indentlessSequence(composer, keep(sequence(shared)))
  switch (token.type) {
    case 'scalar':
      take(scanner)
      return keep({
        kind: 'scalar',
        value: token.value,
        plain: (token.extra === 'plain' && tag === undefined) || tag === '!',
        ...shared,
      })
    case 'flow-sequence-start':
      return flowSequence(composer, keep(sequence(shared)))
    case 'flow-mapping-start':
      return flowMapping(composer, keep({ kind: 'mapping', items: [], ...shared }))
    case 'block-sequence-start':
      if (block) return blockSequence(composer, keep(sequence(shared)))
      break
    case 'block-mapping-start':
      if (block) return blockMapping(composer, keep({ kind: 'mapping', items: [], ...shared }))
      break
    default:
  }
  if (anchor !== undefined || tag !== undefined) {
    return keep({ kind: 'scalar', value: '', plain: true, ...shared, content: behind, end: behind })
  }
  throw parseError(start, token, 'did not find expected node content')
}

const sequence = (shared: NodeBase): SequenceNode => ({ kind: 'sequence', items: [], ...shared })

function tagOf(composer: Composer, token: Token): string {
  const handle = token.extra
  if (handle === '') return token.value
  const prefix = composer.handles.get(handle) ?? { '!': '!', '!!': 'tag:yaml.org,2002:' }[handle]
  if (prefix === undefined) throw parseError(token.start, token, 'found undefined tag handle')
  return prefix + token.value
}

const sequenceEnds: readonly TokenType[] = ['block-entry', 'block-end']
const indentlessEnds: readonly TokenType[] = ['block-entry', 'key', 'value', 'block-end']

function blockSequence(composer: Composer, node: SequenceNode): YamlNode {
  const { scanner } = composer
  const { start } = peek(scanner)
  take(scanner)
  for (;;) {
    const token = peek(scanner)
    if (token.type === 'block-end') break
    if (token.type !== 'block-entry') throw parseError(start, token, "did not find expected '-' indicator")
    node.items.push(nodeAfter(composer, token, sequenceEnds, false))
  }
  take(scanner)
  return withEnd(node)
}

/** A collection without brackets ends with its last item. */
function withEnd<T extends SequenceNode | MappingNode>(node: T): T {
  node.end = node.items.at(-1)?.end ?? node.end
  return node
}

function indentlessSequence(composer: Composer, node: SequenceNode): YamlNode {
  for (;;) {
    const token = peek(composer.scanner)
    if (token.type !== 'block-entry') return withEnd(node)
    node.items.push(nodeAfter(composer, token, indentlessEnds, false))
  }
}

/** Takes an indicator and reads the node behind it; when one of `ends` follows instead, it is empty. */
function nodeAfter(composer: Composer, token: Token, ends: readonly TokenType[], indentless: boolean): YamlNode {
  take(composer.scanner)
  if (isOneOf(peek(composer.scanner), ends)) return emptyScalar(token.end)
  return parseNode(composer, true, indentless)
}

const mappingEnds: readonly TokenType[] = ['key', 'value', 'block-end']

function blockMapping(composer: Composer, node: MappingNode): YamlNode {
  const { scanner } = composer
  const { start } = peek(scanner)
  take(scanner)
  for (;;) {
    const token = peek(scanner)
    if (token.type === 'block-end') break
    if (token.type !== 'key') throw parseError(start, token, 'did not find expected key')
    node.items.push(nodeAfter(composer, token, mappingEnds, true))
    const value = peek(scanner)
    node.items.push(value.type === 'value' ? nodeAfter(composer, value, mappingEnds, true) : emptyScalar(value.start))
  }
  take(scanner)
  return withEnd(node)
}

function flowSequence(composer: Composer, node: SequenceNode): YamlNode {
  const { scanner } = composer
  const { start } = peek(scanner)
  take(scanner)
  for (let first = true; ; first = false) {
    let token = peek(scanner)
    if (token.type === 'flow-sequence-end') break
    if (!first) token = entry(composer, start, token, "did not find expected ',' or ']'")
    if (token.type === 'flow-sequence-end') break
    if (token.type === 'key') node.items.push(pair(composer, token))
    else node.items.push(parseNode(composer, false, false))
  }
  return closed(composer, node)
}

function closed<T extends SequenceNode | MappingNode>({ scanner }: Composer, node: T): T {
  node.end = peek(scanner).end.index
  take(scanner)
  return node
}

function entry({ scanner }: Composer, start: Mark, token: Token, problem: string): Token {
  if (token.type !== 'flow-entry') throw parseError(start, token, problem)
  take(scanner)
  return peek(scanner)
}

/** `[a: b]` is a list of one map. */
function pair(composer: Composer, token: Token): MappingNode {
  take(composer.scanner)
  const key = flowNode(composer, ['value', 'flow-entry', 'flow-sequence-end'])
  const value = flowValue(composer, ['flow-entry', 'flow-sequence-end'])
  return { kind: 'mapping', items: [key, value], ...bare(token.start.line + 1, key.start, value.end) }
}

function flowNode(composer: Composer, ends: readonly TokenType[]): YamlNode {
  const token = peek(composer.scanner)
  return isOneOf(token, ends) ? emptyScalar(token.start) : parseNode(composer, false, false)
}

function flowValue(composer: Composer, ends: readonly TokenType[]): YamlNode {
  const token = peek(composer.scanner)
  if (token.type !== 'value') return emptyScalar(token.start)
  take(composer.scanner)
  return flowNode(composer, ends)
}

function flowMapping(composer: Composer, node: MappingNode): YamlNode {
  const { scanner } = composer
  const { start } = peek(scanner)
  take(scanner)
  for (let first = true; ; first = false) {
    let token = peek(scanner)
    if (token.type === 'flow-mapping-end') break
    if (!first) token = entry(composer, start, token, "did not find expected ',' or '}'")
    if (token.type === 'flow-mapping-end') break
    if (token.type === 'key') {
      take(scanner)
      node.items.push(flowNode(composer, ['value', 'flow-entry', 'flow-mapping-end']))
      node.items.push(flowValue(composer, ['flow-entry', 'flow-mapping-end']))
    } else {
      node.items.push(parseNode(composer, false, false))
      node.items.push(emptyScalar(peek(scanner).start))
    }
  }
  return closed(composer, node)
}
