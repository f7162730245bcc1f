import {
  FunctionError,
  GoMap,
  LimitError,
  contextFunc,
  func,
  isExhaustion,
  makeMap,
  makeSlice,
  nilMap,
  nilSlice,
  quote,
  type CallContext,
  type GoFunction,
  type Value,
} from '@ropeway/gotemplate'
import type { Entropy } from './entropy.js'
import { emitYaml } from '../yaml/emit.js'
import { parseJson } from '../yaml/from-json.js'
import { mismatch, readYamlList, readYamlMap } from '../yaml/from-yaml.js'
import { readOnce } from '../yaml/read-once.js'
import { MarshalError, writeJson, type JsonStyle } from '../yaml/json.js'
import { tomlText } from '../toml/emit.js'
import { readToml } from '../toml/read.js'
import { lazyCopy } from '../values/lazy-copy.js'

/** What Helm's functions need of the rendering that calls them. */
export interface FunctionHost {
  /** How often each template is being included right now. */
  readonly includes: Map<string, number>
  readonly entropy: Entropy
  /** Told of each checksum that a template takes. */
  readonly encoded?: ((call: EncodingCall) => void) | undefined
}

/** One call of a function that makes a checksum. */
export interface EncodingCall {
  /** `sha256sum` */
  readonly function: string
  readonly input: string
  readonly output: string
}

const recursionLimit = 1000
export const failMark = ['HELM_ERR_START', 'HELM_ERR_END'] as const

function include(context: CallContext, name: string, data: Value): string {
  const { includes } = context.host as FunctionHost
  const count = includes.get(name) ?? 0
  if (count > recursionLimit) {
    throw new FunctionError(`rendering template has a nested reference name: ${name}: unable to execute template`)
  }
  includes.set(name, count + 1)
  try {
    return context.execute(name, data)
  } finally {
    includes.set(name, count)
  }
}

function tpl(context: CallContext, text: string, data: Value): string {
  try {
    return context.executeText('gotpl', text, data).replaceAll('<no value>', '')
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const parse = 'stage' in error && error.stage === 'parse'
    const start = parse
      ? `cannot parse template ${quote(text)}`
      : `error during tpl function execution for ${quote(text)}`
    throw new FunctionError(`${start}: ${error.message}`, { cause: error })
  }
}

function failWith(message: string): never {
  throw new FunctionError(failMark[0] + message + failMark[1])
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A result, or what stands for it when there is an error. */
function orElse<T>(work: () => T, otherwise: (message: string) => T): T {
  try {
    return work()
  } catch (error) {
    if (isExhaustion(error) || error instanceof LimitError) throw error
    return otherwise(messageOf(error))
  }
}

function mustToYaml(value: Value): string {
  try {
    return emitYaml(value)
  } catch (error) {
    throw error instanceof MarshalError ? new FunctionError(`error marshaling into JSON: ${error.message}`) : error
  }
}

const errorMap = (message: string): Value => makeMap([['Error', message]])
const errorList = (message: string): Value => makeSlice([message])

/** A text without a value is an empty map here, and none for `fromJson`. */
function fromYamlMap(text: string): Value {
  const value = readYamlMap(text, readOnce)
  return value.isNil ? makeMap() : lazyCopy(value)
}

function fromJsonMap(text: string): Value {
  const value = parseJson(text)
  if (value === null) return nilMap()
  if (!(value instanceof GoMap)) throw new FunctionError(mismatch(value, 'map[string]interface {}'))
  return value
}

function fromJsonList(text: string): Value {
  const value = parseJson(text)
  if (value === null) return nilSlice()
  if (typeof value === 'object' && 'items' in value) return value
  throw new FunctionError(mismatch(value, '[]interface {}'))
}

const text = { result: 'string' } as const
const map = { result: 'map[string]any' } as const
const quietly = (style: JsonStyle) => (value: Value) =>
  orElse(
    () => writeJson(value, style),
    () => '',
  )

function required(message: string, value: Value): Value {
  if (value === null || value === '') failWith(message)
  return value
}

/** The functions that Helm adds to sprig's, or puts in their place. */
export const helmFunctions: Readonly<Record<string, GoFunction>> = {
  include: contextFunc('string, any', include, text),
  tpl: contextFunc('string, any', tpl, text),
  required: func('string, any', required),
  fail: func('string', failWith, text),
  lookup: func('string, string, string, string', () => makeMap(), map),
  getHostByName: func('string', () => '', text),
  toYaml: func(
    'any',
    (value) =>
      orElse(
        () => emitYaml(value),
        () => '',
      ),
    text,
  ),
  mustToYaml: func('any', mustToYaml, text),
  toYamlPretty: func(
    'any',
    (value) =>
      orElse(
        () => emitYaml(value, { pretty: true }),
        () => '',
      ),
    text,
  ),
  fromYaml: func('string', (value) => orElse(() => fromYamlMap(value), errorMap), map),
  fromYamlArray: func('string', (value) => orElse<Value>(() => readYamlList(value) ?? makeSlice(), errorList), {
    result: '[]any',
  }),
  toJson: func('any', quietly({}), text),
  mustToJson: func('any', (value) => writeJson(value), text),
  toRawJson: func('any', (value) => writeJson(value, { raw: true }), text),
  mustToRawJson: func('any', (value) => writeJson(value, { raw: true }), text),
  toPrettyJson: func('any', quietly({ pretty: true }), text),
  mustToPrettyJson: func('any', (value) => writeJson(value, { pretty: true }), text),
  fromJson: func('string', (value) => orElse(() => fromJsonMap(value), errorMap), map),
  fromJsonArray: func('string', (value) => orElse(() => fromJsonList(value), errorList), { result: '[]any' }),
  mustFromJson: func('string', parseJson),
  toToml: func('any', tomlText, text),
  fromToml: func('string', (value) => orElse<Value>(() => readToml(value), errorMap), map),
}
