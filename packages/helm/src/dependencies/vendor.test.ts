import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fakeContext, makeChart, type Chart } from '@ropeway/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageChart } from '../chart/package.js'
import { readChartFiles } from '../chart/source.js'
import { loadChart } from '../render/render.js'
import { lockDigest, readChartLock, writeChartLock, type LockedDependency } from './lock.js'
import { missingDependencies, vendorDependencies, type VendorOptions } from './vendor.js'
import { vendoredCharts } from './vendored.js'

const old = makeChart({ name: 'web', version: '1.1.0' })
const recent = makeChart({ name: 'web', version: '1.2.0' })
const repository = 'https://charts.example/stable'

function network(charts: readonly Chart[] = [old, recent]) {
  const entries = charts.map(({ name, version, file }) => `  - {name: ${name}, version: ${version}, urls: [${file}]}\n`)
  const asked: string[] = []
  const context = fakeContext({
    http({ url }) {
      const { pathname } = new URL(url)
      asked.push(pathname)
      if (pathname === '/stable/index.yaml') return { body: `apiVersion: v1\nentries:\n  web:\n${entries.join('')}` }
      const chart = charts.find(({ file }) => pathname === `/stable/${file}`)
      return chart === undefined ? undefined : { body: chart.tgz }
    },
  })
  return { context, asked }
}

const bytes = (text: string) => new TextEncoder().encode(text)
const declared = (more = '', where = repository) =>
  `dependencies:\n- name: web\n  version: ^1.0.0\n  repository: ${where}\n${more}`
const chart = (dependencies: string, ...files: { path: string; bytes: Uint8Array }[]) => [
  { path: 'Chart.yaml', bytes: bytes(`apiVersion: v2\nname: shop\nversion: 1.0.0\n${dependencies}`) },
  ...files,
]
const pin = (version: string): LockedDependency => ({ name: 'web', repository, version })
const entry = { name: 'web', version: '^1.0.0', repository }
const lockOf = (version: string) => ({ path: 'Chart.lock', bytes: writeChartLock([entry], [pin(version)]) })
const archived = ({ name, version, tgz }: Chart) => ({ path: `charts/${name}-${version}.tgz`, bytes: tgz })
const versions = async (files: readonly { path: string; bytes: Uint8Array }[]) =>
  (await vendoredCharts(files, 'shop')).map(({ name, version }) => `${name} ${version}`)

async function vendor(files: ReturnType<typeof chart>, options: VendorOptions = {}) {
  const { context, asked } = network()
  const done = await vendorDependencies(files, 'shop', options, context)
  return { ...done, asked, warnings: context.warnings.map(({ code }) => code), charts: await versions(done.files) }
}

describe('dependencies of repositories', () => {
  it('are what the lock pins', async () => {
    const done = await vendor(chart(declared(), lockOf('1.1.0')))
    expect(done).toMatchObject({ changed: true, charts: ['web 1.1.0'], warnings: [] })
    expect(done.asked).toEqual(['/stable/index.yaml', `/stable/${old.file}`])
  })
  it('are resolved anew without a lock, and locked', async () => {
    const done = await vendor(chart(declared()))
    expect(done).toMatchObject({ charts: ['web 1.2.0'], warnings: ['CHART_LOCK_MISSING'] })
    const lock = readChartLock(done.files, { apiVersion: 'v2' }, 'shop')
    expect(lock?.dependencies).toEqual([pin('1.2.0')])
    expect(lock?.digest).toBe(lockDigest([entry], [pin('1.2.0')]))
  })
  it('are resolved anew when Chart.yaml changed since', async () => {
    const done = await vendor(chart(declared('  alias: x\n'), lockOf('1.1.0')))
    expect(done).toMatchObject({ charts: ['web 1.2.0'], warnings: ['CHART_LOCK_STALE'] })
    expect(done.files.filter(({ path }) => path === 'Chart.lock')).toHaveLength(1)
  })
  it('are not asked for when they lie in charts/', async () => {
    const files = chart(declared(), archived(old))
    expect(await vendor(files)).toMatchObject({ changed: false, files, asked: [], warnings: [] })
    expect(await vendorDependencies(files, 'shop')).toMatchObject({ changed: false })
  })
  it('take the place of versions that are not those of the lock', async () => {
    const done = await vendor(chart(declared(), lockOf('1.2.0'), archived(old)))
    expect(done.charts).toEqual(['web 1.2.0'])
  })
  it('are found by the name that helm gave the repository', async () => {
    const files = chart(declared('', '"@stable"'))
    const done = await vendor(files, {
      repositories: (name) => Promise.resolve(name === 'stable' ? repository : undefined),
    })
    expect(done.charts).toEqual(['web 1.2.0'])
    await expect(vendor(files)).rejects.toMatchObject({ code: 'REPOSITORY_NOT_NAMED' })
  })
  it('have to exist', async () => {
    const none = chart(declared().replace('^1.0.0', '^9.0.0'))
    await expect(vendor(none)).rejects.toMatchObject({ code: 'CHART_VERSION_NOT_FOUND' })
    await expect(vendor(chart(declared('', '""')))).rejects.toMatchObject({ code: 'DEPENDENCY_NOT_FOUND' })
    await expect(vendorDependencies(none, 'shop')).rejects.toMatchObject({ code: 'NETWORK_MISSING' })
  })
  it('count as missing by their names', async () => {
    expect(await missingDependencies(chart(declared()), 'shop')).toEqual(['web'])
    expect(await missingDependencies(chart(declared(), archived(old)), 'shop')).toEqual([])
    expect(await missingDependencies(chart(''), 'shop')).toEqual([])
  })
})

