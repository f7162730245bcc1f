import { isRopewayError, type RopewayError } from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import { readAddonValues } from './values.js'

const read = (text: string) => readAddonValues(text, 'team/addons.yaml')
const charts = (text: string) => read(text).addons.map(({ chart, version }) => `${chart} ${version ?? 'newest'}`)
const skips = (text: string) => read(text).skipped.map(({ name, reason }) => `${name}: ${reason}`)

function refusal(text: string): RopewayError {
  try {
    read(text)
  } catch (error) {
    if (isRopewayError(error)) return error
    throw error
  }
  return expect.fail('it was read')
}

describe('the addons of a values file', () => {
  it.each(['repository', 'repoURL', 'repoUrl'])('have their repository under %s', (key) => {
    expect(read(`addons:\n  a: {chart: loki, ${key}: https://charts.example}`).addons).toEqual([
      {
        name: 'a',
        chart: 'loki',
        path: undefined,
        namespace: undefined,
        repository: 'https://charts.example',
        version: undefined,
        release: 'a',
        targetNamespace: undefined,
        place: 'addons.yaml:2',
      },
    ])
  })

  it('have version and release under either key', () => {
    const { addons } = read(`
addons:
  - {chart: a, repoURL: https://x.example, targetRevision: 1.10, releaseName: one}
  - {chart: b, repoURL: https://x.example, version: "v1.2.3", release: two}
  - {chart: c, repoURL: https://x.example, version: 7, targetRevision: ^8}
`)
    expect(addons.map(({ name, version, release }) => [name, version, release])).toEqual([
      ['one', '1.10', 'one'],
      ['b', 'v1.2.3', 'two'],
      ['c', '^8', 'c'],
    ])
  })

  it.each(['latest', 'HEAD', '""', '~', 'null'])('are the newest when the version is %s', (version) => {
    expect(charts(`addons: {a: {chart: a, repoURL: https://x.example, version: ${version}}}`)).toEqual(['a newest'])
  })

  it('have the path of their chart as namespace, however deep', () => {
    const { addons } = read(`
addons:
  a: {chart: grafana/loki, repoURL: https://x.example}
  b: {chart: /org/team/charts/kro/, repoURL: ghcr.io}
  c: {chart: oci://ghcr.io/org/kro, version: 1.0.0}
  d: {repoURL: oci://ghcr.io/org/deep/kro, path: ., targetRevision: 1.0.0}
`)
    expect(addons.map(({ chart, namespace, repository }) => [chart, namespace, repository])).toEqual([
      ['loki', 'grafana', 'https://x.example'],
      ['kro', 'org/team/charts', 'ghcr.io'],
      ['kro', 'org', 'oci://ghcr.io'],
      ['kro', 'org/deep', 'oci://ghcr.io'],
    ])
  })

  it('are taken whether they are enabled or not, and twice when two releases are wanted', () => {
    const text = `
addons:
  one: {enabled: false, chart: a, repoURL: https://x.example, version: 1.0.0, releaseName: one}
  two: {enabled: true, chart: a, repoURL: https://x.example, version: 1.0.0, releaseName: two}
`
    expect(read(text).addons.map(({ release }) => release)).toEqual(['one', 'two'])
  })

  it('are skipped with the reason when only the cluster knows them, or git has them', () => {
    const text = `
addons:
  good: {chart: a, repoURL: https://x.example}
  c: {chart: '{{ .chart }}', repoURL: https://x.example}
  r: {chart: a, repoURL: {{ .repo }}}
  v: {chart: a, repoURL: https://x.example, targetRevision: 'v{{ .version }}'}
  g: {path: charts/own, repoURL: https://git.example/team/addons.git, targetRevision: main}
  l: {chart: ./charts/own, repoURL: https://x.example}
`
    expect(charts(text)).toEqual(['a newest'])
    expect(skips(text)).toEqual([
      'c: its chart is only known on the cluster: {{ .chart }}',
      'r: its repository is only known on the cluster: {{ .repo }}',
      'v: its version is only known on the cluster: v{{ .version }}',
      'g: it is the folder charts/own of a git repository, not a chart of a chart repository',
      'l: its chart is the folder ./charts/own, not a chart of a chart repository',
    ])
  })

  it('keep their key as release where that is a template', () => {
    const text = `addons: {a: {chart: b, repoURL: https://x.example, releaseName: 'x-{{ .name }}', namespace: '{{ .ns }}'}}`
    expect(read(text).addons[0]).toMatchObject({ release: 'a', targetNamespace: undefined })
  })

  it('are told from what only looks a little like them', () => {
    const text = `
addons:
  a:
    chart: a
    repoURL: https://x.example
    values:
      image: {repository: quay.io/app/web, version: 1.2.3}
      sidecar: {chart: no, repository: quay.io/app/side, version: 1}
  off: {enabled: true}
  half: {chart: b}
  odd: {chart: b, repository: stable}
`
    expect(charts(text)).toEqual(['a newest'])
    expect(skips(text)).toEqual([
      'off: it names no chart',
      'half: it names no repository of its chart',
      'odd: its repository is no address: stable',
    ])
  })

  it('stand in groups', () => {
    const text = `
addons:
  aws:
    lb: {chart: lb, repoURL: https://x.example}
  oss: [{chart: keda, repoURL: https://y.example}]
`
    expect(read(text).addons.map(({ name }) => name)).toEqual(['lb', 'keda'])
  })

  it('are read through anchors and merge keys, and the last of equal keys counts', () => {
    const text = `
base: &base {repoURL: https://x.example, version: 1.0.0}
addons:
  a: {<<: *base, chart: a}
  b: {<<: *base, chart: b, version: 2.0.0}
  c: &c {chart: c, repoURL: https://x.example}
  d: *c
  a: {chart: again, repoURL: https://x.example}
`
    expect(charts(text)).toEqual(['again newest', 'b 2.0.0', 'c newest', 'c newest'])
    expect(skips(text)).toEqual(['a: its key stands again further below, which is what counts'])
  })
})

