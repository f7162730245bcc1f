import { loadChart } from '@ropeway/helm'
import { describe, expect, it } from 'vitest'
import { discoverChart } from './discover.js'
import { withSwitch } from './flips.js'
import type { Discovery, RenderSettings } from './types.js'

const definition = 'apiVersion: v2\nversion: 1.0.0\nname: '
const pod = (name: string, image: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\nspec:\n  containers:\n  - name: a\n    image: ${image}\n`

async function load(files: Readonly<Record<string, string>>) {
  const all = { 'Chart.yaml': `${definition}shop`, ...files }
  return loadChart(Object.entries(all).map(([path, text]) => ({ path, bytes: Buffer.from(text) })))
}

async function discover(files: Readonly<Record<string, string>>, settings: RenderSettings = {}): Promise<Discovery> {
  return discoverChart(await load(files), settings)
}

const lines = ({ images }: Discovery): string[] =>
  images.map(
    (image) =>
      `${image.class} ${image.reference}${image.switch === undefined ? '' : ` ${JSON.stringify(image.switch)}`}`,
  )

describe('optional images', () => {
  it.each([
    ['a switch', 'm: { enabled: false }', '{{ if .Values.m.enabled }}IMAGE{{ end }}', { 'm.enabled': true }],
    ['a switch that is on', 'own: true', '{{ if not .Values.own }}IMAGE{{ end }}', { own: false }],
    [
      'two switches together',
      'a: false\nb: false\nc: false',
      '{{ if and .Values.a .Values.b }}IMAGE{{ end }}',
      { a: true, b: true },
    ],
    [
      'one inside the other',
      'a: false\nb: { c: false }',
      '{{ if .Values.a }}{{ if .Values.b.c }}IMAGE{{ end }}{{ end }}',
      { a: true, 'b.c': true },
    ],
    ['a choice', 'provider: gcp', '{{ if eq .Values.provider "aws" }}IMAGE{{ end }}', { provider: 'aws' }],
    [
      'a choice and a switch',
      'mode: one\nha: false',
      '{{ if and .Values.ha (eq .Values.mode "many") }}IMAGE{{ end }}',
      { mode: 'many', ha: true },
    ],
    ['an empty text', 'secret: ""', '{{ if .Values.secret }}IMAGE{{ end }}', { secret: 'ropeway-filled' }],
    ['an empty list', 'jobs: []', '{{ if .Values.jobs }}IMAGE{{ end }}', { 'jobs[0]': 'ropeway-filled' }],
    ['a value that is not there', '', '{{ if .Values.extra }}IMAGE{{ end }}', { extra: true }],
    ['an API', '', '{{ if .Capabilities.APIVersions.Has "a.io/v1" }}IMAGE{{ end }}', { '--api-versions': 'a.io/v1' }],
    ['an upgrade', '', '{{ if .Release.IsUpgrade }}IMAGE{{ end }}', { '--is-upgrade': true }],
    [
      'a choice that only another template names',
      'type: none',
      '{{ if eq .Values.type "port" }}a: b{{ end }}\n---\n{{ if ne .Values.type "none" }}IMAGE{{ end }}',
      { type: 'port' },
    ],
    [
      'a switch that asks for a value',
      'tls: { on: false }',
      '{{ if .Values.tls.on }}{{ $_ := required "tls.host is required" .Values.tls.host }}IMAGE{{ end }}',
      { 'tls.on': true, 'tls.host': 'ropeway-filled.example' },
    ],
    [
      'a switch below any key',
      'parts: { x: { enabled: false } }',
      '{{ range $n, $p := .Values.parts }}{{ if $p.enabled }}IMAGE{{ end }}{{ end }}',
      { 'parts.x.enabled': true },
    ],
    [
      'a switch under another name',
      'csi: { enabled: false }',
      '{{ $_ := set . "on" .Values.csi.enabled }}{{ if .on }}IMAGE{{ end }}',
      { 'csi.enabled': true },
    ],
  ])('appear with %s, the least that is needed', async (_, values, template, expected) => {
    const text = template.replace('IMAGE', `\n${pod('a', 'quay.io/a/b:1')}`)
    const files = { 'values.yaml': values, 'templates/a.yaml': text }
    const found = await discover(files)
    expect(lines(found)).toEqual([`optional quay.io/a/b:1 ${JSON.stringify(expected)}`])
    const flipped = await discover(files, withSwitch({}, found.images[0]?.switch ?? {}))
    expect(lines(flipped)).toEqual(['used quay.io/a/b:1'])
  })

  it('appear with subcharts that are off, and with what is off in those', async () => {
    const found = await discover({
      'Chart.yaml': `${definition}shop\ndependencies:\n- { name: db, version: 1.x, condition: db.enabled }\n`,
      'values.yaml': 'db: { enabled: false }\n',
      'charts/db/Chart.yaml': `${definition}db`,
      'charts/db/values.yaml': 'metrics: { enabled: false }\n',
      'charts/db/templates/a.yaml': pod('db', 'quay.io/a/db:1'),
      'charts/db/templates/m.yaml': `{{ if .Values.metrics.enabled }}\n${pod('m', 'quay.io/a/exporter:1')}{{ end }}`,
    })
    expect(lines(found)).toEqual([
      'optional quay.io/a/db:1 {"db.enabled":true}',
      'optional quay.io/a/exporter:1 {"db.enabled":true,"db.metrics.enabled":true}',
    ])
  })

  it('are not made up: what the user would give is no image of the chart', async () => {
    const template = `${pod('a', 'quay.io/a/b:{{ .Values.tag | default "1" }}')}  {{- with .Values.extra }}\n  {{ toYaml . }}\n  {{- end }}\n`
    expect(lines(await discover({ 'values.yaml': 'tag: ""\nextra: {}', 'templates/a.yaml': template }))).toEqual([
      'used quay.io/a/b:1',
    ])
  })

  it('are found although templates fail on the way', async () => {
    const template = `{{ if and .Values.a .Values.b }}{{ fail "not both" }}{{ end }}{{ if .Values.a }}\n${pod('a', 'a/a:1')}{{ end }}{{ if .Values.b }}\n---\n${pod('b', 'b/b:1')}{{ end }}`
    expect(lines(await discover({ 'values.yaml': 'a: false\nb: false', 'templates/a.yaml': template }))).toEqual([
      'optional a/a:1 {"a":true}',
      'optional b/b:1 {"b":true}',
    ])
  })
})

describe('values that a chart requires', () => {
  it.each([
    ['required', '{{ required "a name is needed" .Values.cluster.name }}', 'cluster.name'],
    ['fail', '{{ if not .Values.bucket }}{{ fail "Please define bucket" }}{{ end }}', 'bucket'],
    ['a nil pointer', '{{ .Values.auth.user.name }}', 'auth.user.name'],
  ])('are filled in: %s', async (_, template, path) => {
    const found = await discover({ 'templates/a.yaml': `# ${template}\n${pod('a', 'a/b:1')}` })
    expect(lines(found)).toEqual(['used a/b:1'])
    expect(Object.keys(found.filled).some((key) => path.startsWith(key))).toBe(true)
  })

  it('are filled in as the schema says', async () => {
    const schema = JSON.stringify({ type: 'object', required: ['size'], properties: { size: { type: 'integer' } } })
    const found = await discover({ 'values.schema.json': schema, 'templates/a.yaml': pod('a', 'a/b:1') })
    expect(found.filled).toEqual({ size: 1 })
  })

  it('are filled in where the user deleted the map above', async () => {
    const found = await discover(
      {
        'values.yaml': 'auth: {}',
        'templates/a.yaml': `# {{ required "set it" .Values.auth.name }}\n${pod('a', 'a/b:1')}`,
      },
      { values: { set: ['auth=null'] } },
    )
    expect(lines(found)).toEqual(['used a/b:1'])
  })

  it('make no image', async () => {
    const found = await discover({
      'templates/a.yaml': pod('a', '{{ required "image.repository must be set" .Values.repository }}:1'),
    })
    expect(found.images).toEqual([])
    expect(found.unresolved).toHaveLength(1)
  })

  it('make no image with a version either, nor when something is switched', async () => {
    const image = `a/b:{{ required "tool.version is required" .Values.tool.version }}`
    const values = 'tool: { on: false }\n'
    const always = await discover({ 'values.yaml': values, 'templates/a.yaml': pod('a', image) })
    expect([lines(always), always.unresolved.length]).toEqual([[], 1])
    const switched = `{{ if .Values.tool.on }}\n${pod('a', image)}{{ end }}`
    expect(lines(await discover({ 'values.yaml': values, 'templates/a.yaml': switched }))).toEqual([])
  })

  it('are asked for when nothing helps', async () => {
    await expect(discover({ 'templates/a.yaml': '{{ fail "never" }}' })).rejects.toMatchObject({
      code: 'CHART_NOT_RENDERED',
      exitCode: 4,
      message: expect.stringContaining('never') as string,
    })
  })
})