describe('locks', () => {
  it('have the digest that helm computes', () => {
    const digest = lockDigest(
      [
        {
          ...{
            name: 'sub',
            version: '^0.1.0',
            repository: 'file://../sub',
            condition: 'sub.enabled',
            tags: ['a', '<b>'],
          },
          'import-values': ['data', { child: 'a', parent: 'b' }],
        },
      ],
      [{ name: 'sub', repository: 'file://../sub', version: '0.1.0' }],
    )
    // written by helm 4.1.4
    expect(digest).toBe('sha256:177ff680b24355f8d6f8712881bd11925fac91b681cd4b5b7201cce919200eda')
  })
})

describe('dependencies beside the chart', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ropeway-vendor-'))
    await mkdir(join(folder, 'web', 'templates'), { recursive: true })
    await writeFile(join(folder, 'web', 'Chart.yaml'), 'apiVersion: v2\nname: web\nversion: 1.5.0\n')
    await writeFile(join(folder, 'web', 'templates', 'a.yaml'), 'kind: A\n')
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('are packed, without the network', async () => {
    const files = chart(declared('', 'file://../web'))
    const done = await vendorDependencies(files, 'shop', { folder: join(folder, 'shop') })
    expect(await versions(done.files)).toEqual(['web 1.5.0'])
    expect((await loadChart(done.files)).render().text()).toContain(
      '# Source: shop/charts/web/templates/a.yaml\nkind: A',
    )
  })
  it('are packed anew when that is wanted', async () => {
    const files = chart(declared('', 'file://../web'), archived(old))
    const options = { folder: join(folder, 'shop') }
    expect((await vendorDependencies(files, 'shop', options)).changed).toBe(false)
    const done = await vendorDependencies(files, 'shop', { ...options, refresh: true })
    expect(await versions(done.files)).toEqual(['web 1.5.0'])
  })
  it('need a folder to lie beside, and the version that is asked for', async () => {
    const files = chart(declared('', 'file://../web'))
    await expect(vendorDependencies(files, 'shop')).rejects.toMatchObject({ code: 'DEPENDENCY_NOT_FOUND' })
    const other = chart(declared('', 'file://../web').replace('^1.0.0', '^2.0.0'))
    const run = vendorDependencies(other, 'shop', { folder: join(folder, 'shop') })
    await expect(run).rejects.toMatchObject({ code: 'DEPENDENCY_NOT_FOUND' })
  })
})

describe('packageChart', () => {
  it('unfolds charts, writes Chart.yaml anew and sets versions, in equal bytes', async () => {
    const files = chart(
      `keywords: [b, a] # why\n${declared()}`,
      { path: 'values.yaml', bytes: bytes('a: 1 # x\n') },
      archived(old),
    )
    const { archive, metadata } = await packageChart(files, 'shop', { version: '2.0.0', appVersion: '7' })
    expect(metadata).toMatchObject({ version: '2.0.0', appVersion: '7' })
    const packed = await readChartFiles(archive)
    const text = (path: string) => new TextDecoder().decode(packed.find((file) => file.path === path)?.bytes)
    expect(text('Chart.yaml')).toBe(
      `apiVersion: v2\nappVersion: "7"\ndependencies:\n- name: web\n  repository: ${repository}\n  version: ^1.0.0\nkeywords:\n- b\n- a\nname: shop\nversion: 2.0.0\n`,
    )
    expect(text('values.yaml')).toBe('a: 1 # x\n')
    expect(packed.map(({ path }) => path)).toContain('charts/web/Chart.yaml')
    expect((await packageChart(files, 'shop', { version: '2.0.0', appVersion: '7' })).archive).toEqual(archive)
  })
  it('refuses a version that is none, and missing dependencies', async () => {
    await expect(packageChart(chart(''), 'shop', { version: 'x' })).rejects.toMatchObject({ name: 'HelmError' })
    await expect(packageChart(chart(declared()), 'shop')).rejects.toMatchObject({ code: 'CHART_DEPENDENCIES_MISSING' })
  })
})

describe('a rendering without dependencies', () => {
  it('is as if charts/ were empty', async () => {
    const files = chart(declared(), archived(old), { path: 'templates/a.yaml', bytes: bytes('kind: Own\n') })
    const loaded = await loadChart(files)
    expect(loaded.render({ withoutDependencies: true }).manifests.map(({ kind }) => kind)).toEqual(['Own'])
    const bare = await loadChart(files.filter(({ path }) => !path.startsWith('charts/')))
    expect(() => bare.render()).toThrow('missing in charts/ directory: web')
    expect(bare.render({ withoutDependencies: true }).manifests).toHaveLength(1)
  })
})
