import type { Credential, HttpRequest } from '@ropeway/core'
import { sha256 } from '@ropeway/oci'
import { fakeContext, makeChart, type Chart, type FakeReply } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { fetchIndex } from './fetch-index.js'
import { type ArchiveRequest, fetchArchive, fetchProvenance } from './fetch-chart.js'
import { chooseChart, fetchChart } from './resolve.js'

const repository = new URL('https://charts.example/stable')
const web = makeChart({ name: 'web', version: '1.2.3', prov: true })
const older = makeChart({ name: 'web', version: '1.1.0' })
const credential: Credential = { username: 'me', password: 'secret', origin: 'a test' }

interface Site {
  readonly files: Record<string, FakeReply>
  readonly requests: HttpRequest[]
  now: number
}

function indexOf(charts: readonly Chart[]): string {
  const entries = charts.map(
    ({ name, version, file, digest }) =>
      `  - {name: ${name}, version: ${version}, digest: "${digest.slice(7)}", urls: [${file}]}\n`,
  )
  return `apiVersion: v1\nentries:\n  web:\n${entries.join('')}  website: []\n`
}

function site(files: Record<string, FakeReply> = {}) {
  const state: Site = {
    files: { '/stable/index.yaml': { body: indexOf([older, web]) }, ...files },
    requests: [],
    now: 0,
  }
  const context = fakeContext({
    credentials: { 'charts.example': credential },
    http(request) {
      state.requests.push(request)
      return state.files[new URL(request.url).pathname]
    },
  })
  return { state, context: { ...context, clock: { now: () => state.now } } }
}
const wanted = (version?: string) => ({ repository, chart: 'web', version })
const request = (path: string, more: Partial<ArchiveRequest> = {}): ArchiveRequest => ({
  url: new URL(path, repository),
  repository,
  passCredentials: false,
  ...more,
})
const error = (code: string, text: string, field: 'message' | 'hint' = 'message'): unknown =>
  expect.objectContaining({ code, [field]: expect.stringContaining(text) })

describe('fetchIndex', () => {
  it('sends the credential of the repository and asks for a packed body', async () => {
    const { state, context } = site()
    const index = await fetchIndex(repository, ['web'], context)
    expect(index.names).toEqual(['web', 'website'])
    expect(state.requests).toMatchObject([
      {
        url: 'https://charts.example/stable/index.yaml',
        credential,
        role: 'source',
        headers: { 'accept-encoding': 'gzip' },
      },
    ])
  })
  it('fetches an index once for all steps of a run, whatever charts they want', async () => {
    const { state, context } = site()
    const indexes = await Promise.all([
      fetchIndex(repository, ['web'], context),
      fetchIndex(repository, ['website'], context),
    ])
    expect(indexes.map(({ charts }) => [...charts.keys()])).toEqual([['web'], ['website']])
    expect(state.requests).toHaveLength(1)
    state.now = 10 * 60 * 1000
    await fetchIndex(repository, ['web'], context)
    expect(state.requests).toHaveLength(2)
    await fetchIndex(repository, ['web'], site().context)
    expect(state.requests).toHaveLength(2)
  })
  it('does not keep a failure', async () => {
    const { state, context } = site({ '/stable/index.yaml': { status: 404 } })
    await expect(fetchIndex(repository, ['web'], context)).rejects.toThrow(expect.objectContaining({ side: 'source' }))
    state.files['/stable/index.yaml'] = { body: indexOf([web]) }
    expect((await fetchIndex(repository, ['web'], context)).charts.size).toBe(1)
  })
})