describe('hints', () => {
  it('are suspected: annotations of the chart, and values that nothing renders', async () => {
    const found = await discover({
      'Chart.yaml': `${definition}shop\nannotations:\n  artifacthub.io/images: |\n    - name: a\n      image: quay.io/a/hidden:1\n`,
      'values.yaml':
        'tool: { image: { repository: quay.io/a/tool, tag: "1" } }\njob: { image: { registry: quay.io, repository: a/job, tag: "" } }\n',
      'templates/a.yaml': pod('a', 'a/b:1'),
    })
    expect(lines(found)).toEqual([
      'used a/b:1',
      'suspected quay.io/a/hidden:1',
      'suspected quay.io/a/job',
      'suspected quay.io/a/tool:1',
    ])
  })
})

describe('provenance', () => {
  it('are suspected: images in templates that nothing renders', async () => {
    const text = (image: string) => `{{/*\nimage: quay.io/a/old:1\n*/}}\nspec:\n- image: "${image}" # always`
    const hidden = `{{ if regexMatch "^s3://" (toString .Values.source) }}\n${text('quay.io/a/restore:1')}\n{{ end }}`
    const found = await discover({
      'values.yaml': 'source: ""\n',
      'templates/a.yaml': hidden,
      'charts/db/Chart.yaml': `${definition}db`,
      'charts/db/templates/b.yaml': hidden.replace('a/restore:1', 'a/{{ .Values.name }}:1'),
    })
    expect(lines(found)).toEqual(['suspected quay.io/a/restore:1'])
    expect(found.images[0]?.provenance).toMatchObject([
      { template: 'shop/templates/a.yaml', line: 6, place: 'template' },
    ])
  })

  it('names the line of the template and the values', async () => {
    const values = 'global: { registry: quay.io }\nimage: { repository: a/b, tag: 1.5 }\nother: "1.5"\n'
    const template = pod('a', '{{ .Values.global.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}')
    const [image] = (await discover({ 'values.yaml': values, 'templates/a.yaml': template })).images
    expect(image).toMatchObject({ reference: 'quay.io/a/b:1.5' })
    expect(image?.provenance).toMatchObject([
      {
        chart: 'shop',
        template: 'shop/templates/a.yaml',
        line: 7,
        values: ['global.registry', 'image.repository', 'image.tag'],
      },
    ])
  })
})
