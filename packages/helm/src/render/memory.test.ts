import { describe, expect, it } from 'vitest'
import { loadChart } from './render.js'

async function chartOf(files: Readonly<Record<string, string>>) {
  const all = { 'Chart.yaml': 'apiVersion: v2\nname: t\nversion: 0.1.0\n', ...files }
  return loadChart(Object.entries(all).map(([path, text]) => ({ path, bytes: Buffer.from(text) })))
}

const sub = { 'charts/s/Chart.yaml': 'apiVersion: v2\nname: s\nversion: 0.1.0\n' }

const values = `
name: a
image: {repository: r, tag: t}
extra: {}
list: [{name: one, port: 1}, {name: two}]
words: [b, a]
`

/** Settings that follow each other, each seen with what is remembered of those before. */
const sequence = [
  [],
  ['name=b'],
  [],
  ['image.tag=u'],
  ['image.digest=d'],
  ['image=null'],
  ['image=text'],
  ['list[0].port=2'],
  ['words={c}'],
  ['extra.x=1', 'name=b'],
  ['extra.x=1'],
  ['global.g=1'],
  ['fail=true'],
  [],
]

const templates: readonly (readonly [what: string, files: Readonly<Record<string, string>>])[] = [
  ['fields', { 'templates/a.yaml': 'a: {{ .Values.name }} {{ (.Values.image).tag }} {{ .Values.nothing }}' }],
  ['whole maps', { 'templates/a.yaml': 'a: {{ toJson .Values.image }} {{ len .Values }} {{ keys .Values.extra }}' }],
  [
    'tests of maps',
    {
      'templates/a.yaml':
        'a: {{ if .Values.extra }}yes{{ end }} {{ hasKey .Values "image" }} {{ kindOf .Values.image }}',
    },
  ],
  [
    'lists',
    {
      'templates/a.yaml': 'a: {{ range .Values.list }}{{ .name }}{{ .port }}{{ end }} {{ .Values.words | sortAlpha }}',
    },
  ],
  [
    'random text',
    {
      'templates/a.yaml': 'a: {{ if eq .Values.name "b" }}{{ randAlpha 5 }}{{ end }}{{ randAlpha 5 }}',
      'templates/b.yaml': 'b: {{ uuidv4 }}',
    },
  ],
  [
    'what others write',
    {
      'templates/b.yaml': '{{ $_ := set .Values "name" (print .Values.name "!") }}b: {{ .Values.name }}',
      'templates/a.yaml': 'a: {{ .Values.name }} {{ .Values.later }}{{ $_ := set .Values.image "tag" "z" }}',
      'templates/0.yaml': 'c: {{ toJson .Values }}',
    },
  ],
  [
    'what others delete',
    {
      'templates/b.yaml': '{{ $_ := unset .Values "name" }}b: 1',
      'templates/a.yaml': 'a: {{ .Values.name }}{{ $_ := set $ "own" "x" }}',
      'templates/0.yaml': 'c: {{ .own }}',
    },
  ],
  [
    'maps that are put in',
    {
      'templates/c.yaml':
        '{{ $m := dict "k" .Values.name }}{{ $_ := set .Values "put" $m }}c: 1{{ $_ := set $ "shared" $m }}',
      'templates/b.yaml': '{{ $_ := set .Values.put "k" (print .Values.put.k "+") }}b: 2',
      'templates/a.yaml': 'a: {{ .Values.put.k }} {{ .shared.k }}',
    },
  ],
  [
    'items that are written',
    {
      'templates/b.yaml': '{{ range .Values.list }}{{ $_ := set . "seen" $.Values.name }}{{ end }}b: 1',
      'templates/a.yaml': 'a: {{ toJson .Values.list }}',
    },
  ],
  [
    'merged maps',
    {
      'templates/b.yaml':
        '{{ $m := mergeOverwrite (dict) (dict "i" .Values.image) (dict "i" (dict "tag" .Values.name)) }}b: {{ toJson $m }}',
      'templates/a.yaml': 'a: {{ toJson .Values.image }}',
    },
  ],
  [
    'helpers and other files',
    {
      'templates/_h.tpl': '{{ define "h" }}{{ .Values.name }}-{{ .Chart.Name }}-{{ .Template.Name }}{{ end }}',
      'templates/a.yaml': 'a: {{ include "h" . }} {{ include (print .Template.BasePath "/b.yaml") . | sha256sum }}',
      'templates/b.yaml': 'b: {{ tpl "{{ .Values.image.tag }}" . }}',
    },
  ],
  [
    'failures',
    {
      'templates/a.yaml': 'a: {{ if .Values.fail }}{{ fail (print "no " .Values.name) }}{{ end }}1',
      'templates/b.yaml': 'b: {{ .Values.image.tag }}',
    },
  ],
  [
    'subcharts',
    {
      ...sub,
      'charts/s/values.yaml': 'own: 1\n',
      'charts/s/templates/a.yaml':
        's: {{ .Values.own }} {{ .Values.global.g }} {{ .Chart.Name }}{{ $_ := set .Values "own" "2" }}',
      'templates/a.yaml': 'a: {{ .Values.s.own }} {{ .Subcharts.s.Values.own }} {{ .Values.global }}',
    },
  ],
]

describe('what is remembered of templates', () => {
  it.each(templates)('is what they make: %s', async (_, files) => {
    const chart = await chartOf({ 'values.yaml': values, ...files })
    const render = (set: readonly string[], trace: boolean): string => {
      const failures: string[] = []
      const calls: string[] = []
      const rendered = chart.render({
        ...{ seed: 's', trace, values: { set: [...set] } },
        failed: (error) => void failures.push(error.message),
        encoded: ({ input, output }) => void calls.push(`${input} ${output}`),
      })
      return [rendered.text(), ...failures, ...calls].join('\n')
    }
    // nothing is remembered where lines are traced
    for (const set of sequence) expect(render(set, false)).toBe(render(set, true))
  })
  it('is used again', async () => {
    const chart = await chartOf({
      'templates/a.yaml': 'a: {{ .Values.x }}',
      'templates/b.yaml': 'b: {{ sha256sum "b" }}',
    })
    const calls: unknown[] = []
    for (const x of ['1', '2']) {
      chart.render({ seed: 'u', values: { set: [`x=${x}`] }, encoded: (call) => void calls.push(call) })
    }
    expect(calls).toHaveLength(2)
    expect(calls[1]).toBe(calls[0])
  })
  it('does not outlive a change of the release, of the cluster or of the files', async () => {
    const text = 'a: {{ .Release.Name }} {{ .Capabilities.KubeVersion }} {{ .Files.Get "f.txt" }}'
    const [one, other] = [
      await chartOf({ 'templates/a.yaml': text, 'f.txt': '1' }),
      await chartOf({ 'templates/a.yaml': text, 'f.txt': '2' }),
    ]
    const line = (chart: typeof one, name: string, kubeVersion?: string) =>
      chart.render({ seed: 'r', release: { name }, capabilities: { kubeVersion } }).text().split('\n')[2]
    expect(line(one, 'x')).toBe('a: x v1.35.0 1')
    expect(line(one, 'y')).toBe('a: y v1.35.0 1')
    expect(line(one, 'y', '1.30.0')).toBe('a: y v1.30.0 1')
    expect(line(other, 'y')).toBe('a: y v1.35.0 2')
  })
})
