import {
  FunctionError,
  type GoMap,
  GoSlice,
  compareStrings,
  func,
  listType,
  listsType,
  makeInts,
  makeSlice,
  makeStringMap,
  makeStrings,
  nilSlice,
  type GoFunction,
  type Value,
} from '@ropeway/gotemplate'
import { isEmpty, itemsOf, nilDereference, textOfAny, toInt64 } from './convert.js'
import { deepEqual } from './equal.js'

const limit = 1_000_000

function first(list: Value): Value {
  return itemsOf(list, 'Cannot find first on type %')[0] ?? null
}

function last(list: Value): Value {
  return itemsOf(list, 'Cannot find last on type %').at(-1) ?? null
}

function rest(list: Value): Value {
  const items = itemsOf(list, 'Cannot find rest on type %')
  return items.length === 0 ? nilSlice() : makeSlice(items.slice(1))
}

function initial(list: Value): Value {
  const items = itemsOf(list, 'Cannot find initial on type %')
  return items.length === 0 ? nilSlice() : makeSlice(items.slice(0, -1))
}

function append(list: Value, value: Value): Value {
  return makeSlice([...itemsOf(list, 'Cannot push on type %'), value])
}

function prepend(list: Value, value: Value): Value {
  return makeSlice([value, ...itemsOf(list, 'Cannot prepend on type %')])
}

function reverse(list: Value): Value {
  return makeSlice([...itemsOf(list, 'Cannot find reverse on type %')].reverse())
}

function compact(list: Value): Value {
  return makeSlice(itemsOf(list, 'Cannot compact on type %').filter((item) => !isEmpty(item)))
}

/** Strings and numbers are looked up, everything else is compared with all. */
function uniq(list: Value): Value {
  const seen = new Set<string>()
  const found: Value[] = []
  const others: Value[] = []
  for (const item of itemsOf(list, 'Cannot find uniq on type %')) {
    const simple = typeof item === 'string' || typeof item === 'bigint' || typeof item === 'boolean'
    const key = simple ? `${typeof item}:${String(item)}` : ''
    if (simple ? seen.has(key) : others.some((other) => deepEqual(other, item))) continue
    if (simple) seen.add(key)
    else others.push(item)
    found.push(item)
  }
  return makeSlice(found)
}

function has(needle: Value, list: Value): boolean {
  if (list === null) return false
  return itemsOf(list, 'Cannot find has on type %').some((item) => deepEqual(needle, item))
}

function without(list: Value, omitted: readonly Value[]): Value {
  const items = itemsOf(list, 'Cannot find without on type %')
  return makeSlice(items.filter((item) => !omitted.some((other) => deepEqual(other, item))))
}

function slice(list: Value, indices: readonly Value[]): Value {
  if (list === null) throw new FunctionError(nilDereference)
  const items = itemsOf(list, 'list should be type of slice or array but %').slice()
  if (items.length === 0) return null
  const start = indices.length > 0 ? toInt64(indices[0] ?? null) : 0n
  const end = indices.length > 1 ? toInt64(indices[1] ?? null) : BigInt(items.length)
  const size = BigInt(items.length)
  if (start < 0n || end < 0n || end > size || start > end)
    throw new FunctionError('reflect.Value.Slice: slice index out of bounds')
  const type = list instanceof GoSlice ? list.type : listType
  return new GoSlice(type, items.slice(Number(start), Number(end)))
}

function chunk(size: bigint, list: Value): Value {
  const items = itemsOf(list, 'Cannot chunk type %')
  const [length, step] = [items.length, Number(size)]
  // sprig's arithmetic, which gives something for a few negative sizes too
  const count = step === 0 ? -1 : Math.floor((length - 1) / step) + 1
  const lastLength = Math.floor(length % step) || step
  if (count < 0 || (count > 0 && (lastLength < 0 || (count > 1 && step < 0)))) {
    throw new FunctionError('runtime error: makeslice: len out of range')
  }
  const chunks = Array.from({ length: count }, (_, at) => makeSlice(items.slice(at * step, (at + 1) * step)))
  if (step < 0 && count === 1) chunks[0] = makeSlice(items.slice(0, lastLength))
  return makeSlice(chunks, listsType)
}

function concat(lists: readonly Value[]): Value {
  if (lists.length === 0) return nilSlice()
  const items = lists.flatMap((list) => itemsOf(list, 'Cannot concat type % as list'))
  return items.length === 0 ? nilSlice() : makeSlice(items)
}

/** Any value as texts: the items of a list that are not nil, or the value itself. */
export function textsOf(value: Value): string[] {
  if (value === null) return []
  if (value instanceof GoSlice) return value.items.filter((item) => item !== null).map(textOfAny)
  return [textOfAny(value)]
}

function sortAlpha(list: Value): Value {
  if (list instanceof GoSlice || list === null) {
    const texts = textsOf(list).sort(compareStrings)
    if (list instanceof GoSlice && list.type.elem?.kind === 'string') list.items.splice(0, texts.length, ...texts)
    return makeStrings(texts)
  }
  return makeStrings([textOfAny(list)])
}

