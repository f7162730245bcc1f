import { describe, expect, it } from 'vitest'
import { HelmError } from '../helm-error.js'
import { loadChart, type RenderOptions } from './render.js'
import type { PrintOptions } from './print.js'

type Files = Readonly<Record<string, string>>

const definition = 'apiVersion: v2\nname: shop\nversion: 1.2.3\nappVersion: 1.10\n'

async function load(files: Files) {
  const all = { 'Chart.yaml': definition, ...files }
  return loadChart(Object.entries(all).map(([path, text]) => ({ path, bytes: Buffer.from(text) })))
}

async function print(files: Files, options?: RenderOptions, printing?: PrintOptions): Promise<string> {
  return (await load(files)).render(options).text(printing)
}

async function line(template: string, files: Files = {}, options?: RenderOptions): Promise<string> {
  const text = await print({ 'templates/a.yaml': `a: |\n  ${template}\n`, ...files }, options)
  return text.split('\n').slice(3).join('\n').trim()
}

describe('a rendered chart', () => {
  it('has its manifests in the order of installation, with their templates', async () => {
    const chart = await load({
      'templates/a.yaml': 'kind: Deployment\nmetadata: {name: web}\n---\nkind: Unknown\n---\nkind: Service\n',
      'templates/b.yaml': 'kind: Namespace\napiVersion: v1\n',
      'templates/hook.yaml': 'kind: Job\nmetadata:\n  annotations: {helm.sh/hook: "pre-install, TEST"}\n',
      'templates/NOTES.txt': 'Thanks for {{ .Release.Name }}',
      'templates/_unused.tpl': 'kind: {{ fail "never" }}',
    })
    const { manifests, hooks, notes, text } = chart.render({ release: { name: 'live' } })
    expect(manifests.map(({ kind, template }) => `${kind} ${template}`)).toEqual([
      'Namespace shop/templates/b.yaml',
      'Service shop/templates/a.yaml',
      'Deployment shop/templates/a.yaml',
      'Unknown shop/templates/a.yaml',
    ])
    expect(hooks.map(({ hooks: events }) => events)).toEqual([['pre-install', 'test']])
    expect(notes).toBe('Thanks for live')
    expect(text({ noHooks: true })).not.toContain('Job')
    expect(text({ skipTests: true })).not.toContain('Job')
    expect(text({ showOnly: ['templates/b.yaml'] })).toBe(
      '---\n# Source: shop/templates/b.yaml\nkind: Namespace\napiVersion: v1\n',
    )
    expect(() => text({ showOnly: ['templates/c.yaml'] })).toThrow('could not find template templates/c.yaml in chart')
  })

  it('prints nothing but a line for a chart without manifests', async () => {
    expect(await print({ 'templates/a.yaml': '{{ if false }}x{{ end }}' })).toBe('\n')
  })

  it('prints crds only when they are asked for, untouched', async () => {
    const files = { 'crds/x.yaml': 'kind: CustomResourceDefinition\nx: {{ y }}\n' }
    expect(await print(files)).toBe('\n')
    expect(await print(files, {}, { includeCrds: true })).toBe(
      '---\n# Source: shop/crds/x.yaml\nkind: CustomResourceDefinition\nx: {{ y }}\n',
    )
  })

  it('is the same under a seed, whatever is random in it', async () => {
    const template =
      '{{ randAlphaNum 20 }} {{ uuidv4 }} {{ shuffle "abcdefghij" }} {{ now }} {{ bcrypt "x" }} {{ randInt 0 1000000 }}'
    const [first, second, other, none] = [
      await line(template, {}, { seed: 'a' }),
      await line(template, {}, { seed: 'a' }),
      await line(template, {}, { seed: 'b' }),
      await line(template),
    ]
    expect(second).toBe(first)
    expect(new Set([first, other, none]).size).toBe(3)
  })

  it('can be rendered again without a trace of the first time', async () => {
    const chart = await load({
      'values.yaml': 'm: {k: 1}\n',
      'templates/a.yaml': 'a: |\n  {{ .Values.m | toJson }} {{ set .Values.m "k" 2 | len }}\n',
    })
    const first = chart.render().text()
    expect(chart.render().text()).toBe(first)
    expect(first).toContain('{"k":1}')
  })
})

