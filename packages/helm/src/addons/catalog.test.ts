import { isRopewayError, type RopewayError } from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import { chartAddresses } from './addresses.js'
import { catalogText, readCatalogs, type CatalogFile } from './catalog.js'
import { selectAddons } from './select.js'
import { readAddonValues } from './values.js'

const file = (text: string, name = 'catalog.yaml'): CatalogFile => ({ name, text })
const entry = (more: string) => `addons: [{chart: loki, repository: https://g.example, ${more}}]`

function refusal(action: () => unknown): RopewayError {
  try {
    action()
  } catch (error) {
    if (isRopewayError(error)) return error
    throw error
  }
  return expect.fail('it was taken')
}

describe('catalogs', () => {
  it('say of each addon what it is', () => {
    const text = `
addons:
  - {chart: kro, repository: ghcr.io, oci_namespace: kro-run/kro, version: 0.3.0, release: kro}
  - {chart: loki, repository: https://g.example, oci_namespace: "", version: 6.10, release: logs}
  - {chart: team/loki, repository: https://g.example}
`
    const { addons } = readCatalogs([file(text, 'team/catalog.yaml')])
    expect(
      addons.map(({ name, chart, namespace, version, place }) => [name, chart, namespace, version, place]),
    ).toEqual([
      ['kro', 'kro', 'kro-run/kro', '0.3.0', 'catalog.yaml:3'],
      ['logs', 'loki', undefined, '6.10', 'catalog.yaml:4'],
      ['loki', 'loki', 'team', undefined, 'catalog.yaml:5'],
    ])
  })

  it('merge where they agree', () => {
    const one = file(entry('version: 1.0.0, release: a'))
    expect(readCatalogs([one, file(entry('release: a, version: "1.0.0"'), 'b.yaml')]).addons).toHaveLength(1)
    expect(readCatalogs([one, file(entry('release: b'), 'b.yaml')]).addons).toHaveLength(2)
  })

  it('are refused where they do not, naming both', () => {
    const files = [file(entry('release: a'), 'a.yaml'), file(entry('release: a, version: 2.0.0'), 'b.yaml')]
    expect(refusal(() => readCatalogs(files))).toMatchObject({
      code: 'CATALOG_RELEASE_CONFLICT',
      exitCode: 2,
      message: 'the release a is one thing in a.yaml:1 and another in b.yaml:1',
    })
  })

  it('are refused with unknown keys, each with the nearest right one', () => {
    const text = `
addons:
  - chart: loki
    repositry: https://g.example
    verison: 1.0.0
extra: 1
`
    const error = refusal(() => readCatalogs([file(text)]))
    expect(error).toMatchObject({ code: 'CATALOG_INVALID', exitCode: 2 })
    expect(error.errors).toMatchObject([
      { at: 'catalog.yaml:3', message: expect.stringContaining('addons.0.repository') },
      { at: 'catalog.yaml:4', message: 'the key "repositry" is unknown', hint: 'Did you mean "repository"?' },
      { at: 'catalog.yaml:5', hint: 'Did you mean "version"?' },
      { at: 'catalog.yaml:6', message: 'the key "extra" is unknown' },
    ])
  })

  it.each([
    ['', 'CATALOG_ENTRY_INVALID'],
    ['addons: {a: 1}', 'CATALOG_ENTRY_INVALID'],
    ['addons: []', 'ADDONS_NONE'],
    ['addons: [{chart: [a], repository: x}]', 'CATALOG_ENTRY_INVALID'],
    ['addons: [', 'ADDONS_FILE_INVALID'],
  ])('are refused when they are none: %j', (text, code) => {
    expect(refusal(() => readCatalogs([file(text)]))).toMatchObject({ code, exitCode: 2 })
  })

  it('are made of values files, and lead to the same places', () => {
    const { addons } = readAddonValues(
      `
addons:
  a: {chart: org/deep/a, repoURL: ghcr.io, version: 1.0.0}
  b: {chart: deep/b, repoURL: oci://ghcr.io/org/, releaseName: b-1}
  c: {chart: deep/c, repoURL: https://c.example/charts}
  c_too: {chart: deep/c, repoURL: https://c.example/charts, releaseName: c}
  c_other: {chart: other, repoURL: https://c.example/charts, releaseName: c}
`,
      'values.yaml',
    )
    const { text, renamed } = catalogText(addons)
    expect(text).toBe(`addons:
  - chart: a
    repository: ghcr.io
    oci_namespace: org/deep
    version: 1.0.0
    release: a
  - chart: b
    repository: oci://ghcr.io/org/deep
    oci_namespace: deep
    release: b-1
  - chart: c
    repository: https://c.example/charts
    oci_namespace: deep
    release: c
  - chart: other
    repository: https://c.example/charts
    release: c-other
`)
    expect(renamed).toEqual([{ name: 'c_other', release: 'c', now: 'c-other' }])
    const again = readCatalogs([file(text)]).addons
    const first = (list: typeof addons) => list.map((addon) => chartAddresses(addon)[0])
    expect(first(again)).toEqual(first(addons.filter(({ name }) => name !== 'c_too')))
  })
})

