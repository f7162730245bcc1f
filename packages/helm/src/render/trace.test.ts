import { describe, expect, it } from 'vitest'
import { loadChart } from './render.js'

const files = {
  'Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.2.3\n',
  'values.yaml': 'image: web:1\nextra: {a: 1}\n',
  'templates/_helpers.tpl': '{{ define "labels" -}}\napp: shop\nx: {{ .Values.none }}{{ .Values.image }}\n{{- end }}\n',
  'templates/web.yaml': [
    '# a comment',
    '{{- if true }}',
    'kind: ConfigMap',
    'metadata:',
    '  name: {{ .Values.none }}{{ .Values.none }}one',
    '  labels:',
    '    {{- include "labels" . | nindent 4 }}',
    'data:',
    '  {{- toYaml .Values.extra | nindent 2 }}',
    '---',
    'kind: Service',
    '{{- end }}',
  ].join('\n'),
}

async function render(trace: boolean) {
  const chart = await loadChart(Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) })))
  return chart.render({ trace })
}

describe('a traced rendering', () => {
  it('knows for every line of a document which line of which template wrote it', async () => {
    const [service, map] = (await render(true)).manifests.toSorted((a, b) => (a.kind < b.kind ? 1 : -1))
    expect(service?.line).toBe(11)
    expect(map?.line).toBe(1)
    const lines = map?.text.split('\n').map((text, at) => {
      const place = map.lineOf(at + 1)
      return `${text.trim()} ${place?.file.split('/').at(-1) ?? ''}:${place?.line ?? ''}:${place?.templateLine ?? ''}`
    })
    expect(lines).toEqual([
      '# a comment web.yaml:1:1',
      'kind: ConfigMap web.yaml:3:3',
      'metadata: web.yaml:4:4',
      'name: one web.yaml:5:5',
      'labels: web.yaml:6:6',
      'app: shop _helpers.tpl:2:7',
      'x: web:1 _helpers.tpl:3:7',
      'data: web.yaml:8:8',
      'a: 1 web.yaml:9:9',
    ])
    expect(map?.lineOf(7, 8)).toEqual({ file: 'shop/templates/_helpers.tpl', line: 3, templateLine: 7 })
    expect(map?.lineOf(100)).toBeUndefined()
  })

  it('prints the same text, and knows nothing unless it is asked to', async () => {
    const [plain, traced] = [await render(false), await render(true)]
    expect(traced.text()).toBe(plain.text())
    expect(plain.manifests[0]?.line).toBeUndefined()
    expect(plain.manifests[0]?.lineOf(1)).toBeUndefined()
  })
})