describe('chooseChart', () => {
  const choose = async (version?: string, edit = (index: string) => index, chart = 'web') => {
    const { context } = site({ '/stable/index.yaml': { body: edit(indexOf([older, web])) } })
    const index = await fetchIndex(repository, [chart], context)
    return { chosen: chooseChart(index, { ...wanted(version), chart }, context.log), warnings: context.warnings }
  }
  it('tells address and digest of the version that Helm would take', async () => {
    expect((await choose()).chosen).toMatchObject({
      entry: { version: '1.2.3' },
      url: { href: 'https://charts.example/stable/web-1.2.3.tgz' },
      digest: web.digest,
    })
    expect((await choose('~1.1')).chosen.entry.version).toBe('1.1.0')
  })
  it('reads digests bare, prefixed and in capitals, and takes others for none', async () => {
    const hex = web.digest.slice(7)
    const digest = async (written: string) =>
      (await choose('1.2.3', (text) => text.replace(hex, written))).chosen.digest
    expect(await digest(`sha256:${hex}`)).toBe(web.digest)
    expect(await digest(hex.toUpperCase())).toBe(web.digest)
    expect(await digest('md5:abc')).toBeUndefined()
    expect(await digest('')).toBeUndefined()
  })
  it('gives near names and versions for what does not exist', async () => {
    await expect(choose(undefined, undefined, 'wbe')).rejects.toThrow(error('CHART_NOT_FOUND', '"web"', 'hint'))
    await expect(choose(undefined, undefined, 'redis')).rejects.toThrow(
      error('CHART_NOT_FOUND', 'it has web, website', 'hint'),
    )
    await expect(choose('1.2.4')).rejects.toThrow(error('CHART_VERSION_NOT_FOUND', 'the nearest: 1.2.3', 'hint'))
    await expect(choose('^9')).rejects.toThrow(error('CHART_VERSION_NOT_FOUND', 'it has 1.2.3, 1.1.0', 'hint'))
    const unstable = (text: string) => text.replaceAll(/version: [\d.]+/g, 'version: 2.0.0-rc.1')
    await expect(choose(undefined, unstable)).rejects.toThrow(error('CHART_VERSION_NOT_FOUND', '`devel: true`', 'hint'))
    await expect(choose('one')).rejects.toThrow(error('CONSTRAINT_INVALID', '"one"'))
  })
  it('says what is wrong with an entry', async () => {
    const without = (text: string) => text.replaceAll(/urls: \[.*?\]/g, 'urls: []')
    await expect(choose('1.2.3', without)).rejects.toThrow(error('CHART_WITHOUT_URL', 'version 1.2.3 of web'))
    const hostile = (text: string) => text.replace(web.file, 'file:///etc/passwd')
    await expect(choose('1.2.3', hostile)).rejects.toThrow(error('CHART_URL_INVALID', 'file:///etc/passwd'))
  })
  it('warns of entries that it passes over', async () => {
    const odd = (text: string) =>
      `${text.replace('version: 1.1.0', 'version: odd')}  web:\n  - {name: web, version: x}\n`
    await expect(choose(undefined, odd)).rejects.toThrow(error('CHART_VERSION_NOT_FOUND', 'no stable version'))
    const { warnings } = await choose(undefined, (text) => text.replace('version: 1.1.0', 'version: odd'))
    expect(warnings).toMatchObject([{ code: 'INDEX_ENTRIES_SKIPPED', message: expect.stringContaining('"odd"') }])
  })
})