/** Go's `strings.Split`: an empty separator parts the characters. */
export function splitText(text: string, separator: string, count = -1): string[] {
  const parts = separator === '' ? [...text] : text.split(separator)
  if (count < 0 || parts.length <= count) return parts
  if (count === 0) return []
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)]
}

function split(separator: string, text: string, count = -1): GoMap {
  return makeStringMap(splitText(text, separator, count).map((part, at) => [`_${String(at)}`, part]))
}

function untilStep(start: bigint, stop: bigint, step: bigint): bigint[] {
  const numbers: bigint[] = []
  if (step === 0n || (stop < start ? step >= 0n : step < 0n)) return numbers
  const count = stop < start ? (start - stop - step - 1n) / -step : (stop - start + step - 1n) / step
  if (count > BigInt(limit))
    throw new FunctionError(`a list of ${String(count)} numbers is longer than the limit of ${String(limit)}`)
  for (let at = start; stop < start ? at > stop : at < stop; at += step) numbers.push(at)
  return numbers
}

function until(count: bigint): Value {
  return makeInts(untilStep(0n, count, count < 0n ? -1n : 1n))
}

function seq(params: readonly bigint[]): string {
  const [a, b, c] = params
  const join = (numbers: readonly bigint[]): string => numbers.join(' ')
  if (params.length === 1 && a !== undefined) {
    const step = a < 1n ? -1n : 1n
    return join(untilStep(1n, a + step, step))
  }
  if (params.length === 2 && a !== undefined && b !== undefined) {
    const step = b < a ? -1n : 1n
    return join(untilStep(a, b + step, step))
  }
  if (params.length === 3 && a !== undefined && b !== undefined && c !== undefined) {
    const step = b
    if (c < a ? step > 0n : false) return ''
    return join(untilStep(a, c + (c < a ? -1n : 1n), step))
  }
  return ''
}

/** sprig's functions for lists. */
export const listFunctions: Readonly<Record<string, GoFunction>> = {
  list: func('...any', (...items) => makeSlice(items)),
  tuple: func('...any', (...items) => makeSlice(items)),
  first: func('any', first),
  mustFirst: func('any', first),
  last: func('any', last),
  mustLast: func('any', last),
  rest: func('any', rest, { result: '[]any' }),
  mustRest: func('any', rest, { result: '[]any' }),
  initial: func('any', initial, { result: '[]any' }),
  mustInitial: func('any', initial, { result: '[]any' }),
  append: func('any, any', append, { result: '[]any' }),
  push: func('any, any', append, { result: '[]any' }),
  mustAppend: func('any, any', append, { result: '[]any' }),
  mustPush: func('any, any', append, { result: '[]any' }),
  prepend: func('any, any', prepend, { result: '[]any' }),
  mustPrepend: func('any, any', prepend, { result: '[]any' }),
  reverse: func('any', reverse, { result: '[]any' }),
  mustReverse: func('any', reverse, { result: '[]any' }),
  compact: func('any', compact, { result: '[]any' }),
  mustCompact: func('any', compact, { result: '[]any' }),
  uniq: func('any', uniq, { result: '[]any' }),
  mustUniq: func('any', uniq, { result: '[]any' }),
  has: func('any, any', has, { result: 'bool' }),
  mustHas: func('any, any', has, { result: 'bool' }),
  without: func('any, ...any', (list, ...omitted) => without(list, omitted), { result: '[]any' }),
  mustWithout: func('any, ...any', (list, ...omitted) => without(list, omitted), { result: '[]any' }),
  slice: func('any, ...any', (list, ...indices) => slice(list, indices)),
  mustSlice: func('any, ...any', (list, ...indices) => slice(list, indices)),
  chunk: func('int, any', chunk, { result: '[][]any' }),
  mustChunk: func('int, any', chunk, { result: '[][]any' }),
  concat: func('...any', (...lists) => concat(lists)),
  join: func('string, any', (separator, list) => textsOf(list).join(separator), { result: 'string' }),
  sortAlpha: func('any', sortAlpha, { result: '[]string' }),
  toStrings: func('any', (list) => makeStrings(textsOf(list)), { result: '[]string' }),
  split: func('string, string', (separator, text) => split(separator, text), { result: 'map[string]string' }),
  splitn: func('string, int, string', (separator, count, text) => split(separator, text, Number(count)), {
    result: 'map[string]string',
  }),
  splitList: func('string, string', (separator, text) => makeStrings(splitText(text, separator)), {
    result: '[]string',
  }),
  until: func('int', until, { result: '[]int' }),
  untilStep: func('int, int, int', (start, stop, step) => makeInts(untilStep(start, stop, step)), { result: '[]int' }),
  seq: func('...int', (...params) => seq(params), { result: 'string' }),
}
