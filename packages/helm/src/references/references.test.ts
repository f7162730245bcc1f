import { describe, expect, it } from 'vitest'
import { loadChartFiles } from '../chart/load.js'
import { chartReferences, type ChartCondition } from './references.js'

const definition = 'apiVersion: v2\nversion: 1.0.0\nname: '

async function references(files: Readonly<Record<string, string>>, options?: { budget: number }) {
  const all = { 'Chart.yaml': `${definition}shop`, ...files }
  const loaded = await loadChartFiles(Object.entries(all).map(([path, text]) => ({ path, bytes: Buffer.from(text) })))
  return chartReferences(loaded, options)
}

async function ofTemplate(text: string, helpers = '') {
  return references({ 'templates/a.yaml': text, 'templates/_h.tpl': helpers })
}

function short({ kind, line, paths, literals, capabilities }: ChartCondition): string {
  const compared = literals.map(({ path, value }) => `${path}=${JSON.stringify(value)}`)
  return [`${kind}:${String(line)}`, ...[...paths].sort(), ...compared, ...capabilities].join(' ')
}

describe('the paths that templates read', () => {
  it.each([
    ['{{ .Values.a.b }}', ['a.b']],
    ['{{ $.Values.a }}{{ with .Values.b }}{{ .c }}{{ $.Values.d }}{{ end }}', ['a', 'b', 'b.c', 'd']],
    ['{{ range .Values.hosts }}{{ .name }}{{ end }}', ['hosts', 'hosts.*.name']],
    ['{{ range $k, $v := .Values.m }}{{ $k }}{{ $v.x }}{{ end }}', ['m', 'm.*.x']],
    ['{{ $x := .Values.a }}{{ $x.b | quote }}{{ ($x).c }}', ['a', 'a.b', 'a.c']],
    ['{{ index .Values "a" "b.c" }}{{ dig "d" "e" "" .Values.f }}', ['a.b\\.c', 'f.d.e']],
    ['{{ (.Values.a | default .Values.b).c }}', ['a', 'a.c', 'b', 'b.c']],
    ['{{ template "h" (dict "image" .Values.a "root" $) }}', ['a.tag', 'r']],
    ['{{ include "h" (dict "image" (merge .Values.a .Values.b) "root" .) | nindent 2 }}', ['a.tag', 'b.tag', 'r']],
    ['{{ toYaml (dict "x" .Values.a "l" (list .Values.b)) }}', ['a', 'b']],
    ['{{ tpl .Values.a . }}{{ printf "%s/%s" .Values.b .Values.c }}', ['a', 'b', 'c']],
  ])('are found: %s', async (text, expected) => {
    const { paths, complete } = await ofTemplate(text, '{{ define "h" }}{{ .image.tag }}{{ .root.Values.r }}{{ end }}')
    expect(expected.filter((path) => !paths.includes(path))).toEqual([])
    expect(paths.filter((path) => path.includes('image') || path === '')).toEqual([])
    expect(complete).toBe(true)
  })

  it('are found in default values that are templates themselves', async () => {
    const { paths } = await references({
      'values.yaml': 'config: "{{ .Values.a.b }}"\nlist: ["{{ .Values.c }}", "{{ broken"]\n',
      'templates/a.yaml': '{{ tpl .Values.config . }}{{ range .Values.list }}{{ tpl . $ }}{{ end }}',
    })
    expect(paths).toEqual(['a.b', 'c', 'config', 'list', 'list.*'])
  })

  it('are those of the root chart, for subcharts under any name and for globals', async () => {
    const { paths, subcharts } = await references({
      'Chart.yaml': `${definition}shop\ndependencies:\n- {name: sub, version: 1.x, alias: one, condition: "one.on,all.on", tags: [t]}\n`,
      'charts/sub/Chart.yaml': `${definition}sub`,
      'charts/sub/templates/a.yaml': '{{ .Values.image.tag }}{{ .Values.global.registry }}',
      'templates/a.yaml': '{{ .Subcharts.one.Values.port }}',
    })
    expect(paths).toEqual(expect.arrayContaining(['one.image.tag', 'global.registry', 'one.port']))
    expect(subcharts).toEqual([{ chart: 'shop/charts/one', conditions: ['one.on', 'all.on'], tags: ['tags.t'] }])
  })
})

describe('the conditions of templates', () => {
  it.each([
    ['{{ if .Values.a }}x{{ end }}', ['if:1 a']],
    ['\n{{ if and .Values.a (not .Values.b) }}x{{ end }}', ['if:2 a b']],
    ['{{ if eq .Values.a "aws" }}x{{ else if ne .Values.a "gcp" }}y{{ end }}', ['if:1 a a="aws"', 'if:1 a a="gcp"']],
    ['{{ if eq (lower .Values.a | default "x") "aws" "azure" }}{{ end }}', ['if:1 a a="aws" a="azure"']],
    ['{{ if has "x" .Values.l }}{{ end }}', ['if:1 l l.*="x"']],
    ['{{ if has .Values.a (list "x" "y") }}{{ end }}', ['if:1 a a="x" a="y"']],
    ['{{ if gt (int .Values.n) 1 }}{{ end }}', ['if:1 n n=1']],
    ['{{ if .Capabilities.APIVersions.Has "v1/X" }}{{ end }}', ['if:1 v1/X']],
    ['{{ if include "on" . }}{{ end }}', ['if:1 a b b="x" g/v1', 'if:1 a b b="x" g/v1']],
    ['{{ if eq (include "mode" .) "ha" }}{{ end }}', ['if:1 m m="ha"']],
    ['{{ if hasKey .Values "k" }}{{ end }}', ['if:1 k']],
    ['{{ ternary 1 2 .Values.t }}', ['ternary:1 t']],
    ['{{ range .Values.l }}{{ if .on }}{{ end }}{{ end }}', ['range:1 l', 'if:1 l l.*.on']],
    ['{{ $x := false }}{{ if .Values.a }}{{ $x = true }}{{ end }}{{ if $x }}{{ end }}', ['if:1 a']],
  ])('are found: %s', async (text, expected) => {
    const helpers =
      '{{ define "on" }}{{ if and .Values.a (eq .Values.b "x") (.Capabilities.APIVersions.Has "g/v1") }}1{{ end }}{{ end }}' +
      '{{ define "mode" }}{{ .Values.m | default "single" }}{{ end }}'
    const { conditions } = await ofTemplate(text, helpers)
    expect(conditions.map(short)).toEqual(expected)
  })

  it('know the condition around them, helpers included', async () => {
    const { conditions } = await ofTemplate(
      '{{ if .Values.a }}{{ include "h" . }}{{ end }}',
      '\n{{ define "h" }}{{ if .Values.b }}{{ end }}{{ end }}',
    )
    expect(conditions.map(({ within }) => within)).toEqual([undefined, 0])
    expect(conditions[1]).toMatchObject({ template: 'shop/templates/_h.tpl', line: 2, paths: ['b'] })
  })

  it('end with helpers that call themselves, and with the budget', async () => {
    const helpers = '{{ define "r" }}{{ if .Values.a }}{{ include "r" . }}{{ end }}{{ end }}'
    expect((await ofTemplate('{{ include "r" . }}', helpers)).conditions).toHaveLength(1)
    const endless = '{{ define "r" }}{{ include "r" (dict "x" . "y" (list .)) }}{{ .Values.a }}{{ end }}'
    expect((await ofTemplate('{{ include "r" . }}', endless)).complete).toBe(true)
    const large = { 'templates/a.yaml': '{{ .Values.a }}'.repeat(100) }
    expect((await references(large, { budget: 50 })).complete).toBe(false)
  })
})
