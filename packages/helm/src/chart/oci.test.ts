import { encodeManifest, mediaTypes } from '@ropeway/oci'
import { fakeContext, memoryRegistry, sampleChart, sampleImage } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { isOciLocation, resolveOciChart } from './oci.js'

const host = 'registry.example:5000'
const registry = memoryRegistry(host)
const charts = new Map(
  ['1.0.0', '1.1.0', '1.2.0-rc.1', '2.0.0+b.1'].map((version, seed) => [version, sampleChart(seed, 'web', version)]),
)
for (const [version, tree] of charts) {
  registry.seed('charts/web', {
    blobs: tree.blobs.map(({ bytes }) => bytes),
    manifests: tree.manifests,
    tags: { [version.replace('+', '_')]: tree.root.digest },
  })
}
const [oldest, newest] = [charts.get('1.0.0')!, charts.get('2.0.0+b.1')!]
registry.seed('charts/web', {
  tags: { stable: oldest.root.digest, '1': oldest.root.digest, 'v9.9.9': oldest.root.digest },
})
const index = encodeManifest(
  { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [newest.root] },
  mediaTypes.ociIndex,
)
registry.seed('charts/web', { manifests: [index], tags: { index: index.descriptor.digest } })
const image = sampleImage(9)
registry.seed('app', {
  blobs: image.blobs.map(({ bytes }) => bytes),
  manifests: image.manifests,
  tags: { '1.0.0': image.root.digest },
})

const location = `oci://${host}/charts/web`
const resolve = (at: string, version?: string, devel?: boolean) =>
  resolveOciChart({ location: at, version, devel }, fakeContext({ registries: [registry] }))
const error = (code: string, text = ''): unknown =>
  expect.objectContaining({ code, message: expect.stringContaining(text) })

describe('resolveOciChart', () => {
  it.each<[string, string | undefined, boolean, string, string]>([
    [location, undefined, false, '2.0.0_b.1', '2.0.0+b.1'],
    [`${location}/`, undefined, false, '2.0.0_b.1', '2.0.0+b.1'],
    [location, '^1', false, '1.1.0', '1.1.0'],
    [location, '>=1.2.0-0 <2', false, '1.2.0-rc.1', '1.2.0-rc.1'],
    [location, '2.0.0+b.1', false, '2.0.0_b.1', '2.0.0+b.1'],
    [location, '1', false, '1', '1.0.0'],
    [location, '1.1', false, '1.1.0', '1.1.0'],
    [location, 'v9.9.9', false, 'v9.9.9', '1.0.0'],
    [`${location}:stable`, undefined, false, 'stable', '1.0.0'],
    [`${location}:stable`, '^1', false, 'stable', '1.0.0'],
    [`${location}:2.0.0_b.1`, '2.0.0+b.1', false, '2.0.0_b.1', '2.0.0+b.1'],
  ])('finds %s %s (devel: %s) at the tag %s', async (at, wanted, devel, tag, version) => {
    const chart = await resolve(at, wanted, devel)
    expect(chart).toMatchObject({ name: 'web', version, archive: { mediaType: mediaTypes.helmChart } })
    expect(chart.artifact).toMatchObject({ kind: 'chart', source: { reference: { registry: host, tag } } })
  })
  it('finds a chart by digest, with the tag that the version means', async () => {
    const at = `${location}@${oldest.root.digest}`
    expect((await resolve(at)).artifact).toMatchObject({ root: oldest.root, naming: { tags: [] } })
    expect((await resolve(at, '^1')).artifact.naming.tags).toEqual([])
    expect((await resolve(at, '1.0.0')).artifact.naming.tags).toEqual(['1.0.0'])
  })
  it('carries an index as it is', async () => {
    const chart = await resolve(`${location}:index`)
    expect(chart).toMatchObject({
      version: '2.0.0+b.1',
      artifact: { kind: 'chart', root: { digest: index.descriptor.digest } },
    })
  })
  it('refuses what contradicts itself', async () => {
    const conflict = error('CHART_VERSION_CONFLICT')
    await expect(resolve(`${location}:1.0.0`, '1.1.0')).rejects.toThrow(conflict)
    await expect(resolve(`${location}:stable`, '^2')).rejects.toThrow(conflict)
    await expect(resolve(`${location}@${oldest.root.digest}`, '^2')).rejects.toThrow(conflict)
  })
  it('says what does not exist', async () => {
    await expect(resolve(location, '^7')).rejects.toThrow(error('CHART_VERSION_NOT_FOUND', '"^7"'))
    await expect(resolve(location, '7.0.0')).rejects.toThrow(error('SOURCE_NOT_FOUND'))
    await expect(resolve(`${location}:nope`)).rejects.toThrow(error('SOURCE_NOT_FOUND'))
    await expect(resolve(location, 'latest')).rejects.toThrow(error('CONSTRAINT_INVALID'))
    await expect(resolve(`oci://${host}/Charts`)).rejects.toThrow(error('REFERENCE_INVALID'))
  })
  it('refuses what is no chart', async () => {
    await expect(resolve(`oci://${host}/app:1.0.0`)).rejects.toThrow(error('NOT_A_CHART', `${host}/app:1.0.0`))
  })
  it('is told by the scheme', () => {
    expect([isOciLocation(location), isOciLocation('https://x'), isOciLocation('./oci')]).toEqual([true, false, false])
  })
})
