import { describe, expect, it } from 'vitest'
import { hostFunctions } from '../host.fixture.js'
import { createTemplateSet } from '../set.js'
import { makeMap } from '../value.js'

const helpers = `{{ define "name" }}web{{ end }}
{{ define "labels" -}}
app: {{ include "name" . }}
{{- if .extra }}
extra: {{ .extra }}
{{- end }}
tier: one
{{- end }}
`

function trace(file: string, values: Readonly<Record<string, string>> = {}) {
  const set = createTemplateSet({ functions: hostFunctions })
  set.parse('helpers', helpers)
  set.parse('file', file)
  const traced = set.trace('file', makeMap(Object.entries(values)), { host: new Map() })
  return { traced, plain: set.execute('file', makeMap(Object.entries(values)), { host: new Map() }) }
}

/** Each line of the text with where its first visible character comes from. */
function linesOf(file: string, values?: Readonly<Record<string, string>>): string[] {
  const { traced, plain } = trace(file, values)
  expect(traced.text).toBe(plain)
  let start = 0
  return traced.text.split('\n').flatMap((line) => {
    const place = traced.placeAt(start + line.search(/\S/))
    start += line.length + 1
    if (line.trim() === '') return []
    return [place === undefined ? `${line} ?` : `${line} ${place.file}:${place.line}:${place.templateLine}`]
  })
}

describe('a traced text', () => {
  it('knows the lines of text and actions', () => {
    expect(linesOf('a: 1\n{{- if true }}\nb: {{ "x" }}\n{{ print "c: 1" }}\n{{- end }}\nd: 2\n')).toEqual([
      'a: 1 file:1:1',
      'b: x file:3:3',
      'c: 1 file:4:4',
      'd: 2 file:6:6',
    ])
  })

  it.each([
    ['{{ template "labels" . }}'],
    ['{{ include "labels" . }}'],
    ['{{ include "labels" . | indent 2 }}'],
    ['{{ include "labels" . | nindent 2 }}'],
    ['{{ tpl "{{ include \\"labels\\" . | nindent 1 }}" . }}'],
  ])('knows the helper that wrote it: %s', (action) => {
    const found = linesOf(`x: 1\nlabels:\n${action}\ny: 2`, { extra: 'e' })
    expect(found.map((line) => line.trim())).toEqual([
      'x: 1 file:1:1',
      'labels: file:2:2',
      'app: web helpers:3:3',
      'extra: e helpers:5:3',
      'tier: one helpers:7:3',
      'y: 2 file:4:4',
    ])
  })

  it('falls back to the action for what a function made of the text', () => {
    expect(linesOf('a: 1\n{{ include "labels" . | upper }}\n{{ tpl "t: {{ .x }}" . }}', { x: 'y' })).toEqual([
      'a: 1 file:1:1',
      'APP: WEB file:2:2',
      'TIER: ONE file:2:2',
      't: y file:3:3',
    ])
  })

  it('parts what several helpers wrote into one line', () => {
    const { traced } = trace('{{ print "<" (include "name" .) "|" (include "name" .) ">" }}')
    expect(traced.text).toBe('<web|web>')
    const files = [...traced.text].map((_, at) => traced.placeAt(at)?.file)
    const helper = ['helpers', 'helpers', 'helpers']
    expect(files).toEqual(['file', ...helper, 'file', ...helper, 'file'])
  })

  it('keeps its places when parts are left out', () => {
    const { traced } = trace('a: {{ .none }}{{ .none }}\nb: {{ .none }}!\nc: 1\n')
    const clean = traced.without('<no value>')
    expect(clean.text).toBe('a: \nb: !\nc: 1\n')
    expect([0, 4, 7, 9].map((at) => clean.placeAt(at)?.line)).toEqual([1, 2, 2, 3])
    expect(clean.placeAt(14)).toBeUndefined()
  })
})
