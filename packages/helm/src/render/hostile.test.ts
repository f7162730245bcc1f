import { describe, expect, it } from 'vitest'
import { HelmError } from '../helm-error.js'
import { loadChart } from './render.js'

async function render(template: string, files: Readonly<Record<string, string>> = {}, time = 1000): Promise<string> {
  const all = { 'Chart.yaml': 'apiVersion: v2\nname: t\nversion: 0.1.0\n', 'templates/a.yaml': template, ...files }
  const chart = await loadChart(Object.entries(all).map(([path, text]) => ({ path, bytes: Buffer.from(text) })))
  return chart.render({ limits: { time } }).text()
}

const doubled =
  '{{ $x := list 1 }}{{ $y := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ $y = list $y $y }}{{ end }}'
const doubledMap = '{{ $x := dict "a" 1 }}{{ range until 60 }}{{ $x = dict "a" $x "b" $x }}{{ end }}'
const deep = '{{ $x := until 20000 }}{{ range until 980 }}{{ $x = dict "a" $x }}{{ end }}'
const long = '{{ $x := repeat 3000000 "a" }}'

describe('a hostile template', () => {
  it.each([
    ['lists that hold each other twice, as JSON', `${doubled}{{ toJson $x }}`],
    ['the same as YAML', `${doubled}{{ toYaml $x }}`],
    ['the same copied', `${doubled}{{ deepCopy $x | len }}`],
    ['the same compared', `${doubled}{{ deepEqual $x $y }}`],
    ['the same printed', `${doubled}{{ print $x | len }}`],
    ['maps that hold each other twice, as TOML', `${doubledMap}{{ toToml $x | len }}`],
    [
      'deep YAML',
      `${deep}{{ toYaml $x | len }}{{ toYaml (list $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x) }}`,
    ],
    [
      'deep JSON over lines',
      `${deep}{{ toPrettyJson (list $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x) }}`,
    ],
    ['a pattern over a long text', `${long}{{ range until 1000 }}{{ regexFindAll "a.*b|a" $x -1 | len }}{{ end }}`],
    ['keys without end', '{{ range until 100000 }}{{ $x := genPrivateKey "ecdsa" | len }}{{ end }}'],
    ['passwords without end', '{{ range until 100000 }}{{ $x := bcrypt "x" }}{{ end }}'],
    ['sums of a long text', `${long}{{ range until 100000 }}{{ $y := sha256sum $x }}{{ end }}`],
    ['searches in a long list', '{{ $x := until 100000 }}{{ range $x }}{{ $y := has "q" $x }}{{ end }}'],
    ['an endless loop', '{{ range 100000000000 }}{{ end }}'],
    ['a template that calls itself', '{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}'],
    ['patterns of files', `{{ range until 1000000 }}{{ $x := $.Files.Glob "${'{a,b}'.repeat(15)}" }}{{ end }}`],
  ])('ends with an error: %s', { timeout: 120_000 }, async (_, template) => {
    const error: unknown = await render(template).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(HelmError)
    expect((error as HelmError).message).toMatch(
      /limit|longer than is allowed|nested too deeply|maximum template depth/,
    )
  })

  it('that holds a map in itself several times gives no YAML, as in helm', async () => {
    const cycle = '{{ $d := dict "a" 1 "b" (list 1 2) }}{{ $_ := set $d "d" $d }}{{ $_ := set $d "e" (list $d) }}'
    expect(await render(`${cycle}a: "{{ toYaml $d }}{{ toYamlPretty $d }}{{ toJson $d }}"`)).toContain('a: ""')
  })

  it('has as much time as it is given', async () => {
    const template = '{{ range until 1000000 }}{{ $x := toYaml (dict "a" 1) }}{{ end }}'
    await expect(render(template, {}, 20)).rejects.toThrow('the template takes longer than is allowed')
  })

  it.each([
    ['deep lists', { 'values.yaml': `a: ${'['.repeat(200_000)}` }],
    ['a schema that refers to itself', { 'values.schema.json': '{"$ref":"#"}' }],
    ['a schema nested without end', { 'values.schema.json': '{"allOf":['.repeat(20_000) + '{}' + ']}'.repeat(20_000) }],
  ])('is not the only thing that ends: %s', { timeout: 60_000 }, async (_, files) => {
    const result: unknown = await render('a: 1', files).catch((reason: unknown) => reason)
    expect(typeof result === 'string' || result instanceof HelmError).toBe(true)
  })
})
