import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseReference } from '@ropeway/oci'
import { makeImage, pushFixture } from '@ropeway/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openIslandIfPermitted } from './harness/network.ts'
import { peer, ropewayOk, run } from './harness/process.ts'
import { realRegistry, type RealRegistry } from './harness/registry.ts'

const corpus = process.env['ROPEWAY_CORPUS'] ?? join(import.meta.dirname, '..', '..', '..', 'shared', 'corpus')

/** Charts of different families, none with images that are pinned by digest: small images take the place of theirs. */
const charts = [
  'alertmanager-1.42.0',
  'argo-cd-10.1.1',
  'coredns-1.46.2',
  'dex-0.24.0',
  'external-secrets-2.9.0',
  'keda-2.20.2',
  'kube-state-metrics-8.4.0',
  'metrics-server-3.13.1',
  'mysql-14.0.5',
  'oauth2-proxy-10.7.0',
  'postgresql-17.1.0',
  'prometheus-29.27.0',
  'redis-23.1.1',
  'traefik-41.3.0',
  'vault-0.34.1',
]

let home = ''
let source: RealRegistry
const closing: (() => Promise<unknown>)[] = []

async function registry(namespace?: string): Promise<RealRegistry> {
  const started = await realRegistry({ namespace })
  closing.push(() => started.close())
  return started
}

const there = await readFile(join(corpus, 'README.md')).then(
  () => true,
  () => false,
)
if (!there) console.warn('the corpus is not here: charts of the corpus are not carried')

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'e2e-discover-'))
  source = await registry()
})
afterAll(async () => {
  await Promise.allSettled(closing.map((close) => close()))
  await rm(home, { recursive: true, force: true })
})

/** References in `image` fields of what the real helm renders. */
async function rendered(archive: string, namespace: string | undefined): Promise<string[]> {
  const text = await peer('helm', ['template', 'web', archive], { namespace })
  const found = [...text.matchAll(/^\s*(?:- )?image: *["']?([^"'\s]+)["']?\s*$/gm)].flatMap(([, image]) => image ?? [])
  return [...new Set(found)]
}

describe.runIf(there)('charts of the corpus', () => {
  it('arrive in two registries with all their images, relocated and proved without the internet', async () => {
    const archives = charts.map((name) => join(corpus, 'charts', `${name}.tgz`))
    const before = await ropewayOk(['images', ...archives, '--json'], { home })
    const { images } = before.json() as { images: { reference: string }[] }
    const hosts = new Set<string>()
    for (const [index, { reference }] of images.entries()) {
      const { registry: host, repository, tag = 'latest' } = parseReference(reference)
      hosts.add(host)
      const image = await makeImage({ labels: { reference, index: String(index) } })
      await pushFixture(source.url, image, { repository: `${host.replace(':', '-')}/${repository}`, tags: [tag] })
    }
    const mirrors = Object.fromEntries([...hosts].map((host) => [host, `${source.host}/${host.replace(':', '-')}`]))
    const near = join(home, 'near')
    await mkdir(near)
    const chain = { name: 'platform', sources: [{ helm: { charts: archives } }], mirrors }
    await writeFile(join(near, 'ropeway.yaml'), JSON.stringify(chain))
    const bundle = join(near, 'platform.tar')
    await ropewayOk(['export', join(near, 'ropeway.yaml'), '-o', bundle], { home })
    const island = await openIslandIfPermitted('ropeway-charts', 'the far side is only without the source')
    const namespace = island?.namespace
    if (island !== undefined) {
      closing.push(() => island.close())
      const probe = await run('bash', ['-c', `exec 3<>/dev/tcp/${source.host.replace(':', '/')}`], { namespace })
      expect(probe.code).not.toBe(0)
    }
    await source.close()
    for (const prefix of ['mirror', 'team/far']) {
      const far = await registry(namespace)
      await ropewayOk(['import', bundle, '--registry', `${far.host}/${prefix}`], { home, namespace })
      for (const name of charts) {
        const [, chart = '', version = ''] = /^(.*?)-(\d.*)$/.exec(name) ?? []
        const pulled = join(home, prefix.replace('/', '-'))
        await mkdir(pulled, { recursive: true })
        const where = ['--version', version, '-d', pulled, '--plain-http']
        await peer('helm', ['pull', `oci://${far.host}/${prefix}/${chart}`, ...where], { namespace })
        for (const image of await rendered(join(pulled, `${chart}-${version}.tgz`), namespace)) {
          expect(image).toContain(`${far.host}/${prefix}/`)
          expect(await peer('crane', ['digest', '--insecure', image], { namespace })).toMatch(/^sha256:/)
        }
      }
    }
  })
})
