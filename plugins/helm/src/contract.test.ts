import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { HttpRequest } from '@ropeway/core'
import {
  fakeContext,
  makeChart,
  memoryRegistry,
  sampleChart,
  signed,
  testSource,
  type Chart,
  type FakeReply,
} from '@ropeway/testkit'
import { describe, it } from 'vitest'
import * as exports from './index.js'

const host = 'charts.example'
const token = 'hunter2'
const localChart = {
  'Chart.yaml': 'apiVersion: v2\nname: local\nversion: 0.1.0+dev\n',
  'templates/a.yaml': 'a: 1\n',
  'templates/b.yaml': `b: ${'1'.repeat(9000)}\n`,
}

/** A chart repository that wants a signed address. */
function repositoryOf(charts: readonly Chart[]) {
  return ({ url, credential }: HttpRequest): FakeReply | undefined => {
    const { pathname, search, host: asked } = new URL(url)
    if (asked !== host || search !== `?token=${token}` || credential?.password !== 'pa55word') return { status: 403 }
    if (pathname === '/stable/index.yaml') return { body: indexOf(charts) }
    const chart = charts.find(({ file }) => pathname.startsWith(`/stable/${file}`))
    return { status: 404, ...(chart && { status: 200, body: pathname.endsWith('.prov') ? chart.prov : chart.tgz }) }
  }
}

function indexOf(charts: readonly Chart[]): string {
  const entries = charts.map(({ name, version, file, digest }) => ({ name, version, digest, urls: [file] }))
  const grouped = Object.groupBy(entries, ({ name }) => name)
  return JSON.stringify({ apiVersion: 'v1', entries: grouped })
}

testSource(
  {
    adapter: exports.helmSource,
    package: { json: new URL('../package.json', import.meta.url), exports },
    async arrange() {
      const directory = await mkdtemp(join(tmpdir(), 'ropeway-helm-'))
      for (const [path, text] of Object.entries(localChart)) {
        await mkdir(dirname(join(directory, 'local', path)), { recursive: true })
        await writeFile(join(directory, 'local', path), text)
      }
      await writeFile(join(directory, 'db.yaml'), 'replicas: 2\n')
      const charts = [
        makeChart({ name: 'web', version: '1.2.3', prov: true }),
        makeChart({ name: 'db', version: '2.0.0-rc.1+b.7', prov: true }),
      ]
      const registry = memoryRegistry('registry.example:5000')
      const pinned = signed(sampleChart(1, 'podinfo', '6.7.1+build'), 1)
      registry.seed('charts/podinfo', {
        blobs: pinned.blobs.map(({ bytes }) => bytes),
        manifests: pinned.manifests,
        tags: {
          '6.7.1_build': pinned.root.digest,
          ...Object.fromEntries(
            pinned.referrers.flatMap(({ tag, descriptor }) => (tag ? [[tag, descriptor.digest]] : [])),
          ),
        },
      })
      const state = new Map()
      const cache = new Map()
      const podinfo = { chart: 'oci://registry.example:5000/charts/podinfo', version: '^6', namespace: 'demo' }
      const repository = `https://${host}/stable?token=${token}`
      return {
        options: {
          repository,
          charts: ['web', { chart: 'db', version: '>=2.0.0-0', values: 'db.yaml' }, podinfo, './local'],
        },
        broken: {
          repository,
          charts: ['web', 'wbe', { chart: 'db', version: '^9' }, { ...podinfo, version: '7.0.0' }, './missing'],
        },
        secrets: [token],
        context: (signal?: AbortSignal) =>
          fakeContext({
            registries: [registry],
            http: repositoryOf(charts),
            credentials: { [host]: { username: 'me', password: 'pa55word', origin: 'the kit' } },
            chain: { name: 'kit', version: '1.0.0', directory },
            signal,
            state,
            cache,
          }),
        drift: () => charts.push(makeChart({ name: 'web', version: '1.3.0' })),
        dispose: () => rm(directory, { recursive: true }),
      }
    },
  },
  { describe, it },
)
