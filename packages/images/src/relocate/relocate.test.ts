import { isInSync, loadChart, lockDigest, packChart, readChartLock } from '@ropeway/helm'
import { describe, expect, it } from 'vitest'
import { proofMarkdown } from './markdown.js'
import { chartOf, mirrored, pod, relocated, textOf } from './relocate.fixture.js'

const image = '{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}'
const values = 'image:\n  registry: quay.io # where from\n  repository: app/web\n  tag: "1.2"\n'

async function images(files: Parameters<typeof loadChart>[0]): Promise<string[]> {
  const { manifests } = (await loadChart(files)).render()
  return manifests.flatMap(({ text }) => [...text.matchAll(/image: "?([^\s"]+)/g)].map((match) => match[1] ?? ''))
}

describe('relocateChart, by values', () => {
  it('changes the registry where that is enough, and keeps comments', async () => {
    const done = await relocated(chartOf({ 'values.yaml': values, 'templates/pod.yaml': pod(image) }))
    expect(done.proof).toMatchObject({ proved: true, differences: [], computed: [] })
    expect(done.overlay).toBe('image:\n  registry: harbor.example:5000/mirror\n')
    expect(textOf(done, 'values.yaml')).toBe(values.replace('quay.io', 'harbor.example:5000/mirror'))
    expect(await images(done.files)).toEqual(['harbor.example:5000/mirror/app/web:1.2'])
  })

  it.each([
    ['one string', 'image: quay.io/app/web:1.2\n', '{{ .Values.image }}'],
    [
      'a name of Docker Hub',
      'image:\n  repository: nginx\n  tag: 1\n',
      '{{ .Values.image.repository }}:{{ .Values.image.tag }}',
    ],
    ['no tag', 'image: nginx\n', '{{ .Values.image }}'],
    ['a digest', `image: quay.io/app/web@sha256:${'a'.repeat(64)}\n`, '{{ .Values.image }}'],
    ['an empty registry', 'registry: ""\n', '{{ with .Values.registry }}{{ . }}/{{ end }}app/web:1'],
    ['a registry that nobody gives', '{}\n', '{{ .Values.registry | default "quay.io" }}/app/web:1'],
    ['a template in a value', 'tag: 2\nimage: "quay.io/app/web:{{ .Values.tag }}"\n', '{{ tpl .Values.image . }}'],
    ['a helper', 'hub: ghcr.io/org\n', '{{ printf "%s/%s" .Values.hub "web" }}:1'],
    ['a number as tag', 'repo: ghcr.io/org/web\ntag: 1.10\n', '{{ .Values.repo }}:{{ .Values.tag }}'],
  ])('moves %s', async (_, text, template) => {
    const files = chartOf({ 'values.yaml': text, 'templates/pod.yaml': pod(template) })
    const [before = ''] = await images(files)
    for (const mode of ['embed', 'overlay'] as const) {
      const done = await relocated(files, { mode })
      expect(done.proof).toMatchObject({
        proved: true,
        references: [{ before, after: mirrored(before), how: 'values' }],
      })
    }
  })

  it('prefers one value for all images, and mends what it does not fit', async () => {
    const each = (name: string): string =>
      `{{ .Values.global.imageRegistry | default .Values.${name}.registry }}/{{ .Values.${name}.repository }}:1`
    const done = await relocated(
      chartOf({
        'values.yaml':
          'global:\n  imageRegistry: ""\n' +
          'a:\n  registry: docker.io\n  repository: org/a\nb:\n  registry: docker.io\n  repository: org/b\n' +
          'c:\n  registry: docker.io\n  repository: busybox\n',
        'templates/pod.yaml': pod(each('a'), each('b'), each('c')),
      }),
    )
    expect(done.proof.proved).toBe(true)
    expect(done.overlay).toBe(
      'c:\n  repository: library/busybox\nglobal:\n  imageRegistry: harbor.example:5000/mirror\n',
    )
  })

  it('changes registry and repository together where one alone cannot', async () => {
    const done = await relocated(chartOf({ 'values.yaml': values, 'templates/pod.yaml': pod(image) }), {
      destination: () => 'harbor.example/team/shop:1.2',
    })
    expect(done.proof.proved).toBe(true)
    expect(await images(done.files)).toEqual(['harbor.example/team/shop:1.2'])
  })

  it('carries whole lists in the overlay, and edits the item in place when embedded', async () => {
    const list = 'containers:\n  - name: a\n    image: quay.io/a:1 # first\n  - name: b\n    image: quay.io/b:1\n'
    const template = `apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers: {{ toYaml .Values.containers | nindent 4 }}\n`
    const done = await relocated(chartOf({ 'values.yaml': list, 'templates/pod.yaml': template }))
    expect(done.proof.proved).toBe(true)
    expect(textOf(done, 'values.yaml')).toBe(list.replaceAll('quay.io', 'harbor.example:5000/mirror'))
    expect(done.overlay).toContain('name: a')
  })

  it('reaches into subcharts, aliases and archives', async () => {
    const inner = await packChart(
      chartOf({ 'values.yaml': values, 'templates/pod.yaml': pod(image).replace('web', '{{ .Chart.Name }}') }, 'inner'),
      'inner',
    )
    const files = [
      ...chartOf({
        'Chart.yaml':
          'apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n' +
          '  - name: inner\n    version: 1.0.0\n    repository: https://charts.example # public\n' +
          '  - name: inner\n    version: 1.0.0\n    repository: https://charts.example\n    alias: second\n',
      }),
      { path: 'charts/inner-1.0.0.tgz', bytes: inner.archive },
    ]
    const done = await relocated(files, { repository: 'oci://harbor.example/charts' })
    expect(done.proof.proved).toBe(true)
    expect(done.overlay).toContain('second:')
    expect(textOf(done, 'Chart.yaml')).toContain('repository: oci://harbor.example/charts # public')
    expect(await images(done.files)).toEqual(Array(2).fill('harbor.example:5000/mirror/app/web:1.2'))
  })

  it('turns on what a chart asks for when it refuses other images', async () => {
    const check =
      '{{ if and (ne .Values.image.registry "quay.io") (not .Values.security.allow) }}{{ fail "set security.allow" }}{{ end }}'
    const done = await relocated(
      chartOf({ 'values.yaml': `${values}security:\n  allow: false\n`, 'templates/pod.yaml': pod(image) + check }),
    )
    expect(done.proof.proved).toBe(true)
    expect(done.overlay).toContain('allow: true')
  })

  it('turns it on also when only images behind a switch move', async () => {
    const check =
      '{{ if and (ne .Values.image.registry "quay.io") (not .Values.security.allow) }}{{ fail "set security.allow" }}{{ end }}'
    const files = chartOf({
      'values.yaml': `${values}security:\n  allow: false\non: false\n`,
      'templates/check.yaml': check,
      'templates/no.yaml': '{{ if .Values.on }}{{ fail "on is not for everybody" }}{{ end }}',
      'templates/pod.yaml': `{{ if .Values.on }}\n${pod(image)}{{ end }}`,
    })
    const done = await relocated(files, { mode: 'overlay' })
    expect(done.proof).toMatchObject({ proved: true, references: [{ switch: { on: true } }] })
    expect(done.overlay).toContain('allow: true')
  })

  it('changes nothing when everything is there already', async () => {
    const files = chartOf({ 'values.yaml': values, 'templates/pod.yaml': pod(image) })
    const done = await relocated(files, { destination: (reference) => reference })
    expect(done).toMatchObject({ changed: false, overlay: '{}\n', proof: { proved: true } })
    const once = await relocated(files)
    const twice = await relocated(once.files, { destination: (reference) => reference })
    expect(twice).toMatchObject({ changed: false, proof: { proved: true } })
  })
})

