import { func, kindName, typeName, type GoFunction, type Value } from '@ropeway/gotemplate'
import { isEmpty, textOfAny } from './convert.js'
import { deepEqual } from './equal.js'

function coalesce(values: readonly Value[]): Value {
  return values.find((value) => !isEmpty(value)) ?? null
}

function typeIsLike(target: string, value: Value): boolean {
  const name = typeName(value)
  return target === name || `*${target}` === name
}

/** sprig's functions for defaults and types. */
export const flowFunctions: Readonly<Record<string, GoFunction>> = {
  default: func('any, ...any', (fallback, ...given) => {
    const value = given[0] ?? null
    return given.length === 0 || isEmpty(value) ? fallback : value
  }),
  empty: func('any', isEmpty, { result: 'bool' }),
  coalesce: func('...any', (...values) => coalesce(values)),
  all: func('...any', (...values) => values.every((value) => !isEmpty(value)), { result: 'bool' }),
  any: func('...any', (...values) => values.some((value) => !isEmpty(value)), { result: 'bool' }),
  ternary: func('any, any, bool', (yes, no, test) => (test ? yes : no)),
  kindOf: func('any', kindName, { result: 'string' }),
  kindIs: func('string, any', (target, value) => target === kindName(value), { result: 'bool' }),
  typeOf: func('any', typeName, { result: 'string' }),
  typeIs: func('string, any', (target, value) => target === typeName(value), { result: 'bool' }),
  typeIsLike: func('string, any', typeIsLike, { result: 'bool' }),
  deepEqual: func('any, any', deepEqual, { result: 'bool' }),
  toString: func('any', textOfAny, { result: 'string' }),
  hello: func('', () => 'Hello!', { result: 'string' }),
}
