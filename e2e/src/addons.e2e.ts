import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeChartArtifact, makeImage, pushFixture } from '@ropeway/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openDesk, type Desk } from './harness/desk.ts'
import { countRequests, openInternet, type Internet } from './harness/internet.ts'
import { root } from './harness/paths.ts'
import { peer } from './harness/process.ts'
import { realRegistry, type RealRegistry } from './harness/registry.ts'

const corpus = process.env['ROPEWAY_CORPUS'] ?? join(root, '..', 'shared', 'corpus')
const present = existsSync(join(corpus, 'cases.json'))
if (!present) console.info(`The recorded corpus is not at ${corpus}: the story of addons is left out.`)

const names = [
  'alertmanager',
  'argo-rollouts',
  'argocd-image-updater',
  'coredns',
  'descheduler',
  'dex',
  'external-secrets',
  'jaeger',
  'keda',
  'kube-state-metrics',
  'metrics-server',
  'oauth2-proxy',
]
/** Those that are in a registry; the others are in a chart repository. */
const inRegistry = new Set(['external-secrets', 'keda'])
const repository = 'charts.example'
const registryHosts = ['docker.io', 'registry-1.docker.io', 'ghcr.io', 'quay.io', 'registry.k8s.io', 'public.ecr.aws']

const Cases = z.array(
  z.looseObject({
    chart: z.string(),
    kind: z.string(),
    images: z.array(z.looseObject({ ref: z.string() })).optional(),
  }),
)
interface RealChart {
  readonly name: string
  readonly version: string
  readonly tgz: Uint8Array
  readonly images: readonly string[]
}

function realCharts(): RealChart[] {
  const cases = Cases.parse(JSON.parse(readFileSync(join(corpus, 'cases.json'), 'utf8')))
  return names.map((name) => {
    const found = cases.find(({ chart, kind }) => kind === 'default' && versionOf(chart, name) !== undefined)
    const version = versionOf(found?.chart ?? '', name)
    if (found === undefined || version === undefined) throw new Error(`the corpus has no ${name}`)
    const images = [...new Set((found.images ?? []).map(({ ref }) => ref))]
    return { name, version, tgz: readFileSync(join(corpus, found.chart)), images }
  })
}

function versionOf(path: string, name: string): string | undefined {
  return path.startsWith(`charts/${name}-`)
    ? /^v?\d[^/]*(?=\.tgz$)/.exec(path.slice(`charts/${name}-`.length))?.[0]
    : undefined
}

/** Path and tag of a reference in a registry, however short it is written. */
function placeOf(reference: string): { readonly repository: string; readonly tag: string } {
  const [first = '', ...rest] = reference.split('/')
  const hosted = rest.length > 0 && /[.:]/.test(first)
  const path = hosted ? rest.join('/') : reference
  const [name = '', tag = 'latest'] = path.split(':')
  const hub = !hosted || first === 'docker.io'
  return { repository: hub && !name.includes('/') ? `library/${name}` : name, tag }
}

const Result = z.looseObject({
  addons: z.array(
    z.looseObject({
      name: z.string(),
      outcome: z.enum(['done', 'failed', 'skipped']),
      code: z.string().optional(),
      message: z.string().optional(),
    }),
  ),
  receipts: z.array(z.looseObject({ bytesSent: z.number(), blobsSent: z.number() })),
})

const Scanned = z.looseObject({
  addons: Result.shape.addons,
  charts: z.array(z.looseObject({ name: z.string(), folder: z.string() })),
})
const outcomes = [
  ['coredns', 'done'],
  ['dex', 'failed'],
  ['own', 'skipped'],
  ['later', 'skipped'],
]

