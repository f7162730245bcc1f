import fc from 'fast-check'
import { text } from './texts.ts'
import type { Trial } from './trial.ts'

/** What one flag sets. */
export interface SetFlag {
  readonly kind: 'set' | 'setString' | 'setJson' | 'setFile' | 'setLiteral'
  readonly argument: string
}

const flagNames: Readonly<Record<SetFlag['kind'], string>> = {
  set: '--set',
  setString: '--set-string',
  setJson: '--set-json',
  setFile: '--set-file',
  setLiteral: '--set-literal',
}
const kinds = Object.keys(flagNames) as SetFlag['kind'][]

/** Files beside the chart, for `--set-file`. */
const beside: Readonly<Record<string, string>> = {
  'one.txt': 'one, {two}\n',
  'é b': '\ttext: [1]\n\n',
  empty: '',
}

/** Values of the chart that flags meet: maps, lists, texts, numbers and nothing. */
const defaults = 'm: {a: 1, b: {c: x}}\nl: [1, {a: 2}, [3], null]\ns: text\ni: 3\nz: null\nb: true\n'

const usual = fc.constantFrom('a', 'b', 'm', 'l', 's', 'i', 'z', 'x')
const key = fc.oneof(
  { weight: 16, arbitrary: usual },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...[
        '',
        'a\\.b',
        'a\\,b',
        'a\\=b',
        'a\\[0\\]',
        'a\\\\',
        'é',
        'a b',
        ' a',
        '"q"',
        '0',
        'true',
        '{a}',
        ']',
        '\\',
        'a\nb',
      ],
    ),
  },
  { weight: 1, arbitrary: text.filter(printable) },
)
const index = fc.oneof(
  { weight: 40, arbitrary: fc.constantFrom('[0]', '[1]', '[2]', '[3]', '[5]') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '[]',
      '[-1]',
      '[x]',
      '[01]',
      '[+1]',
      '[ 1]',
      '[65537]',
      '[99999999999999999999]',
      '[1',
      '[0]x',
      '[\\1]',
      '[é]',
    ),
  },
)
const step = fc.oneof({ weight: 2, arbitrary: key.map((name) => `.${name}`) }, { weight: 1, arbitrary: index })
const path = fc.tuple(key, fc.array(step, { maxLength: 3 })).map(([first, rest]) => first + rest.join(''))