describe('values', () => {
  it('are merged from files and flags by kind, and null deletes defaults', async () => {
    const files = { 'values.yaml': 'a: {b: 1, c: 2, d: [1, 2]}\ne: x\n' }
    const values = {
      files: [{ name: 'f', content: 'a: {b: null, d: [3]}\n' }],
      setLiteral: ['l=a,b'],
      set: ['n=1', 's=1.5', 'list={x,y}', 'deep[1].k=v', 'e=null', 'esc\\.aped=1'],
      setString: ['n=2'],
      setJson: ['j={"x":[1,null]}'],
    }
    expect(JSON.parse(await line('{{ toJson .Values }}', files, { values }))).toEqual({
      a: { c: 2, d: [3] },
      n: '2',
      s: '1.5',
      list: ['x', 'y'],
      deep: [null, { k: 'v' }],
      'esc.aped': 1,
      j: { x: [1, null] },
      l: 'a,b',
    })
  })

  it('keep the types that they have in Go', async () => {
    const files = { 'values.yaml': 'f: 1000000\nt: yes\no: 0o17\nd: 2020-01-02\n' }
    const template =
      '{{ .Values.f }} {{ .Values.i }} {{ .Values.t }} {{ .Values.o }} {{ kindOf .Values.d }} {{ kindOf .Values.i }}'
    expect(await line(template, files, { values: { set: ['i=1000000'] } })).toBe('1e+06 1000000 true 15 string int64')
  })

  it('go down into subcharts with globals, under aliases and conditions', async () => {
    const sub = { 'Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 0.1.0\n', 'values.yaml': 'x: default\n' }
    const files = {
      'Chart.yaml': `${definition}dependencies:\n- {name: sub, version: 0.x, alias: one}\n- {name: sub, version: 0.x, alias: two, condition: two.enabled}\n`,
      'values.yaml': 'global: {g: 7}\none: {x: given}\ntwo: {enabled: false}\n',
      'charts/sub/Chart.yaml': sub['Chart.yaml'],
      'charts/sub/values.yaml': sub['values.yaml'],
      'charts/sub/templates/s.yaml': 's: {{ .Chart.Name }} {{ .Values.x }} {{ .Values.global.g }}\n',
    }
    expect(await print(files)).toBe('---\n# Source: shop/charts/one/templates/s.yaml\ns: one given 7\n')
    expect(await print(files, { values: { set: ['two.enabled=true'] } })).toContain('s: two default 7')
  })

  it('that are imported give way to all that the chart has, the defaults of its subcharts too', async () => {
    const files = {
      'Chart.yaml': `${definition}dependencies:\n- {name: sub, version: 0.x, import-values: [data, {child: exports.data, parent: sub}]}\n`,
      'charts/sub/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 0.1.0\n',
      'charts/sub/values.yaml': 'x: default\nexports: {data: {x: imported, k: {z: 1}}}\n',
      'values.yaml': 'k: own\n',
    }
    const rendered = (await load(files)).render()
    expect(rendered.values.entries.get('x')).toBe('imported')
    expect(JSON.parse(await line('{{ toJson .Values.sub }}', files))).toMatchObject({ x: 'default', k: { z: 1 } })
    expect(rendered.warnings).toEqual(['warning: cannot overwrite table with non table for k (map[z:1])'])
  })

  it('of subcharts that are no tables are refused, after warnings', async () => {
    const files = {
      'Chart.yaml': `${definition}dependencies: [{name: sub, version: 0.x}]\n`,
      'charts/sub/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 0.1.0\n',
      'values.yaml': 'x: 1\n',
    }
    await expect(print(files, { values: { set: ['sub=3', 'x.y=1'] } })).rejects.toMatchObject({
      message: 'chart dependencies processing failed: type mismatch on sub: %!t(int64=3)',
      warnings: ['warning: skipped value for shop.x: Not a table.'],
    })
  })

  it('are checked by a schema, whose patterns and references are harmless', async () => {
    const schema = {
      properties: {
        a: { type: 'integer', minimum: 1 },
        b: { pattern: '^(a+)+$' },
        c: { $ref: 'https://nowhere.example/x.json' },
      },
      required: ['a'],
    }
    const files = { 'values.schema.json': JSON.stringify(schema), 'templates/a.yaml': 'a: 1\n' }
    const start = "values don't meet the specifications of the schema(s) in the following chart(s):\nshop:\n"
    await expect(print(files)).rejects.toThrow(new HelmError(`${start}- at '': missing property 'a'`))
    const bad = { values: { set: ['a=0', `b=${'a'.repeat(40)}!`] } }
    await expect(print(files, bad)).rejects.toThrow(
      `${start}- at '/a': minimum: got 0, want 1\n- at '/b': '${'a'.repeat(40)}!' does not match pattern '^(a+)+$'`,
    )
    expect(await print(files, { ...bad, skipSchemaValidation: true })).toContain('a: 1')
    const { warnings } = (await load(files)).render({ values: { set: ['a=1', 'c=x'] } })
    expect(warnings).toEqual([expect.stringContaining('https://nowhere.example/x.json')])
  })
})

