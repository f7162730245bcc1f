import { GoMap, GoSlice, fromBytes, listType, mapType, quote, textOf, type Value } from '@ropeway/gotemplate'
import { composeYaml } from './compose.js'
import type { MappingNode, ScalarNode, YamlNode } from './node.js'
import { YamlError } from './problem.js'
import { type YamlScalar, floatText, plainScalar } from './scalar.js'

interface Decoder {
  readonly scalar: (value: YamlScalar) => Value
  count: number
  aliased: number
  depth: number
  readonly open: Set<YamlNode>
}

/**
 * The first document of a text as Helm reads it: YAML 1.1 by Go's parser, then through JSON, so that all numbers are float64.
 * Throws `YamlError`, also for bombs of aliases.
 */
export function decodeYaml(text: string): Value {
  const node = composeYaml(text)
  return node === undefined ? null : decodeNode(node)
}

/** Like `decodeYaml`, but integers stay bigint and numbers that JSON lacks are there: for fields that are text. */
export function decodeYamlExactly(text: string): Value {
  const node = composeYaml(text)
  return node === undefined
    ? null
    : decode(
        node,
        makeDecoder((value) => value),
      )
}

/** The value of a node, see `decodeYaml`. */
export function decodeNode(node: YamlNode): Value {
  return decode(node, makeDecoder())
}

/** What a merge key brings, by the node behind it. */
export function decodeMerge(node: YamlNode): GoMap {
  const entries = new Map<string, Value>()
  merge(node, entries, makeDecoder())
  return new GoMap(mapType, entries)
}

function makeDecoder(scalar: Decoder['scalar'] = jsonScalar): Decoder {
  return { scalar, count: 0, aliased: 0, depth: 0, open: new Set() }
}

function decode(node: YamlNode, decoder: Decoder): Value {
  countNode(decoder)
  switch (node.kind) {
    case 'scalar':
      return decoder.scalar(scalarOf(node))
    case 'sequence':
      return new GoSlice(
        listType,
        node.items.map((item) => decode(item, decoder)),
      )
    case 'mapping': {
      const entries = new Map<string, Value>()
      decodeMapping(node, entries, decoder)
      return new GoMap(mapType, entries)
    }
    case 'alias':
      return throughAlias(node.name, node.target, decoder, (target) => decode(target, decoder))
  }
}

/** Go's parser allows aliases as long as they make up a share of the document that falls with its size. */
function countNode(decoder: Decoder): void {
  decoder.count += 1
  if (decoder.depth > 0) decoder.aliased += 1
  if (decoder.aliased <= 100 || decoder.count <= 1000) return
  if (decoder.aliased / decoder.count > allowedShare(decoder.count)) {
    throw new YamlError('document contains excessive aliasing')
  }
}

function allowedShare(count: number): number {
  if (count <= 400_000) return 0.99
  if (count >= 4_000_000) return 0.1
  return 0.99 - 0.89 * ((count - 400_000) / 3_600_000)
}

function throughAlias<T>(name: string, target: YamlNode, decoder: Decoder, read: (node: YamlNode) => T): T {
  if (decoder.open.has(target)) throw new YamlError(`anchor '${name}' value contains itself`)
  decoder.open.add(target)
  decoder.depth += 1
  const result = read(target)
  decoder.depth -= 1
  decoder.open.delete(target)
  return result
}

function decodeMapping(node: MappingNode, entries: Map<string, Value>, decoder: Decoder): void {
  for (let at = 0; at < node.items.length; at += 2) {
    const key = node.items[at]
    const value = node.items[at + 1]
    if (key === undefined || value === undefined) return
    if (isMerge(key)) merge(value, entries, decoder)
    else {
      const name = keyOf(key, decoder)
      const item = decode(value, decoder)
      if (name === null) throw new UnsupportedKeyError(item)
      entries.set(name, item)
    }
  }
}

/** Whether a key brings in other maps: `<<`. */
export function isMerge(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === '<<' && (node.plain || node.tag === 'tag:yaml.org,2002:merge')
}

function merge(node: YamlNode, entries: Map<string, Value>, decoder: Decoder): void {
  const wanted = () => new YamlError('map merge requires map or sequence of maps as the value')
  const one = (item: YamlNode): void => {
    countNode(decoder)
    if (item.kind === 'mapping') return decodeMapping(item, entries, decoder)
    if (item.kind !== 'alias') throw wanted()
    throughAlias(item.name, item.target, decoder, one)
  }
  if (node.kind === 'sequence') for (const item of [...node.items].reverse()) one(item)
  else one(node)
}

/** The text of a key as Helm has it; null for one that is null. */
export function keyText(node: YamlNode): string | null {
  return keyOf(node, makeDecoder())
}

function keyOf(node: YamlNode, decoder: Decoder): string | null {
  if (node.kind === 'alias') {
    return throughAlias(node.name, node.target, decoder, (target) => keyOf(target, decoder))
  }
  if (node.kind !== 'scalar') {
    throw new YamlError(
      `invalid map key: ${node.kind === 'mapping' ? 'map[interface {}]interface {}{}' : '[]interface {}{}'}`,
    )
  }
  const key = scalarOf(node)
  if (typeof key === 'string') return key
  if (typeof key === 'number') return floatText(key)
  return key === null ? null : String(key)
}

/** A key is null; the message is that of the step from YAML to JSON. */
export class UnsupportedKeyError extends Error {
  constructor(value: Value) {
    super(
      `unsupported map key of type: %!s(<nil>), key: <nil>, value: ${typeof value === 'string' ? quote(value) : textOf(value)}`,
    )
    this.name = 'UnsupportedKeyError'
  }
}

/** A number that JSON has none for. */
export class UnsupportedNumberError extends Error {
  constructor(value: number) {
    super(`json: unsupported value: ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`)
    this.name = 'UnsupportedNumberError'
  }
}

function jsonScalar(value: YamlScalar): Value {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'number' && !Number.isFinite(value)) throw new UnsupportedNumberError(value)
  return value
}

const core = 'tag:yaml.org,2002:'
const kinds: Readonly<Record<string, string>> = {
  object: '!!null',
  boolean: '!!bool',
  bigint: '!!int',
  number: '!!float',
}

/** What a scalar means by its tag, or by its text when it is plain. */
export function scalarOf({ value, plain, tag }: ScalarNode): YamlScalar {
  if (tag === '') return plain ? plainScalar(value) : value
  if (!tag.startsWith(core)) return value
  const name = `!!${tag.slice(core.length)}`
  if (name === '!!binary') return binary(value)
  if (!['!!bool', '!!int', '!!float', '!!null'].includes(name)) return value
  const found = plainScalar(value)
  const actual = kinds[typeof found] ?? '!!str'
  if (actual === name) return found
  if (name === '!!float' && typeof found === 'bigint') return Number(found)
  throw new YamlError(`cannot decode ${actual} \`${value}\` as a ${name}`)
}

function binary(value: string): string {
  const text = value.replaceAll(/[\r\n]/g, '')
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    throw new YamlError('!!binary value contains invalid base64 data')
  }
  return fromBytes(Buffer.from(text, 'base64'))
}