describe('relocateChart, by templates', () => {
  const fixed = chartOf({ 'templates/pod.yaml': pod('busybox:1.36', 'quay.io/{{ .Release.Name }}/web:1') })

  it('patches what no value controls, and says where', async () => {
    const done = await relocated(fixed)
    expect(done.proof).toMatchObject({ proved: true, references: [{ how: 'template' }, { how: 'template' }] })
    expect(done.proof.references[0]?.patched).toEqual(['templates/pod.yaml:8'])
    expect(textOf(done, 'templates/pod.yaml')).toBe(
      pod('harbor.example:5000/mirror/library/busybox:1.36', 'harbor.example:5000/mirror/{{ .Release.Name }}/web:1'),
    )
  })

  it('leaves the chart alone in overlay mode, unproved', async () => {
    const done = await relocated(fixed, { mode: 'overlay' })
    expect(done).toMatchObject({ changed: false, proof: { proved: false } })
    expect(done.proof.references[0]).toMatchObject({ how: 'unmoved', proved: false, before: 'busybox:1.36' })
  })

  it('does not claim what is built from pieces', async () => {
    const pieces = chartOf({ 'templates/pod.yaml': pod('{{ list "quay" "io" | join "." }}/app/web:1') })
    const { proof } = await relocated(pieces)
    expect(proof).toMatchObject({ proved: false, references: [{ before: 'quay.io/app/web:1', proved: false }] })
    expect(proofMarkdown(proof)).toContain('**Not proved**')
  })

  it('unpacks the archive of a subchart that it patches', async () => {
    const inner = await packChart(chartOf({ 'templates/pod.yaml': pod('quay.io/app/web:1') }, 'inner'), 'inner')
    const files = [...chartOf({}), { path: 'charts/inner-1.0.0.tgz', bytes: inner.archive }]
    const done = await relocated(files)
    expect(done.proof.proved).toBe(true)
    expect(done.files.map(({ path }) => path)).toContain('charts/inner-1.0.0/templates/pod.yaml')
    expect(await images(done.files)).toEqual(['harbor.example:5000/mirror/app/web:1'])
  })
})