describe('fetchArchive', () => {
  const files = { '/stable/web-1.2.3.tgz': { body: web.tgz } }
  it('checks the digest of the index and keeps the archive', async () => {
    const { state, context } = site(files)
    const digest = web.digest
    expect(sha256(await fetchArchive(request('/stable/web-1.2.3.tgz', { digest }), context))).toBe(digest)
    await fetchArchive(request('/stable/web-1.2.3.tgz', { digest }), context)
    expect(state.requests).toHaveLength(1)
  })
  it('names both digests when they differ', async () => {
    const { context } = site(files)
    const refused = fetchArchive(request('/stable/web-1.2.3.tgz', { digest: older.digest }), context)
    await expect(refused).rejects.toThrow(error('CHART_DIGEST_MISMATCH', web.digest))
    await expect(refused).rejects.toThrow(error('CHART_DIGEST_MISMATCH', older.digest))
  })
  it('sends credentials to the repository alone unless it is told otherwise', async () => {
    const { state, context } = site({ ...files, '/other/web-1.2.3.tgz': { body: web.tgz } })
    const elsewhere = 'https://files.example/other/web-1.2.3.tgz'
    await fetchArchive(request('/stable/web-1.2.3.tgz'), context)
    await fetchArchive(request(elsewhere), context)
    await fetchArchive(request('http://charts.example/other/web-1.2.3.tgz'), context)
    await fetchArchive(request(elsewhere, { passCredentials: true }), context)
    expect(state.requests.map((sent) => sent.credential)).toEqual([credential, undefined, undefined, credential])
  })
  it('refuses an archive above 64 MiB', async () => {
    const { context } = site({ '/big.tgz': { body: new Uint8Array(64 * 1024 * 1024 + 1) } })
    await expect(fetchArchive(request('/big.tgz'), context)).rejects.toThrow(error('CONTENT_TOO_LARGE', 'big.tgz'))
  })
})

describe('fetchProvenance', () => {
  const provenance = (reply: FakeReply, path = '/x.tgz') => {
    const { state, context } = site({ '/x.tgz.prov': reply })
    return { state, context, found: fetchProvenance(request(path), context) }
  }
  it('finds it beside the archive, with the credential and query of the archive', async () => {
    const { state, found } = provenance({ body: web.prov }, '/x.tgz?s=1')
    expect(await found).toEqual(web.prov)
    expect(state.requests).toMatchObject([{ url: 'https://charts.example/x.tgz.prov?s=1', credential }])
  })
  it.each([404, 410])('takes %i for none', async (status) => {
    const { found, context } = provenance({ status })
    expect(await found).toBeUndefined()
    expect(context.warnings).toEqual([])
  })
  it.each([
    [{ status: 403 }, '403'],
    [{ status: 401 }, '401'],
    [{ body: '<html>not found</html>' }, 'something else'],
  ])('takes %j for none with a warning', async (reply, message) => {
    const { found, context } = provenance(reply)
    expect(await found).toBeUndefined()
    expect(context.warnings).toMatchObject([{ code: 'PROVENANCE_UNKNOWN', message: expect.stringContaining(message) }])
  })
  it('does not take a broken server for none', async () => {
    await expect(provenance({ status: 500 }).found).rejects.toThrow(error('PROVENANCE_UNAVAILABLE', '500'))
    const large = provenance({ body: new Uint8Array(1024 * 1024 + 1) })
    await expect(large.found).rejects.toThrow(error('CONTENT_TOO_LARGE', 'x.tgz.prov'))
  })
})

describe('fetchChart', () => {
  const fetched = (files: Record<string, FakeReply>, policy = { provenance: true }) => {
    const { context, state } = site(files)
    return { state, chart: fetchChart(request('/web.tgz'), policy, 'web', context) }
  }
  it('brings archive, metadata and provenance', async () => {
    const { chart } = fetched({ '/web.tgz': { body: web.tgz }, '/web.tgz.prov': { body: web.prov } })
    expect(await chart).toMatchObject({ metadata: { name: 'web', version: '1.2.3' }, provenance: web.prov })
  })
  it('does not ask for provenance that is not wanted', async () => {
    const { chart, state } = fetched({ '/web.tgz': { body: web.tgz } }, { provenance: false })
    expect((await chart).provenance).toBeUndefined()
    expect(state.requests).toHaveLength(1)
  })
  it('refuses provenance of another archive, and what is no chart', async () => {
    const other = fetched({ '/web.tgz': { body: older.tgz }, '/web.tgz.prov': { body: web.prov } })
    await expect(other.chart).rejects.toThrow(error('PROVENANCE_MISMATCH', older.digest))
    await expect(fetched({ '/web.tgz': { body: '<html>' } }).chart).rejects.toThrow(
      error('CHART_ARCHIVE_INVALID', 'it is a web page'),
    )
  })
})