describe('a chart that fails', () => {
  it.each([
    [
      'a: {{ .Values.x.y }}',
      'shop/templates/a.yaml:1:13\n  executing "shop/templates/a.yaml" at <.Values.x.y>:\n    nil pointer evaluating interface {}.y',
      1,
    ],
    ['a:\nb: {{ required "need x" .Values.x }}', 'execution error at (shop/templates/a.yaml:2:6): need x', 2],
    ['a: {{ nope }}', 'parse error at (shop/templates/a.yaml:1): function "nope" not defined', 1],
  ])('says where: %s', async (template, message, at) => {
    const error: unknown = await print({ 'templates/a.yaml': template }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ message, template: 'shop/templates/a.yaml', line: at })
  })

  it.each([
    [{ 'Chart.yaml': 'apiVersion: v2\nversion: 1.0.0\n' }, 'validation: chart.metadata.name is required'],
    [
      { 'Chart.yaml': 'apiVersion: v2\nname: [x\n' },
      "cannot load Chart.yaml: error converting YAML to JSON: yaml: line 2: did not find expected ',' or ']'",
    ],
    [{ 'Chart.yaml': `${definition}type: library\n` }, 'library charts are not installable'],
    [
      { 'Chart.yaml': `${definition}kubeVersion: ">=2"\n` },
      'chart requires kubeVersion: >=2 which is incompatible with Kubernetes v1.35.0',
    ],
    [
      { 'templates/a.yaml': 'a: 1\n b: 2\n' },
      'YAML parse error on shop/templates/a.yaml: error converting YAML to JSON: yaml: line 2: mapping values are not allowed in this context',
    ],
  ])('is refused in the words of helm: %j', async (files, message) => {
    await expect(print(files)).rejects.toMatchObject({ name: 'HelmError', message })
  })

  it.each([
    ['endless recursion', '{{ define "q" }}{{ include "q" . }}{{ end }}{{ include "q" . }}'],
    ['endless tpl', '{{ $t := "{{ tpl . . }}" }}{{ tpl $t $t }}'],
    ['a range over a huge integer', '{{ range 100000000000 }}{{ end }}'],
    ['a list of a huge length', '{{ until 100000000000 }}'],
    ['text that doubles', '{{ $x := "ab" }}{{ range until 60 }}{{ $x = print $x $x }}{{ end }}'],
    ['text repeated', '{{ repeat 1000000000 "abc" }}'],
    ['a map inside itself', '{{ $m := dict }}{{ $_ := set $m "m" $m }}{{ mustToJson $m }}'],
    ['a copied map inside itself', '{{ $m := dict }}{{ $_ := set $m "m" $m }}{{ deepCopy $m }}'],
  ])('is stopped: %s', async (_, template) => {
    await expect(print({ 'templates/a.yaml': template })).rejects.toThrow(HelmError)
  })

  it('is stopped when aliases multiply', async () => {
    const names = 'abcdefghi'.split('')
    const bomb = names
      .map(
        (name, at) => `${name}: &${name} [${new Array(10).fill(at === 0 ? 'x' : `*${names[at - 1] ?? ''}`).join(',')}]`,
      )
      .join('\n')
    await expect(print({ 'values.yaml': bomb })).rejects.toThrow('document contains excessive aliasing')
  })
})
