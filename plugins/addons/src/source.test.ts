import { once } from 'node:events'
import { createServer } from 'node:http'
import { isFailure, toRopewayError, type Artifact, type Failure, type RopewayError } from '@ropeway/core'
import { adapterTable, createRuntime, loadChain, resolve as engineResolve } from '@ropeway/engine'
import { makeChart } from '@ropeway/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addonsSource } from './index.js'
import { addonsOptions } from './options.js'
import { createAddonsWorld, seedChart, type AddonsWorld } from './world.fixture.js'

let world: AddonsWorld
beforeEach(async () => {
  world = await createAddonsWorld()
})
afterEach(() => world.dispose())

interface Resolved {
  readonly charts: readonly Artifact[]
  readonly failures: readonly (Failure & { readonly error: RopewayError })[]
  readonly warnings: readonly string[]
}

async function resolve(text: string, options: object = {}): Promise<Resolved> {
  await world.write('addons.yaml', text)
  const context = world.context()
  const charts: Artifact[] = []
  const failures: (Failure & { readonly error: RopewayError })[] = []
  for await (const item of addonsSource.resolve(addonsOptions.parse({ values: 'addons.yaml', ...options }), context)) {
    if (isFailure(item)) failures.push({ ...item, error: toRopewayError(item.error) })
    else charts.push(item)
  }
  return { charts, failures, warnings: context.warnings.map(({ code, about = '' }) => `${code} ${about}`) }
}

const chart = (name: string, version: string) => makeChart({ name, version })

describe('an addon', () => {
  it('is the chart of its repository or registry, under its own path', async () => {
    world.repositories.set('charts.example', [chart('keda', '2.0.0'), chart('keda', '2.1.0'), chart('loki', '6.0.0')])
    seedChart(world.registry, 'kro-run/kro/kro', 1, '0.3.0')
    const { charts, failures } = await resolve(`
addons:
  keda: {enabled: false, chart: keda, repoURL: https://charts.example}
  loki: {chart: grafana/loki, repoURL: https://charts.example/x, targetRevision: 6.0.0}
  kro: {chart: kro-run/kro/kro, repoUrl: ghcr.example, targetRevision: 0.3.0}
`)
    expect(failures).toEqual([])
    expect(charts.map(({ name, version, naming }) => [name, version, naming.path])).toEqual([
      ['keda', '2.1.0', 'keda'],
      ['loki', '6.0.0', 'grafana/loki'],
      ['kro', '0.3.0', 'kro-run/kro/kro'],
    ])
    expect(charts[1]?.requiredBy).toEqual(['addons.yaml:4'])
  })

  it('shares its chart with the others that mean it', async () => {
    world.repositories.set('charts.example', [chart('argo-cd', '8.0.10')])
    const { charts } = await resolve(`
addons:
  argocd: {chart: argo-cd, repoURL: https://charts.example, version: 8.0.10, releaseName: one}
  again: {chart: argo-cd, repoURL: https://charts.example, version: 8.x, releaseName: two}
`)
    expect(charts).toHaveLength(1)
    expect(charts[0]).toMatchObject({
      requiredBy: ['addons.yaml:3', 'addons.yaml:4'],
      annotations: { 'addons.names': '["argocd","again"]' },
      settings: { name: 'one' },
    })
    expect(world.requests.filter((path) => path.endsWith('index.yaml'))).toHaveLength(1)
  })

  it('is refused when it would have to go to two places', async () => {
    world.repositories.set('charts.example', [chart('a', '1.0.0')])
    const { failures } = await resolve(
      'addons: {x: {chart: one/a, repoURL: https://charts.example}, y: {chart: two/a, repoURL: https://charts.example}}',
    )
    expect(failures.map(({ error }) => error)).toMatchObject([{ code: 'ADDON_NAMESPACES_DIFFER', exitCode: 2 }])
  })

  it('is skipped with a warning when only the cluster knows it', async () => {
    world.repositories.set('charts.example', [chart('a', '1.0.0')])
    const { charts, warnings } = await resolve(
      `addons: {a: {chart: a, repoURL: https://charts.example}, b: {chart: '{{ .b }}', repoURL: https://charts.example}}`,
    )
    expect(charts).toHaveLength(1)
    expect(warnings).toEqual(['ADDON_SKIPPED b'])
  })
})

