import fc from 'fast-check'
import { goQuote } from './texts.ts'
import type { Trial } from './trial.ts'

const parts = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'conf', 'a.txt', 'b.txt', 'x.yaml', 'a-b.json', 'data') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...[
        '.hidden',
        '.a.txt',
        'a b',
        'é',
        '日本.txt',
        '😀',
        '[a]',
        '{a,b}',
        'a*',
        'a?b',
        '!a',
        '#a',
        'a\\b',
        '^',
        '-',
        ']',
        'A.TXT',
        'a.txt~',
        '...',
      ],
    ),
  },
)
const path = fc.array(parts, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'))
const content = fc.constantFrom(
  ...[
    '',
    '\n',
    'a',
    'a\n',
    'a\nb',
    'a\n\nb\n\n',
    '\r\n',
    'a\r\nb\r\n',
    ' a: 1\n  b\n',
    '\ufeffa',
    '\ta',
    'é\n',
    'null',
    '# x\n',
    'a: {b}\n',
    '{{ .x }}',
  ],
  'line\n'.repeat(20),
)

/** Files of a folder: none is the folder of another, or has the name of another, since helm takes either in no order. */
const files = fc
  .uniqueArray(fc.tuple(path, content), {
    minLength: 1,
    maxLength: 6,
    selector: ([name]) => name.slice(name.lastIndexOf('/') + 1),
  })
  .map((all) => all.filter(([name]) => !all.some(([other]) => other.startsWith(`${name}/`))))

/** Pieces of both kinds of patterns. */
const piece = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom('*', '**', 'a', 'b', '.txt', '/', '?', 'conf', 'data', '.yaml', '*.txt', 'a*'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...[
        '[a-c]',
        '[!a]',
        '[^a]',
        '[a',
        ']',
        '{a,b}',
        '{a,b.txt}',
        '{*.txt,b}',
        '{a',
        '}',
        '\\',
        '\\*',
        '\\[',
        '.',
        '[]',
        '[]a]',
        '[a-]',
        '[-a]',
      ],
      ...[
        '[ab]',
        '[a-b-c]',
        '[!a-c]',
        '[\\]]',
        'é',
        '日',
        '😀',
        ' ',
        '!',

        '{a,{b,c}}',
        '-',
        '^',

        ',',
        '[!]',
        '[{]',
        '{[a],b}',
      ],
    ),
  },
)
const pattern = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(piece, { minLength: 1, maxLength: 4 }).map((all) => all.join('').replace(/\*{3,}/g, '**')),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '**',
      '*',
      '**/*',
      '**.txt',
      '*/*',
      'conf/**',
      '',
      '**/a',
      '/a',
      './a',
      'conf/',
      '*/',
      'templates/*',
      '*.yaml',
    ),
  },
  { weight: 1, arbitrary: path },
)

/** Mostly without two stars, which are refused. */
const rulePattern = fc.tuple(pattern, fc.nat(9)).map(([text, kept]) => (kept === 0 ? text : text.replaceAll('**', '*')))
const rule = fc
  .tuple(
    fc.constantFrom('', '', '', '', '!', '/', ' ', '#', '\\#'),
    rulePattern,
    fc.constantFrom('', '', '', '/', ' ', '\r', '/*'),
  )
  .map((all) => all.join(''))
  .filter((line) => !line.includes('\n'))

const shown = fc.tuple(fc.array(pattern, { minLength: 2, maxLength: 6 }), fc.array(path, { maxLength: 3 }))

function template(
  [patterns, names]: readonly [readonly string[], readonly string[]],
  known: readonly string[],
): string {
  const globs = patterns.map(goQuote).map(
    (glob) => `glob: {{ range $p, $b := .Files.Glob ${glob} }}{{ $p | quote }}={{ printf "%s" $b | quote }},{{ end }}
config: {{ (.Files.Glob ${glob}).AsConfig | quote }}
secrets: {{ (.Files.Glob ${glob}).AsSecrets | quote }}
`,
  )
  const reads = [...names, ...known].map(goQuote).map(
    (name) => `get: {{ .Files.Get ${name} | quote }} {{ .Files.GetBytes ${name} | len }}
lines: {{ if .Files.Get ${name} }}{{ range .Files.Lines ${name} }}{{ . | quote }},{{ end }}{{ end }}
`,
  )
  return `{{- define "all" }}${[...globs, ...reads].join('')}{{ end }}all: {{ include "all" . | quote }}\n`
}

/** Charts with random files, found by random patterns. */
export const globbing: fc.Arbitrary<Trial> = fc.tuple(files, shown).map(([all, patterns]) => {
  const known = all.map(([name]) => name)
  return { files: chartOf(all, template(patterns, known)), folder: true }
})

/** Charts with random files and a `.helmignore`. */
export const ignoring: fc.Arbitrary<Trial> = fc
  .tuple(files, fc.array(rule, { minLength: 1, maxLength: 3 }))
  .map(([all, rules]) => ({
    files: { ...chartOf(all, template([['**', '.*'], []], [])), '.helmignore': rules.join('\n') },
    folder: true,
  }))

function chartOf(all: readonly (readonly [string, string])[], text: string): Record<string, string> {
  const own = { 'Chart.yaml': 'apiVersion: v2\nname: t\nversion: 0.1.0\n', 'templates/all.yaml': text }
  return { ...Object.fromEntries(all), ...own, 'templates/NOTES.txt': 'x', 'values.yaml': 'a: 1\n' }
}
