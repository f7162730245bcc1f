import { unknownType } from './errors.js'
import { mapOf, pointerTo, sliceOf, types, type GoType } from './type.js'
import type { GoBytes, GoMap, GoObject, GoSlice, Reflected, Value } from './value.js'

/** What a function that asks for it learns about the execution that calls it. */
export interface CallContext {
  /** Renders a template of the set that is being executed, within the same limits. Throws `TemplateError`. */
  execute(name: string, data: Value): string
  /** Whether the set that is being executed has a template of this name. */
  has(name: string): boolean
  /** Parses texts into a copy of the set that is being executed and renders the template `name` of the copy, within the same limits. Throws `TemplateError`. */
  executeText(name: string, text: string, data: Value): string
  /** Counts work of the function against the limit of steps; call it in loops whose length the template decides. */
  spend(steps: number): void
  /** What the host gave to `execute` as `host`; undefined otherwise. */
  readonly host: unknown
}

/** A function that templates can call: its Go signature and its implementation. Made by `func` and `contextFunc`. */
export interface GoFunction {
  readonly kind: 'func'
  readonly params: readonly GoType[]
  /** The last parameter may be given any number of times. */
  readonly variadic: boolean
  readonly result: GoType
  readonly withContext: boolean
  readonly call: (...args: never) => Reflected
}

interface NamedTypes {
  any: Value
  string: string
  bool: boolean
  int: bigint
  float64: number
  reflected: Reflected
  '[]any': GoSlice
  '[]string': GoSlice
  '[]byte': GoBytes
  'map[string]any': GoMap
  'map[string]string': GoMap
}

type Parameter<S extends string> = S extends keyof NamedTypes
  ? NamedTypes[S]
  : S extends `*${string}`
    ? GoObject
    : Value

type Parameters<S extends string> = S extends ''
  ? []
  : S extends `...${infer Rest}`
    ? Parameter<Rest>[]
    : S extends `${infer Head}, ${infer Tail}`
      ? [Parameter<Head>, ...Parameters<Tail>]
      : [Parameter<S>]

/** Reads a type as Go writes it. Names other than the predeclared ones are looked up in `known`; an unknown name is a mistake of the caller. */
export function parseType(text: string, known: Readonly<Record<string, GoType>> = {}): GoType {
  const type = known[text] ?? (types as Readonly<Record<string, GoType>>)[text] ?? aliases[text]
  if (type !== undefined) return type
  if (text.startsWith('[]')) return sliceOf(parseType(text.slice(2), known))
  if (text.startsWith('map[string]')) return mapOf(parseType(text.slice('map[string]'.length), known))
  if (text.startsWith('*')) return pointerTo(parseType(text.slice(1), known))
  throw unknownType(text)
}

const aliases: Readonly<Record<string, GoType>> = { 'interface {}': types.any, byte: types.uint8, rune: types.int32 }

/** Further options of a function. */
export interface FunctionOptions {
  /** Type of the result; it shows only in messages about fields of it. Default: `any`. */
  readonly result?: string | GoType
  /** Types that the signature names besides the predeclared ones. */
  readonly types?: Readonly<Record<string, GoType>>
}

function make(
  params: string,
  call: (...args: never) => Reflected,
  withContext: boolean,
  { result = types.any, types: known = {} }: FunctionOptions,
): GoFunction {
  const names = params === '' ? [] : params.split(', ')
  const variadic = names.at(-1)?.startsWith('...') ?? false
  return {
    kind: 'func',
    params: names.map((name) => parseType(name.replace(/^\.\.\./, ''), known)),
    variadic,
    result: typeof result === 'string' ? parseType(result, known) : result,
    withContext,
    call,
  }
}

/**
 * Declares a function with the types of its Go signature: `func('int, string', (count, text) => text.repeat(Number(count)))`.
 * Parameters are parted by `, `; the last one may be `...T`. Arguments are checked and converted as Go does before the implementation runs.
 * What it throws becomes `error calling NAME: MESSAGE`.
 */
export function func<const S extends string>(
  params: S,
  call: (...args: Parameters<S>) => Reflected,
  options: FunctionOptions = {},
): GoFunction {
  return make(params, call, false, options)
}

/** Like `func`, for an implementation that also wants the execution that calls it; it comes first. */
export function contextFunc<const S extends string>(
  params: S,
  call: (context: CallContext, ...args: Parameters<S>) => Reflected,
  options: FunctionOptions = {},
): GoFunction {
  return make(params, call, true, options)
}

/** Declares a method: the receiver comes first, and is no parameter. */
export function method<const S extends string>(
  params: S,
  call: (receiver: never, ...args: Parameters<S>) => Reflected,
  options: FunctionOptions = {},
): GoFunction {
  return make(params, call, false, options)
}