describe('where a chart is looked for', () => {
  const places = (repository: string, more: { readonly path?: string; readonly namespace?: string }) =>
    chartAddresses({ name: 'a', chart: 'a', release: 'a', place: 'x:1', repository, ...more }).map((address) =>
      address.type === 'registry' ? address.location : `${address.repository} ${address.chart}`,
    )
  const written = { path: 'n/m', namespace: 'n/m' }

  it.each([
    ['https://h.example/p/', {}, ['https://h.example/p/ a', 'oci://h.example/p/a']],
    ['https://h.example/p?token=x', {}, ['https://h.example/p?token=x a', 'oci://h.example/p/a']],
    ['https://h.example/p', written, ['https://h.example/p a', 'oci://h.example/p/n/m/a']],
    ['oci://h.example/p', {}, ['oci://h.example/p/a', 'https://h.example/p a']],
    ['h.example', written, ['oci://h.example/n/m/a', 'https://h.example/n/m a', 'https://h.example a']],
    ['oci://h.example/p', written, ['oci://h.example/p/n/m/a', 'https://h.example/p/n/m a', 'https://h.example/p a']],
    ['oci://h.example/n', { namespace: 'n' }, ['oci://h.example/n/a', 'https://h.example/n a']],
  ])('%s %j', (repository, more, expected) => {
    expect(places(repository, more)).toEqual(expected)
  })

  it('a namespace of a catalog may be that of the destination alone', () => {
    expect(places('h.example', { namespace: 'n' }).slice(0, 2)).toEqual(['oci://h.example/n/a', 'oci://h.example/a'])
    expect(places('oci://h.example/p', { namespace: 'n' }).slice(0, 2)).toEqual([
      'oci://h.example/p/a',
      'oci://h.example/p/n/a',
    ])
  })
})

describe('filters', () => {
  const { addons } = readAddonValues(
    `
addons:
  one: {chart: grafana/Loki, repoURL: https://g.example, releaseName: logs}
  two: {chart: keda, repoURL: https://k.example}
  three: {chart: keda, repoURL: https://k.example, releaseName: keda-too}
`,
    'values.yaml',
  )
  const names = (only?: string[], exclude?: string[], by: 'chart' | 'release' = 'chart') =>
    selectAddons(addons, { only, exclude }, by).map(({ name }) => name)

  it('keep all when there are none', () => expect(names()).toEqual(['one', 'two', 'three']))
  it('name charts, whole and in any case', () => expect(names(['LOKI'])).toEqual(['one']))
  it('know a chart by its path too', () => expect(names(['grafana/loki'])).toEqual(['one']))
  it('may be several, also with commas', () => expect(names(['loki, keda'])).toEqual(['one', 'two', 'three']))
  it('leave out what is excluded, whatever else is said', () => expect(names(['keda,loki'], ['keda'])).toEqual(['one']))
  it('name releases in catalogs', () => expect(names(['logs', 'Keda-Too'], [], 'release')).toEqual(['one', 'three']))

  it.each([
    [['ked'], undefined, 'did you mean "keda"?'],
    [undefined, ['lokki'], 'did you mean "Loki"?'],
    [['zzzzzzzz'], undefined, 'there are Loki, grafana/Loki, keda'],
  ])('refuse what names nothing: %j %j', (only, exclude, hint) => {
    expect(refusal(() => names(only, exclude))).toMatchObject({ code: 'ADDON_FILTER_UNMATCHED', exitCode: 2, hint })
  })

  it('refuse to leave nothing', () => {
    expect(refusal(() => names(['loki'], ['loki']))).toMatchObject({ code: 'ADDON_FILTER_UNMATCHED' })
  })
})