describe('the proof', () => {
  const config = (text: string): string =>
    `---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  a: ${text}\n`
  const with_ = (text: string, more = '') =>
    chartOf({ 'values.yaml': values + more, 'templates/pod.yaml': pod(image) + text })

  it('takes checksums of text in which only references changed, and lists them', async () => {
    const { proof } = await relocated(
      chartOf({
        'values.yaml': values,
        'templates/pod.yaml': pod(image).replace(
          'name: web',
          'name: web-{{ toYaml .Values.image | sha256sum | trunc 8 }}\n  annotations:\n    sum: {{ include (print $.Template.BasePath "/c.yaml") . | sha256sum }}',
        ),
        'templates/c.yaml': config(`"{{ "${image}" | replace "x" "y" }}"`).replace(
          `"{{ "${image}" | replace "x" "y" }}"`,
          image,
        ),
      }),
    )
    expect(proof).toMatchObject({ proved: true, differences: [] })
    expect(proof.computed).toHaveLength(2)
  })

  it('does not take what only looks like a checksum', async () => {
    const { proof } = await relocated(
      with_(config('{{ if eq .Values.image.registry "quay.io" }}deadbeef{{ else }}cafebabe{{ end }}')),
    )
    expect(proof.proved && proof.computed.length > 0).toBe(false)
  })

  it('does not take a value that means something else as well', async () => {
    const { proof } = await relocated(
      with_(config('"the registry is {{ .Values.image.registry }} {{ .Values.image.repository }}"')),
    )
    expect(proof).toMatchObject({ proved: false, references: [{ how: 'unmoved' }] })
  })

  it('sees a branch that depends on the registry', async () => {
    const branch = config('{{ if contains "quay.io" .Values.image.registry }}public{{ else }}private{{ end }}')
    const done = await relocated(with_(branch), { mode: 'overlay' })
    expect(done).toMatchObject({ overlay: '{}\n', proof: { proved: false } })
  })

  it('holds with what the user gives, which is never baked in', async () => {
    const files = chartOf({ 'values.yaml': values, 'templates/pod.yaml': pod(image) })
    const settings = { values: { set: ['image.tag=9'] } }
    const done = await relocated(files, { settings })
    expect(done.proof).toMatchObject({ proved: true, references: [{ after: 'harbor.example:5000/mirror/app/web:9' }] })
    expect(textOf(done, 'values.yaml')).not.toContain('9')
  })

  it('refuses, embedded, a reference that the user sets, and takes it in overlay mode', async () => {
    const files = chartOf({
      'values.yaml': 'image: quay.io/app/web:1\n',
      'templates/pod.yaml': pod('{{ .Values.image }}'),
    })
    const settings = { values: { set: ['image=ghcr.io/mine/web:2'] } }
    const embedded = await relocated(files, { settings })
    expect(embedded.proof).toMatchObject({ proved: false })
    expect(embedded.proof.references[0]?.hint).toContain('overlay')
    const overlaid = await relocated(files, { settings, mode: 'overlay' })
    expect(overlaid.proof.proved).toBe(true)
  })

  it('leaves what is excluded, and refuses what is not carried', async () => {
    const files = chartOf({ 'templates/pod.yaml': pod('quay.io/a:1', 'quay.io/b:1') })
    const kept = await relocated(files, { excluded: (reference) => reference === 'quay.io/a:1' })
    expect(kept.proof).toMatchObject({ proved: true, references: [{ how: 'excluded' }, { how: 'template' }] })
    const left = await relocated(files, {
      destination: (reference) => (reference === 'quay.io/a:1' ? undefined : mirrored(reference)),
    })
    expect(left.proof).toMatchObject({ proved: false, references: [{ how: 'unmoved' }, { proved: true }] })
  })

  it('proves optional images with their switches on', async () => {
    const { proof } = await relocated(
      chartOf({
        'values.yaml': 'metrics:\n  enabled: false\n  image: quay.io/app/metrics:1\n',
        'templates/pod.yaml': `{{ if .Values.metrics.enabled }}\n${pod('{{ .Values.metrics.image }}')}{{ end }}`,
      }),
    )
    expect(proof).toMatchObject({ proved: true, references: [{ switch: { 'metrics.enabled': true } }] })
    expect(proof.renders).toHaveLength(2)
  })

  it('moves what the given settings render before what switches show, where not both can be', async () => {
    const name = '{{ .Values.image.name | default (printf "%s/app:1" $registry) }}'
    const template = `
{{- $registry := printf "%s.%s" "quay" "io" }}
{{- if .Values.other }}{{ $registry = "other.example/x" }}{{ end }}
${pod(name)}{{ if .Values.other }}    - name: more\n      image: ${name}\n{{ end }}`
    const { proof } = await relocated(
      chartOf({ 'values.yaml': 'other: false\nimage: {name: ""}\n', 'templates/pod.yaml': template }),
    )
    expect(proof.references).toMatchObject([
      { before: 'other.example/x/app:1', proved: false },
      { before: 'quay.io/app:1', proved: true },
    ])
  })

  it('fails when the schema of the chart forbids what would move it', async () => {
    const schema = JSON.stringify({
      properties: { image: { properties: { registry: { enum: ['quay.io'] }, repository: { const: 'app/web' } } } },
    })
    const { proof } = await relocated(
      chartOf({ 'values.yaml': values, 'templates/pod.yaml': pod(image), 'values.schema.json': schema }),
      { mode: 'overlay' },
    )
    expect(proof.proved).toBe(false)
  })

  it('keeps a lock in step with the repositories that it pins', async () => {
    const dependency = { name: 'inner', version: '1.0.0', repository: 'https://charts.example' }
    const list = `dependencies:\n  - name: inner\n    version: 1.0.0\n    repository: https://charts.example\n`
    const files = chartOf({
      'Chart.yaml': `apiVersion: v2\nname: shop\nversion: 1.0.0\n${list}`,
      'Chart.lock': `${list}digest: ${lockDigest([dependency], [dependency])}\ngenerated: "2026-01-01T00:00:00Z"\n`,
      'charts/inner/Chart.yaml': 'apiVersion: v2\nname: inner\nversion: 1.0.0\n',
      'templates/pod.yaml': pod('quay.io/app/web:1'),
    })
    const done = await relocated(files, { repository: 'oci://harbor.example:5000/charts' })
    const { metadata } = await loadChart(done.files)
    const lock = readChartLock(done.files, metadata, 'shop')
    expect(lock?.dependencies[0]?.repository).toBe('oci://harbor.example:5000/charts')
    expect(lock && isInSync(lock, metadata.dependencies ?? [])).toBe(true)
  })

  it('moves what subcharts say of repositories and images, also in archives', async () => {
    const list = `dependencies:\n  - name: deep # kept\n    version: 1.0.0\n    repository: https://charts.example\n`
    const dependency = { name: 'deep', version: '1.0.0', repository: 'https://charts.example' }
    const images = 'annotations:\n  artifacthub.io/images: |\n    - name: web\n      image: quay.io/app/web:1\n'
    const inner = {
      'Chart.yaml': `apiVersion: v2\nname: inner\nversion: 1.0.0\n${images}${list}`,
      'Chart.lock': `${list}digest: ${lockDigest([dependency], [dependency])}\ngenerated: "2026-01-01T00:00:00Z"\n`,
      'charts/deep/Chart.yaml': 'apiVersion: v2\nname: deep\nversion: 1.0.0\n',
      'templates/pod.yaml': pod('quay.io/app/web:1'),
    }
    const { archive } = await packChart(chartOf(inner, 'inner'), 'inner')
    const files = [...chartOf({}), { path: 'charts/inner-1.0.0.tgz', bytes: archive }]
    const done = await relocated(files, { repository: 'oci://harbor.example:5000/charts' })
    expect(done.proof.proved).toBe(true)
    const folder = 'charts/inner-1.0.0/'
    const moved = textOf(done, `${folder}Chart.yaml`)
    expect(moved).toContain(
      '- name: deep # kept\n    version: 1.0.0\n    repository: oci://harbor.example:5000/charts\n',
    )
    expect(moved).toContain('image: harbor.example:5000/mirror/app/web:1\n')
    const below = done.files.flatMap(({ path, bytes }) =>
      path.startsWith(folder) ? [{ path: path.slice(folder.length), bytes }] : [],
    )
    const { metadata } = await loadChart(below)
    const lock = readChartLock(below, metadata, 'inner')
    expect(lock && isInSync(lock, metadata.dependencies ?? [])).toBe(true)
  })

  it.each([
    ['a colon of a tag', 'quay.io/app/web\\:1', 'harbor.example:5000/mirror/app/web\\:1'],
    ['all colons', 'harbor.old\\:80/app/web\\:1', 'harbor.example\\:5000/mirror/app/web\\:1'],
    [
      'a digest',
      `quay.io/app/web@sha256\\:${'a'.repeat(64)}`,
      `harbor.example:5000/mirror/app/web@sha256\\:${'a'.repeat(64)}`,
    ],
    ['none', 'quay.io/app/web:1', 'harbor.example:5000/mirror/app/web:1'],
  ])('moves references in properties with escapes: %s', async (_, before, after) => {
    const text = (image: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  app.properties: |\n    db = jdbc\\:mysql\\://db/x\n    runner.image = ${image}\n`
    const done = await relocated(chartOf({ 'templates/map.yaml': text(before) }))
    expect(done.proof.references).toMatchObject([{ before: before.replaceAll('\\:', ':'), proved: true }])
    expect(textOf(done, 'templates/map.yaml')).toBe(text(after))
  })

  it('lets the name of a moved image move along, and lists it', async () => {
    const repository = '{{ .Values.registry }}/app/agent'
    const env = `      env:\n        - name: AGENT_REPOSITORY\n          value: ${repository}\n`
    const files = chartOf({ 'values.yaml': 'registry: quay.io\n', 'templates/pod.yaml': pod(`${repository}:1`) + env })
    const { proof } = await relocated(files, {
      destination: (reference) => (reference.endsWith(':1') ? mirrored(reference) : undefined),
    })
    expect(proof).toMatchObject({ proved: true, differences: [] })
    expect(proof.references.map(({ before }) => before)).toEqual(['quay.io/app/agent:1', 'quay.io/app/agent'])
  })

  it('does not prove a reference that something speaks against', async () => {
    const { proof } = await relocated(chartOf({ 'templates/pod.yaml': pod('quay.io/a/b:1') }), {
      objection: () => ({ reason: 'two images would be one' }),
    })
    expect(proof).toMatchObject({ proved: false, references: [{ proved: false, reason: 'two images would be one' }] })
  })
})
