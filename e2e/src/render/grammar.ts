import fc from 'fast-check'
import { signatures, type Signature } from './functions.ts'
import { literals } from './kinds.ts'
import { keys, text } from './texts.ts'

/** A template and the values that it is given as its dot. */
export interface Sample {
  readonly template: string
  readonly values: unknown
}

/** Values as a values file has them. */
const values: fc.Arbitrary<unknown> = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(
      text,
      fc.integer({ min: -5, max: 1000 }),
      fc.double({ min: -1e7, max: 1e7, noNaN: true }),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(keys, tie('any'), { maxKeys: 3 }),
  ),
})).any

const root = fc.record({
  s: text,
  i: fc.integer({ min: -10, max: 2_000_000 }),
  f: fc.double({ min: -1e9, max: 1e9, noNaN: true }),
  b: fc.boolean(),
  l: fc.array(values, { maxLength: 4 }),
  d: fc.dictionary(keys, values, { maxKeys: 4 }),
  n: fc.constant(null),
  a: values,
})

const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  s: ['.s', '$.s'],
  i: ['.i'],
  f: ['.f', '.i'],
  n: ['.i', '.f', '.s'],
  b: ['.b', '.n'],
  l: ['.l', '$.l'],
  d: ['.d', '.'],
  c: ['.l', '.d', '.s'],
  a: ['.a', '.n', '.none', '.d.a', '.d.k', '.s', '.l', '.'],
}
const anyKinds = ['s', 'i', 'f', 'b', 'l', 'd', 'a']

const named = new Map<string, Signature[]>()
for (const signature of signatures) named.set(signature.result, [...(named.get(signature.result) ?? []), signature])

/** Kinds whose values functions can give as well. */
const strict = new Set(['epoch', 'recent', 'zone', 'small', 'step', 'width', 'toml'])
const computed = new Set(['s', 'i', 'f', 'n', 'b', 'l', 'd', 'a', 'c'])
const givers: Readonly<Record<string, readonly string[]>> = { n: ['i', 'f'], c: ['l', 'd', 's'], a: anyKinds }

function leaf(kind: string): fc.Arbitrary<string> {
  const fields = fieldsOf[kind]
  const literal = literals[kind]
  if (kind === 'a') return fc.oneof(fc.constantFrom(...(fields ?? [])), ...['s', 'i', 'f', 'b'].map(leaf))
  if (literal === undefined) return fc.constantFrom(...(fields ?? ['.']))
  return fields === undefined ? literal : fc.oneof(literal, fc.constantFrom(...fields))
}

/** An expression of a kind; now and then of another one. */
function expression(kind: string, depth: number): fc.Arbitrary<string> {
  if (depth <= 0 || !computed.has(kind)) {
    return computed.has(kind) || strict.has(kind)
      ? leaf(kind)
      : fc.oneof({ weight: 9, arbitrary: leaf(kind) }, { weight: 1, arbitrary: leaf('s') })
  }
  return fc.oneof(
    { weight: 5, arbitrary: leaf(kind) },
    { weight: 6, arbitrary: callOf(kind, depth) },
    { weight: 1, arbitrary: fc.constantFrom(...anyKinds).chain((other) => expression(other, depth - 1)) },
  )
}

function callOf(kind: string, depth: number): fc.Arbitrary<string> {
  const choices = (givers[kind] ?? [kind]).flatMap((giver) => named.get(giver) ?? [])
  return fc.constantFrom(...choices).chain((signature) => callText(signature, depth).map((call) => `(${call})`))
}

function callText({ name, args }: Signature, depth: number): fc.Arbitrary<string> {
  const given = args.map((kind) =>
    kind.endsWith('...')
      ? fc.array(expression(kind.slice(0, -3), depth - 1), { minLength: 1, maxLength: 3 }).map((all) => all.join(' '))
      : expression(kind, depth - 1),
  )
  return fc.tuple(...given).map((texts) => [name, ...texts].join(' '))
}

function pipeline(depth: number): fc.Arbitrary<string> {
  const call = fc.constantFrom(...signatures).chain((signature) => callText(signature, depth))
  const pipe = fc.tuple(
    call,
    fc.constantFrom(
      'quote',
      'toJson',
      'toYaml',
      'printf "%v"',
      'printf "%T"',
      'toString | len',
      'kindOf',
      'default "z"',
      'indent 2',
      'typeOf',
    ),
  )
  return fc.oneof(
    { weight: 4, arbitrary: call },
    { weight: 2, arbitrary: pipe.map(([first, second]) => `${first} | ${second}`) },
  )
}

const trims = fc.constantFrom(['{{ ', ' }}'], ['{{- ', ' }}'], ['{{ ', ' -}}'], ['{{- ', ' -}}']) as fc.Arbitrary<
  readonly [string, string]
>
const plain = fc.constantFrom(' ', '\n', 'x', ': ', '\n  ', ',', '[', ']', '- ', '')

function action(body: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(trims, body).map(([[open, close], inner]) => open + inner + close)
}

function statement(depth: number): fc.Arbitrary<string> {
  const simple = fc.oneof({ weight: 1, arbitrary: plain }, { weight: 5, arbitrary: action(pipeline(2)) })
  if (depth <= 0) return simple
  const body = fc.array(statement(depth - 1), { minLength: 1, maxLength: 3 }).map((parts) => parts.join(''))
  const block = (head: fc.Arbitrary<string>, otherwise: fc.Arbitrary<string>) =>
    fc
      .tuple(trims, head, body, fc.option(body, { nil: undefined }), otherwise, trims)
      .map(
        ([[open, close], start, inner, other, word, [endOpen, endClose]]) =>
          `${open}${start}${close}${inner}${other === undefined ? '' : `{{ ${word} }}${other}`}${endOpen}end${endClose}`,
      )
  const otherwise = fc.constant('else')
  return fc.oneof(
    { weight: 6, arbitrary: simple },
    {
      weight: 1,
      arbitrary: block(
        expression('b', 2).map((test) => `if ${test}`),
        otherwise,
      ),
    },
    {
      weight: 1,
      arbitrary: block(
        expression('a', 2).map((value) => `with ${value}`),
        otherwise,
      ),
    },
    {
      weight: 1,
      arbitrary: block(
        fc
          .tuple(
            fc.constantFrom('', '$k, $v := ', '$v := '),
            fc.oneof(leaf('l'), leaf('d'), callOf('l', 1), callOf('d', 1), literals['small'] ?? plain),
          )
          .map(([names, value]) => `range ${names}${value}`),
        otherwise,
      ),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(expression('a', 2), body)
        .map(
          ([value, inner]) => `{{ $x := ${value} }}${inner}{{ $x }}{{ if .b }}{{ $x = 1 }}{{ end }}{{ $x | toJson }}`,
        ),
    },
  )
}

const template = fc.oneof(
  { weight: 6, arbitrary: action(pipeline(3)) },
  { weight: 4, arbitrary: fc.array(statement(2), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')) },
)

/** Random templates with random values. */
export const samples: fc.Arbitrary<Sample> = fc.record({ template, values: root })