describe('addons that stand anywhere', () => {
  it('are found by a search of the whole file', () => {
    const text = `
global: {image: {repository: quay.io/app/web, version: 1.2.3}, ingress: {path: /web, repository: x}}
stack:
  monitoring:
    prometheus: {chart: kube-prometheus-stack, repository: https://p.example, version: 72.6.3}
  list:
    - {name: keda, chart: keda, repoURL: https://k.example}
`
    const found = read(text).addons
    expect(found.map(({ name, chart }) => [name, chart])).toEqual([
      ['prometheus', 'kube-prometheus-stack'],
      ['keda', 'keda'],
    ])
  })

  it('are those of applications and application sets', () => {
    const text = `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: ingress}
spec:
  sources:
    - {chart: ingress-nginx, repoURL: https://k.example, targetRevision: 4.12.2, helm: {releaseName: nginx}}
    - {repoURL: https://git.example/values.git, targetRevision: main, ref: values}
---
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: certs}
spec:
  generators:
    - merge:
        generators:
          - clusters:
              values: {addonChart: cert-manager, addonChartVersion: v1.14.3, addonChartRepository: https://c.example}
  template:
    spec:
      source: {chart: '{{values.addonChart}}', repoURL: '{{values.addonChartRepository}}'}
`
    const { addons, skipped } = read(text)
    expect(addons.map(({ name, chart, version, release }) => [name, chart, version, release])).toEqual([
      ['ingress', 'ingress-nginx', '4.12.2', 'nginx'],
      ['certs', 'cert-manager', 'v1.14.3', 'certs'],
    ])
    expect(skipped.map(({ name }) => name)).toEqual(['certs'])
  })

  it('may name a repository that the file knows', () => {
    const helmfile = `
repositories:
  - {name: grafana, url: https://grafana.example}
  - {name: hub, url: ghcr.io/org, oci: true}
releases:
  - {name: loki, chart: grafana/loki, version: 6.0.0}
  - {name: kro, chart: hub/kro}
`
    expect(read(helmfile).addons.map(({ name, chart, repository }) => [name, chart, repository])).toEqual([
      ['loki', 'loki', 'https://grafana.example'],
      ['kro', 'kro', 'oci://ghcr.io/org'],
    ])
    const flux = `
kind: HelmRepository
metadata: {name: podinfo}
spec: {url: https://podinfo.example}
---
kind: HelmRelease
metadata: {name: web}
spec:
  releaseName: web-app
  chart: {spec: {chart: podinfo, version: 6.x, sourceRef: {kind: HelmRepository, name: podinfo}}}
`
    expect(read(flux).addons).toMatchObject([
      { name: 'web', chart: 'podinfo', repository: 'https://podinfo.example', version: '6.x', release: 'web-app' },
    ])
  })

  it('may hold their chart as a map', () => {
    const text = 'apps: {web: {chart: {name: podinfo, repository: https://p.example, version: 6.0.0}, namespace: web}}'
    expect(read(text).addons).toMatchObject([
      { name: 'web', chart: 'podinfo', repository: 'https://p.example', version: '6.0.0', targetNamespace: 'web' },
    ])
  })
})

describe('a file without addons', () => {
  it.each([
    '',
    '# nothing\n',
    'a: 1\n',
    '- 1\n',
    'addons: {}\n',
    'addons: []\nimage: {repository: a.example/b, version: 1}\n',
  ])('is refused: %j', (text) => {
    expect(refusal(text)).toMatchObject({ code: 'ADDONS_NONE', exitCode: 2, tried: [] })
  })

  it('names what was skipped', () => {
    const error = refusal('addons: {own: {path: charts/own, repoURL: https://git.example/x.git}}')
    expect(error).toMatchObject({ code: 'ADDONS_NONE', message: 'in team/addons.yaml every addon is skipped' })
    expect(error.tried[0]).toContain('own (addons.yaml:1): it is the folder charts/own')
  })

  it.each(['a: [1\n', 'a: *none\n', 'a:\n  - b\n c: 1\n'])('or that is no YAML says so with its line: %j', (text) => {
    expect(refusal(text)).toMatchObject({ code: 'ADDONS_FILE_INVALID', exitCode: 2 })
  })

  it('does not blow up through its aliases', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let at = 1; at < 9; at++)
      lines.push(
        `a${at}: &a${at} [${Array(10)
          .fill(`*a${at - 1}`)
          .join(', ')}]`,
      )
    expect(refusal(lines.join('\n'))).toMatchObject({ code: 'ADDONS_FILE_INVALID' })
    expect(refusal(`a: ${'['.repeat(5000)}${']'.repeat(5000)}`)).toMatchObject({ code: 'ADDONS_FILE_INVALID' })
  })
})