describe.runIf(present)('a platform team’s addons', { timeout: 400_000 }, () => {
  let internet: Internet
  let registry: RealRegistry
  let counted: Awaited<ReturnType<typeof countRequests>>
  let desk: Desk
  let charts: readonly RealChart[] = []
  const run = (args: readonly string[]) =>
    desk.run([...args, '--json', '--ca-file', internet.caFile], { env: internet.env })

  beforeAll(async () => {
    charts = realCharts()
    internet = await openInternet([...registryHosts, repository])
    registry = await realRegistry()
    counted = await countRequests(registry.url)
    desk = await openDesk('addons')
    for (const [index, image] of [...new Set(charts.flatMap(({ images }) => images))].entries()) {
      const { repository: path, tag } = placeOf(image)
      const layers = [
        { size: 20_000, seed: 'shared' },
        { size: 1000 + index, seed: image },
      ]
      await pushFixture(internet.url, await makeImage({ layers }), { repository: path, tags: [tag] })
    }
    await publishCharts(charts, internet)
    await writeFile(join(desk.folder, 'addons.yaml'), valuesFile(charts))
  }, 200_000)
  afterAll(async () => {
    await Promise.allSettled([counted.close(), internet.close(), registry.close(), desk.remove()])
  })

  it('go to a private registry with one command', async () => {
    const ended = await run(['run', '--values', 'addons.yaml', '--to', counted.host])
    expect(ended.code, ended.stderr + ended.stdout).toBe(0)
    const { addons } = Result.parse(ended.json())
    expect(
      addons
        .filter(({ outcome }) => outcome === 'done')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(names)
    expect(addons.filter(({ outcome }) => outcome === 'skipped').map(({ name }) => name)).toEqual(['own', 'later'])
  })

  it.each(names)('%s, pulled from there by helm, needs only images that are there', async (name) => {
    const { version } = charts.find((chart) => chart.name === name) ?? { version: '' }
    const path = inRegistry.has(name) ? `team/${name}` : name
    const folder = join(desk.folder, 'pulled')
    await mkdir(folder, { recursive: true })
    await peer('helm', ['pull', `oci://${counted.host}/${path}`, '--version', version, '--plain-http', '-d', folder])
    const rendered = await peer('helm', ['template', 'x', join(folder, `${name}-${version}.tgz`)])
    const images = [...rendered.matchAll(/^[ \t]*-?[ \t]*image:[ \t]*["']?([^"'\s]+)/gm)].map((match) => match[1] ?? '')
    expect(images.length).toBeGreaterThan(0)
    for (const image of new Set(images)) {
      expect(image.startsWith(`${counted.host}/`), image).toBe(true)
      expect(await peer('crane', ['digest', '--insecure', image])).toMatch(/^sha256:/)
    }
  })

  it('move nothing the second time', async () => {
    const before = internet.asked.length
    counted.forget()
    const ended = await run(['run', '--values', 'addons.yaml', '--to', counted.host])
    expect(ended.code, ended.stderr).toBe(0)
    for (const { bytesSent, blobsSent } of Result.parse(ended.json()).receipts)
      expect([bytesSent, blobsSent]).toEqual([0, 0])
    const written = counted.asked.filter(({ method }) => method !== 'GET' && method !== 'HEAD')
    expect(written.map(({ method, path }) => `${method} ${path}`)).toEqual([])
    const layers = internet.asked
      .slice(before)
      .filter(({ method, path }) => method === 'GET' && path.includes('/blobs/'))
    expect(layers.map(({ path }) => path)).toEqual([])
  })

  it('arrive but for the one that is broken, which is named with all addresses', async () => {
    await writeFile(join(desk.folder, 'broken.yaml'), valuesFile(charts).replace('chart: dex\n', 'chart: dexx\n'))
    const fresh = await realRegistry()
    try {
      const ended = await run([
        'run',
        '--values',
        'broken.yaml',
        '--only',
        'dexx,coredns',
        '--to',
        `${fresh.host}/mirror`,
      ])
      expect(ended.code).toBe(3)
      const { addons } = Result.parse(ended.json())
      expect(addons.map(({ name, outcome, code }) => [name, outcome, code])).toEqual([
        ['coredns', 'done', undefined],
        ['dex', 'failed', 'ADDON_NOT_FOUND'],
        ['own', 'skipped', undefined],
        ['later', 'skipped', undefined],
      ])
      const version = charts.find(({ name }) => name === 'coredns')?.version ?? ''
      expect(await peer('crane', ['digest', '--insecure', `${fresh.host}/mirror/coredns:${version}`])).toMatch(
        /^sha256:/,
      )
    } finally {
      await fresh.close()
    }
  })

  it('can be looked at before anything is delivered, but for the one that is broken', async () => {
    const args = ['--values', 'broken.yaml', '--only', 'dexx,coredns', '--to', counted.host]
    counted.forget()
    const folder = join(desk.folder, 'scanned')
    const scanned = await run(['run', ...args, '--scan-only', '-o', folder])
    expect(scanned.code, scanned.stderr).toBe(3)
    const { addons, charts: written } = Scanned.parse(scanned.json())
    expect(addons.map(({ name, outcome }) => [name, outcome])).toEqual(outcomes)
    const version = charts.find(({ name }) => name === 'coredns')?.version ?? ''
    expect(written).toMatchObject([{ name: 'coredns', folder: `coredns-${version}`, written: true, proved: true }])
    const archive = join(folder, `coredns-${version}`, `coredns-${version}.tgz`)
    expect(await peer('helm', ['template', 'x', archive])).toContain(`image: "${counted.host}/`)
    const planned = await run(['plan', ...args])
    expect(planned.code, planned.stderr).toBe(3)
    const looked = Scanned.pick({ addons: true }).parse(planned.json())
    expect(looked.addons.map(({ name, outcome }) => [name, outcome])).toEqual(outcomes)
    expect(counted.asked.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([])
  })

  it('write nothing that has to be whole when one is broken, unless a part is wanted', async () => {
    const args = ['--values', 'broken.yaml', '--only', 'dexx,coredns']
    expect((await run(['lock', ...args])).code).toBe(3)
    expect(existsSync(join(desk.folder, 'ropeway.lock'))).toBe(false)
    expect((await run(['export', ...args, '-o', 'part.tar'])).code).toBe(3)
    expect(existsSync(join(desk.folder, 'part.tar'))).toBe(false)
    expect((await run(['lock', ...args, '--partial'])).code).toBe(3)
    const lock = JSON.parse(await readFile(join(desk.folder, 'ropeway.lock'), 'utf8')) as { absent: unknown }
    expect(lock.absent).toEqual([{ name: 'dex', code: 'ADDON_NOT_FOUND' }])
    expect((await run(['export', ...args, '-o', 'part.tar', '--partial'])).code).toBe(3)
    expect(existsSync(join(desk.folder, 'part.tar'))).toBe(true)
    await rm(join(desk.folder, 'ropeway.lock'))
  })

  it('go there from a catalog too, by release', async () => {
    await desk.runOk(['catalog', 'addons.yaml', '-o', 'catalog.yaml', '--exclude', 'jaeger'])
    const args = ['run', '--catalog', 'catalog.yaml', '--only', 'KEDA,coredns', '--to', counted.host]
    const ended = await run(args)
    expect(ended.code, ended.stderr).toBe(0)
    const { addons, receipts } = Result.parse(ended.json())
    expect(addons.map(({ name }) => name)).toEqual(['coredns', 'keda'])
    for (const { bytesSent } of receipts) expect(bytesSent).toBe(0)
  })

  it.each([
    [['--values', 'addons.yaml', '--catalog', 'catalog.yaml'], 'FLAG_CONFLICT'],
    [['--values', 'addons.yaml', '--only', 'kedda'], 'ADDON_FILTER_UNMATCHED'],
    [['--catalog', 'addons.yaml'], 'CATALOG_ENTRY_INVALID'],
    [['--values', 'nothing.yaml'], 'ADDONS_NONE'],
    [['--values', 'addons.yaml', '--latest', '--locked'], 'FLAG_CONFLICT'],
  ])('are refused at once where the command line is wrong: %j', async (args, code) => {
    await writeFile(join(desk.folder, 'nothing.yaml'), 'image: {repository: quay.io/a/b, version: 1.2.3}\n')
    const { error } = await desk.fails(['run', ...args, '--to', 'localhost:1'])
    expect([error.code, error.exitCode]).toEqual([code, 2])
  })
})

async function publishCharts(charts: readonly RealChart[], internet: Internet): Promise<void> {
  const files = new Map<string, Uint8Array | string>()
  const entries: Record<string, object[]> = {}
  for (const { name, version, tgz } of charts) {
    if (inRegistry.has(name)) {
      const chart = { name, version, tgz, metadata: { name, version }, file: `${name}-${version}.tgz`, digest: '' }
      await pushFixture(internet.url, await makeChartArtifact(chart), { repository: `team/${name}`, tags: [version] })
      continue
    }
    entries[name] = [{ name, version, urls: [`${name}-${version}.tgz`] }]
    files.set(`/stable/${name}-${version}.tgz`, tgz)
  }
  files.set('/stable/index.yaml', JSON.stringify({ apiVersion: 'v1', entries }))
  internet.files.set(repository, files)
}

function valuesFile(charts: readonly RealChart[]): string {
  const addons = charts.map(({ name, version }) => {
    const where = inRegistry.has(name)
      ? `    chart: team/${name}\n    repoUrl: ghcr.io`
      : `    chart: ${name}\n    repoUrl: https://${repository}/stable`
    return `  ${name}:\n    enabled: false\n${where}\n    targetRevision: "${version}"\n`
  })
  return `addons:\n${addons.join('')}  own: {path: charts/own, repoURL: https://git.example/team.git}\n  later: {chart: '{{ .chart }}', repoURL: https://${repository}}\n`
}