const scalars = [
  ...[
    '',
    'x',
    'true',
    'False',
    'fal\u017fe',
    'NULL',
    'null',
    '~',
    '0',
    '-0',
    '+0',
    '00',
    '017',
    '0x1F',
    '1e5',
    '1.5',
    '-7',
    '+7',
  ],
  ...[
    '1_000',
    '9223372036854775807',
    '9223372036854775808',
    '-9223372036854775808',
    '1000000',
    ' 1',
    '1 ',
    '"q"',
    "'q'",
    'a=b',
  ],
  ...[
    'a.b',
    '[1]',
    'a\\,b',
    '\\',
    '\\\\',
    'a\\',
    '\\{a}',
    'a}',
    'a{b,c}',
    'é',
    '😀',
    'a\nb',
    '\t',
    'a: b',
    '- a',
    '# c',
    'yes',
    '\u0085',
  ],
]
const scalar = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...scalars) },
  { weight: 1, arbitrary: text.filter(printable) },
  { weight: 1, arbitrary: fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String) },
)
const list = fc.oneof(
  { weight: 4, arbitrary: fc.array(scalar, { maxLength: 3 }).map((items) => `{${items.join(',')}}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '{',
      '{a',
      '{a,',
      '{a,}',
      '{,}',
      '{a}b',
      '{{a}}',
      '{a}}',
      '{a},',
      '{\\}}',
      '{a\\,b,c}',
      '{a}x=1',
    ),
  },
)
const json = fc.oneof(
  { weight: 5, arbitrary: fc.json({ maxDepth: 2 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...[
        '',
        ' ',
        'null',
        '1',
        ' 1 ',
        '"s"',
        '{"a":1}',
        '[1,2]',
        '{',
        '[1',
        'x',
        "'a'",
        '1 2',
        '{"a":1}b=2',
        '1x=2',
        'true=1',
        '"a"b',
        '1e400',
      ],
      ...[
        '12345678901234567890',
        '0.1',
        '-0',
        '{"a":{"b":null}}',
        '[null]',
        '[]',
        '{}',
        '\u00a01',
        '{"a":1,}',
        '01',
        '1.',
        '"\\u00e9"',
        '"a\nb"',
      ],
    ),
  },
)
const file = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...Object.keys(beside)) },
  { weight: 1, arbitrary: fc.constantFrom('none', '{one.txt,empty}', '{one.txt', 'one\\.txt', './one.txt', '{none}') },
)
const valueOf: Readonly<Record<SetFlag['kind'], fc.Arbitrary<string>>> = {
  set: fc.oneof({ weight: 3, arbitrary: scalar }, { weight: 1, arbitrary: list }),
  setString: fc.oneof({ weight: 3, arbitrary: scalar }, { weight: 1, arbitrary: list }),
  setJson: json,
  setFile: file,
  setLiteral: fc.oneof(scalar, list),
}

function printable(value: string): boolean {
  return !value.includes('\u0000') && value.isWellFormed()
}

function argumentOf(kind: SetFlag['kind']): fc.Arbitrary<string> {
  const assigned = fc
    .tuple(path, fc.constantFrom(...Array<string>(30).fill('='), ''), valueOf[kind])
    .map(([to, sign, value]) => (sign === '' ? to : to + sign + value))
  const several = fc
    .tuple(
      fc.array(assigned, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('', '', '', '', '', '', '', '', '', '', ',', ',,', '.'),
    )
    .map(([parts, end]) => parts.join(',') + end)
  return kind === 'setJson' ? fc.oneof({ weight: 4, arbitrary: several }, { weight: 1, arbitrary: json }) : several
}

const flag: fc.Arbitrary<SetFlag> = fc
  .constantFrom(...kinds)
  .chain((kind) => argumentOf(kind).map((argument) => ({ kind, argument })))

/** Random flags, one or a few of them. */
export const flags: fc.Arbitrary<readonly SetFlag[]> = fc.array(flag, { minLength: 1, maxLength: 3 })

const kindsOfLeaves = `{{- define "kinds" }}{{ if kindIs "map" . }}{{ range $k, $v := . }}{{ $k | quote }}:{{ include "kinds" $v }};{{ end }}
{{- else if kindIs "slice" . }}{{ range . }}{{ include "kinds" . }},{{ end }}{{ else }}{{ printf "%T" . }} {{ quote . }}{{ end }}{{ end -}}
`

const chart: Readonly<Record<string, string>> = {
  'Chart.yaml': 'apiVersion: v2\nname: t\nversion: 0.1.0\n',
  'values.yaml': defaults,
  'templates/a.yaml': `${kindsOfLeaves}yaml: {{ .Values | toYaml | quote }}\njson: {{ .Values | toJson | quote }}\nkinds: {{ include "kinds" .Values | quote }}\n`,
  ...beside,
}

/** A chart that shows all its values, with flags. */
export function trialOf(set: readonly SetFlag[]): Trial {
  const of = (wanted: SetFlag['kind']) => set.filter(({ kind }) => kind === wanted).map(({ argument }) => argument)
  const readFile = (name: string): string => {
    const found = beside[name.replace(/^\.\//, '')]
    if (found === undefined) throw new Error(`open ${name}: no such file or directory`)
    return found
  }
  const values = Object.fromEntries(kinds.map((kind) => [kind, of(kind)]))
  const args = set.map(({ kind, argument }) => `${flagNames[kind]}=${argument}`)
  return { files: chart, options: { values: { ...values, readFile } }, args }
}
