import { quote } from './format/quote.js'
import { textOf } from './format/print.js'
import { functionError, TemplateError } from './errors.js'
import {
  byteLength,
  contextFunc,
  func,
  makeMap,
  makeSlice,
  makeStrings,
  int64,
  kindName,
  sliceBytes,
  typeName,
} from './index.js'
import { GoNumber, truth, type Value } from './value.js'

function toInt(value: Value): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return BigInt(Math.trunc(value))
  if (value instanceof GoNumber) return BigInt(value.value)
  return typeof value === 'string' && /^\d+$/.test(value) ? BigInt(value) : 0n
}

function fromPairs(pairs: readonly Value[]): Value {
  const map = makeMap()
  for (let at = 0; at < pairs.length; at += 2) map.entries.set(textOf(pairs[at] ?? null), pairs[at + 1] ?? '')
  return map
}

const indent = (count: bigint, text: string): string => {
  const blanks = ' '.repeat(Number(count))
  return blanks + text.replaceAll('\n', `\n${blanks}`)
}

/** A few functions as a host would bring them, with the names and behaviour of a well-known one. */
export const hostFunctions = {
  default: func('any, ...any', (otherwise, ...given) => (truth(given[0] ?? null) ? (given[0] ?? null) : otherwise)),
  dict: func('...any', (...pairs) => fromPairs(pairs), { result: 'map[string]any' }),
  fail: func('string', (text) => {
    throw functionError(text)
  }),
  indent: func('int, string', indent, { result: 'string' }),
  int: func('any', toInt, { result: 'int' }),
  int64: func('any', (value) => int64(toInt(value)), { result: 'int64' }),
  kindOf: func('any', kindName, { result: 'string' }),
  list: func('...any', (...items) => makeSlice(items), { result: '[]any' }),
  nindent: func('int, string', (count, text) => `\n${indent(count, text)}`, { result: 'string' }),
  quote: func(
    '...any',
    (...items) =>
      items
        .filter((item) => item !== null)
        .map((item) => quote(textOf(item)))
        .join(' '),
    {
      result: 'string',
    },
  ),
  set: func('map[string]any, string, any', (map, key, value) => {
    map.entries.set(key, value)
    return map
  }),
  splitList: func('string, string', (separator, text) => makeStrings(text.split(separator)), { result: '[]string' }),
  ternary: func('any, any, bool', (yes, no, choice) => (choice ? yes : no)),
  toString: func('any', (value) => textOf(value), { result: 'string' }),
  trunc: func('int, string', (count, text) => sliceBytes(text, 0, Math.min(Number(count), byteLength(text))), {
    result: 'string',
  }),
  typeOf: func('any', typeName, { result: 'string' }),
  until: func('int', (count) => makeSlice(Array.from({ length: Number(count) }, (_, at) => BigInt(at))), {
    result: '[]any',
  }),
  upper: func('string', (text) => text.toUpperCase(), { result: 'string' }),
  include: contextFunc(
    'string, any',
    (context, name, data) => {
      const depths = context.host as Map<string, number>
      const depth = (depths.get(name) ?? 0) + 1
      if (depth > 1001)
        throw functionError(`rendering template has a nested reference name: ${name}: unable to execute template`)
      depths.set(name, depth)
      const text = context.execute(name, data)
      depths.set(name, depth - 1)
      return text
    },
    { result: 'string' },
  ),
  tpl: contextFunc(
    'string, any',
    (context, text, data) => {
      try {
        return context.executeText('gotpl', text, data).replaceAll('<no value>', '')
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error
        const step = error.stage === 'parse' ? 'cannot parse template' : 'error during tpl function execution for'
        const problem = new Error(`${step} ${quote(text)}: ${error.message}`, { cause: error })
        throw problem
      }
    },
    { result: 'string' },
  ),
}