describe('the newest version', () => {
  beforeEach(() => {
    const versions = ['1.0.0', '1.1.0', '2.0.0-rc.1']
    world.repositories.set(
      'charts.example',
      versions.map((version) => chart('a', version)),
    )
  })
  const text = (version: string) => `addons: {a: {chart: a, repoURL: https://charts.example, version: ${version}}}`

  it('stands in for the pinned one when it is asked for, and says which that was', async () => {
    const { charts } = await resolve(text('1.0.0'), { latest: true })
    expect(charts[0]).toMatchObject({ version: '1.1.0', annotations: { 'addons.pinned': '1.0.0' } })
  })

  it('does not stand in for one that is newer still', async () => {
    const { charts } = await resolve(text('2.0.0-rc.1'), { latest: true })
    expect(charts[0]?.version).toBe('2.0.0-rc.1')
    expect(charts[0]?.annotations).not.toHaveProperty('addons.pinned')
  })

  it('is left alone else', async () => {
    expect((await resolve(text('1.0.0'))).charts[0]?.version).toBe('1.0.0')
  })
})

describe('a chart that is not where its addon says', () => {
  it('is taken from the registry of that place, with a note', async () => {
    seedChart(world.registry, 'org/web', 1, '1.0.0')
    const { charts, warnings } = await resolve('addons: {web: {chart: web, repoURL: https://ghcr.example/org}}')
    expect(charts[0]?.source.location).toContain('ghcr.example/org/web')
    expect(warnings).toEqual(['ADDON_FOUND_ELSEWHERE web'])
  })

  it('is taken from the repository of that place, with a note', async () => {
    world.repositories.set('ghcr.example', [chart('web', '1.0.0')])
    const { charts, warnings } = await resolve('addons: {web: {chart: web, repoURL: "oci://ghcr.example/org"}}')
    expect(charts[0]?.source.location).toBe('https://ghcr.example/org/web-1.0.0.tgz')
    expect(warnings).toEqual(['ADDON_FOUND_ELSEWHERE web'])
  })

  it('is reported with every address that was tried', async () => {
    const { failures, charts } = await resolve(`
addons:
  web: {chart: org/web, repoURL: ghcr.example}
  good: {chart: good, repoURL: https://charts.example}
`)
    expect(charts).toEqual([])
    const [web] = failures
    expect(web?.about).toBe('web')
    expect(web?.error).toMatchObject({ code: 'ADDON_NOT_FOUND', exitCode: 3, at: 'addons.yaml:3' })
    expect(web?.error.tried.map((line) => line.split(': ')[0])).toEqual([
      'oci://ghcr.example/org/web',
      'web of https://ghcr.example/org',
      'web of https://ghcr.example',
    ])
  })

  it.each([
    [401, 'SOURCE_UNAUTHORIZED'],
    [403, 'SOURCE_FORBIDDEN'],
    [418, 'SOURCE_BAD_RESPONSE'],
  ])('is not looked for elsewhere after an answer of %i', async (status, code) => {
    const paths: string[] = []
    const server = createServer(({ url = '' }, response) => {
      paths.push(url)
      response.writeHead(status).end('no')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const runtime = createRuntime({ adapters: adapterTable([addonsSource]), env: {} })
    await world.write('addons.yaml', `addons: {web: {chart: web, repoURL: "http://127.0.0.1:${port}/org"}}`)
    const value = { name: 'kit', sources: [{ addons: { values: 'addons.yaml' } }] }
    const chain = await loadChain({ value, directory: world.directory }, runtime.adapters)
    await expect(engineResolve(chain, runtime)).rejects.toMatchObject({ code })
    expect(paths).toEqual(['/org/index.yaml'])
    await runtime.close()
    server.close()
  })

  it('does not stop the others', async () => {
    world.repositories.set('charts.example', [chart('a', '1.0.0')])
    const { charts, failures } = await resolve(
      'addons: {a: {chart: a, repoURL: https://charts.example}, b: {chart: b, repoURL: https://charts.example}}',
    )
    expect(charts.map(({ name }) => name)).toEqual(['a'])
    expect(failures.map(({ about }) => about)).toEqual(['b'])
  })
})

describe('overrides', () => {
  const text = 'addons: {a: {chart: a, repoURL: https://charts.example, releaseName: r, namespace: n}}'
  beforeEach(() => void world.repositories.set('charts.example', [chart('a', '1.0.0')]))

  it('are those of the file that is there', async () => {
    expect((await resolve(text)).charts[0]).toMatchObject({ settings: { name: 'r', namespace: 'n' } })
    await world.write('chart-overrides.yaml', 'overrides: {a: {x: 1}, other: {y: 2}}')
    expect((await resolve(text)).charts[0]).toMatchObject({
      settings: { values: [{ name: 'chart-overrides.yaml', content: 'x: 1\n' }] },
    })
  })

  it('are those that are named, or written', async () => {
    await world.write('other.yaml', 'overrides: {a: {x: 3}}')
    const values = async (overrides: unknown) => (await resolve(text, { overrides })).charts[0]
    expect(await values('other.yaml')).toMatchObject({ settings: { values: [{ content: 'x: 3\n' }] } })
    expect(await values({ a: { x: [4] } })).toMatchObject({ settings: { values: [{ content: 'x:\n- 4\n' }] } })
    await expect(values('none.yaml')).rejects.toMatchObject({ code: 'ADDONS_FILE_UNREADABLE', exitCode: 2 })
  })

  it('become defaults of the chart when that is asked for', async () => {
    await world.write('chart-overrides.yaml', 'overrides: {a: {x: 1}}')
    const published = (await resolve(text)).charts[0]
    const changed = (await resolve(text, { embedOverrides: true })).charts[0]
    expect(changed).toMatchObject({ settings: { name: 'r' }, annotations: { 'addons.changed': 'values' } })
    expect(changed).not.toHaveProperty('settings.values')
    expect(changed?.root.digest).not.toBe(published?.root.digest)
    expect(changed?.derived?.at(-1)?.recipe).toMatchObject({ type: 'helm-change', values: 'x: 1\n' })
  })

  it('are inputs of a lock, as the addons are', async () => {
    await world.write('addons.yaml', text)
    await world.write('chart-overrides.yaml', 'overrides: {}')
    const inputs = await addonsSource.inputs?.(addonsOptions.parse({ values: 'addons.yaml' }), world.context())
    expect(Object.keys(inputs ?? {})).toEqual(['addons.yaml', 'chart-overrides.yaml'])
  })
})

describe('options', () => {
  it('name either values or catalogs', () => {
    expect(addonsOptions.safeParse({}).success).toBe(false)
    expect(addonsOptions.safeParse({ values: 'a', catalogs: 'b' }).success).toBe(false)
  })

  it('select releases of catalogs', async () => {
    world.repositories.set('charts.example', [chart('a', '1.0.0'), chart('b', '1.0.0')])
    await world.write('one.yaml', 'addons: [{chart: a, repository: https://charts.example, release: x}]')
    await world.write(
      'two.yaml',
      'addons: [{chart: b, repository: https://charts.example, oci_namespace: team, release: y}]',
    )
    const { charts } = await resolve('a: 1', {
      values: undefined,
      catalogs: ['one.yaml', 'two.yaml'],
      exclude: 'X',
    })
    expect(charts.map(({ naming }) => naming.path)).toEqual(['team/b'])
  })
})
