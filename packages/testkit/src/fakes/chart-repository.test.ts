import { afterEach, describe, expect, it } from 'vitest'
import { sha256 } from '@ropeway/oci'
import { makeChart } from '../fixtures/chart.js'
import { fakeChartRepository, type ChartRepository, type ChartRepositoryOptions } from './chart-repository.js'

const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const web1 = makeChart({ name: 'web', version: '1.0.0', prov: true })
const web2 = makeChart({ name: 'web', version: '2.0.0+b' })
const db = makeChart({ name: 'db', version: '0.1.0', appVersion: '9' })

async function repository(options: Partial<ChartRepositoryOptions> = {}): Promise<ChartRepository> {
  const started = await fakeChartRepository({ charts: [web1, db, web2], ...options })
  cleanups.push(() => started.close())
  return started
}

const index = async ({ url }: ChartRepository) => (await fetch(`${url}/index.yaml`)).text()

describe('fakeChartRepository', () => {
  it('serves an index, archives and provenance files.', async () => {
    const served = await repository()
    expect(await index(served)).toBe(`apiVersion: v1
entries:
  db:
  - apiVersion: "v2"
    appVersion: "9"
    description: "The chart db"
    name: "db"
    type: "application"
    version: "0.1.0"
    digest: ${db.digest.slice(7)}
    created: "2020-01-01T00:00:00.000000000Z"
    urls:
    - db-0.1.0.tgz
  web:
  - apiVersion: "v2"
    description: "The chart web"
    name: "web"
    type: "application"
    version: "1.0.0"
    digest: ${web1.digest.slice(7)}
    created: "2020-01-01T00:00:00.000000000Z"
    urls:
    - web-1.0.0.tgz
  - apiVersion: "v2"
    description: "The chart web"
    name: "web"
    type: "application"
    version: "2.0.0+b"
    digest: ${web2.digest.slice(7)}
    created: "2020-01-01T00:00:00.000000000Z"
    urls:
    - web-2.0.0+b.tgz
generated: "2020-01-01T00:00:00.000000000Z"
`)
    const archive = await fetch(`${served.url}/web-2.0.0+b.tgz`)
    expect(sha256(Buffer.from(await archive.arrayBuffer()))).toBe(web2.digest)
    expect((await fetch(`${served.url}/web-1.0.0.tgz.prov`)).status).toBe(200)
    expect((await fetch(`${served.url}/web-2.0.0+b.tgz.prov`)).status).toBe(404)
    expect(served.requests.at(-1)).toEqual({
      method: 'GET',
      path: '/charts/web-2.0.0+b.tgz.prov',
      query: '',
      host: 'repository',
      authorization: undefined,
    })
  })

  it('names archives by whole addresses, also on another host, which wants no credentials.', async () => {
    const absolute = await repository({ urls: 'absolute' })
    expect(await index(absolute)).toContain(`    - ${absolute.url}/db-0.1.0.tgz\n`)
    const far = await repository({ urls: 'other-host', auth: { username: 'u', password: 'p' } })
    expect((await fetch(`${far.url}/index.yaml`)).status).toBe(401)
    const authorization = `Basic ${Buffer.from('u:p').toString('base64')}`
    const yaml = await (await fetch(`${far.url}/index.yaml`, { headers: { authorization } })).text()
    const address = /- (http\S+db-0\.1\.0\.tgz)/.exec(yaml)?.[1] ?? ''
    expect(address.startsWith(far.otherUrl)).toBe(true)
    expect((await fetch(address)).status).toBe(200)
    expect((await fetch(address, { headers: { authorization } })).status).toBe(400)
    expect(far.requests.map(({ host, authorization: scheme }) => [host, scheme])).toEqual([
      ['repository', undefined],
      ['repository', 'basic'],
      ['other', undefined],
      ['other', 'basic'],
    ])
  })

  it('tells wrong digests, none, or such with their algorithm.', async () => {
    expect(await index(await repository({ digests: 'missing' }))).not.toContain('digest')
    expect(await index(await repository({ digests: 'prefixed' }))).toContain(`digest: ${db.digest}`)
    expect(await index(await repository({ digests: 'wrong' }))).not.toContain(db.digest.slice(7))
  })

  it('redirects, packs, wants a query, shows a login page, and breaks the index as told.', async () => {
    const redirecting = await repository({ redirectIndex: true, redirectCharts: true })
    expect((await fetch(`${redirecting.url}/index.yaml`)).url).toMatch(/\/moved\/index\.yaml$/)
    expect((await fetch(`${redirecting.url}/db-0.1.0.tgz`)).url).toBe(`${redirecting.otherUrl}/files/db-0.1.0.tgz`)
    const packed = await fetch(`${(await repository({ gzip: true })).url}/index.yaml`)
    expect([packed.headers.get('content-encoding'), (await packed.text()).startsWith('apiVersion: v1')]).toEqual([
      'gzip',
      true,
    ])
    const signed = await repository({ query: 'token=x' })
    expect(signed.url).toMatch(/\?token=x$/)
    expect((await fetch(signed.url.replace('?', '/index.yaml?'))).status).toBe(200)
    expect((await fetch(signed.url.replace(/\?.*/, '/index.yaml'))).status).toBe(403)
    expect(await index(await repository({ loginPage: true }))).toMatch(/^<!DOCTYPE html>/)
    expect(await index(await repository({ editIndex: (yaml) => yaml.replace('v1', 'v9') }))).toMatch(/^apiVersion: v9/)
  })

  it('streams an index of many megabytes with its charts in the middle.', async () => {
    const served = await repository({ paddingBytes: 5_000_000 })
    const yaml = await index(served)
    expect(yaml.length).toBeGreaterThan(5_000_000)
    const place = yaml.indexOf('\n  web:\n')
    expect(place / yaml.length).toBeGreaterThan(0.4)
    expect(place / yaml.length).toBeLessThan(0.6)
    expect(sha256(yaml)).toBe(sha256(await index(served)))
  })
})
