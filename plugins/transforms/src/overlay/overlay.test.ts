import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { defineSource, type Artifact, type Source, type Transform } from '@ropeway/core'
import {
  adapterTable,
  createRuntime,
  loadChain,
  replay,
  resolve,
  type Chain,
  type Resolution,
  type Runtime,
} from '@ropeway/engine'
import { chartArtifact, readChartArchive, readChartArtifact } from '@ropeway/helm'
import { manifestArtifact, readManifestArtifact } from '@ropeway/images'
import { fakeContext, makeChart } from '@ropeway/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { overlay } from '../index.js'

const values = '# the image\nimage:\n  tag: "1" # of the day\n  pullPolicy: Always\nreplicas: 1\n'
const manifest =
  'apiVersion: v1\nkind: Service\nmetadata: { name: web }\n---\n# the app\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec: { replicas: 1 } # few\n'

let directory = ''
let runtime: Runtime
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ropeway-overlay-'))
})
afterEach(async () => {
  await runtime.close()
  await rm(directory, { recursive: true })
})

/** Charts `web` and `db`, both signed, and manifests `k8s`. */
async function artifacts(): Promise<Artifact[]> {
  const charts = ['web', 'db'].map(async (name): Promise<Artifact> => {
    const { tgz, prov } = makeChart({ name, version: '1.0.0', values, prov: true })
    const { metadata } = await readChartArchive(tgz, name)
    const { manifest: root, config, layers } = chartArtifact({ metadata, archive: tgz, provenance: prov })
    return made('chart', name, '1.0.0', [root, config, ...layers])
  })
  const file = { name: 'k8s/app.yaml', text: manifest, layer: { mediaType: 'application/yaml', digest: '', size: 0 } }
  const { manifest: root, blobs } = manifestArtifact([file])
  return [...(await Promise.all(charts)), made('manifests', 'k8s', undefined, [root, ...blobs])]
}

type Part = Pick<ReturnType<typeof chartArtifact>['manifest'], 'descriptor' | 'bytes'>

function made(
  kind: 'chart' | 'manifests',
  name: string,
  version: string | undefined,
  parts: readonly Part[],
): Artifact {
  const bytes = new Map(parts.map((part) => [part.descriptor.digest, part.bytes]))
  return {
    ...{ kind, name, version, source: { location: name }, naming: { path: name, tags: ['1.0.0'] } },
    root: parts[0]?.descriptor ?? { mediaType: '', digest: '', size: 0 },
    content: {
      async *open({ digest }, { offset, end } = {}) {
        yield (bytes.get(digest) ?? new Uint8Array()).subarray(offset, end)
      },
    },
  }
}

const source = defineSource({
  name: 'things',
  summary: 'charts and manifests in memory',
  options: z.strictObject({}),
  async *resolve() {
    yield* await artifacts()
  },
  async reopen({ name }) {
    const found = (await artifacts()).find((artifact) => artifact.name === name)
    if (found === undefined) throw new TypeError(`there is no ${name}`)
    return found.content
  },
})

async function chainOf(...options: readonly object[]): Promise<Chain> {
  runtime = createRuntime({
    adapters: adapterTable([source, overlay] as (Source<unknown> | Transform<unknown>)[]),
    network: { ...fakeContext(), close: async () => undefined },
  })
  const value = { name: 'kit', sources: [{ things: {} }], transforms: options.map((each) => ({ overlay: each })) }
  return loadChain({ value, directory }, runtime.adapters)
}

async function run(...options: readonly object[]): Promise<Resolution> {
  return resolve(await chainOf(...options), runtime)
}

async function fileOf({ artifacts: all, chain }: Resolution, name: string, path: string): Promise<string> {
  const found = all.find(({ locked }) => locked.name === name)
  if (found === undefined) throw new TypeError(`there is no ${name}`)
  const context = runtime.context(chain)
  if (found.locked.kind === 'manifests') return (await readManifestArtifact(found.artifact, context))[0]?.text ?? ''
  const { files } = await readChartArtifact(found.artifact, context)
  return Buffer.from(files.find((file) => file.path === path)?.bytes ?? []).toString('utf8')
}

describe('an overlay', () => {
  it('changes values in place, and leaves comments, order and other charts alone', async () => {
    const resolution = await run({ charts: 'web', values: { 'image.tag': '2', 'extra.list': [1] } })
    expect(await fileOf(resolution, 'web', 'values.yaml')).toBe(
      '# the image\nimage:\n  tag: "2" # of the day\n  pullPolicy: Always\nreplicas: 1\nextra:\n  list:\n    - 1\n',
    )
    const [db, web] = resolution.lock.artifacts
    expect(db?.root.digest).toBe(db?.published.digest)
    expect(web?.root.digest).not.toBe(web?.published.digest)
    expect(web?.annotations).toEqual({ 'helm.provenance': 'dropped' })
    expect(web?.derived?.map(({ recipe }) => recipe.type)).toContain('overlay')
  })

  it('takes values from files, whose digests tell drift', async () => {
    await mkdir(dirname(join(directory, 'x')), { recursive: true })
    await writeFile(join(directory, 'release.yaml'), 'image: { tag: "7" }\nreplicas: 3\n')
    const resolution = await run({ charts: '*', values: 'release.yaml' })
    for (const name of ['web', 'db'])
      expect(await fileOf(resolution, name, 'values.yaml')).toMatch(/tag: "7"[^]*replicas: 3/)
    expect(Object.keys(resolution.lock.inputs['transforms[0]'] ?? {})).toEqual(['release.yaml'])
    expect(await readFile(join(directory, 'release.yaml'), 'utf8')).toContain('7')
    await writeFile(join(directory, 'release.yaml'), 'replicas: 4\n')
    await expect(replay(resolution.chain, resolution.lock, runtime)).rejects.toMatchObject({ code: 'LOCK_DRIFT' })
    await rm(join(directory, 'release.yaml'))
    await expect(run({ charts: '*', values: 'release.yaml' })).rejects.toMatchObject({
      code: 'OVERLAY_FILE_UNREADABLE',
    })
  })

  it('patches files of charts and objects of manifests, comments kept', async () => {
    const resolution = await run(
      {
        charts: 'web',
        patches: [
          {
            patch: [
              { op: 'test', path: '/image/tag', value: '1' },
              { op: 'move', from: '/replicas', path: '/image/replicas' },
            ],
          },
          { file: 'Chart.yaml', patch: [{ op: 'replace', path: '/version', value: '1.0.1' }] },
        ],
      },
      {
        manifests: 'k8s',
        patches: [{ target: { kind: 'Deployment' }, patch: [{ op: 'replace', path: '/spec/replicas', value: 2 }] }],
      },
    )
    expect(resolution.failures).toEqual([])
    expect(await fileOf(resolution, 'web', 'values.yaml')).toBe(
      '# the image\nimage:\n  tag: "1" # of the day\n  pullPolicy: Always\n  replicas: 1\n',
    )
    expect(resolution.lock.artifacts.map(({ id, naming }) => `${id} ${naming.tags.join()}`)).toContain(
      'chart:web:1.0.1 1.0.1',
    )
    expect(await fileOf(resolution, 'k8s', '')).toBe(manifest.replace('replicas: 1', 'replicas: 2'))
  })

  it('is made again from a lock', async () => {
    const { lock, lockDigest, chain } = await run({ charts: 'web', values: { 'image.tag': '2' } })
    expect((await replay(chain, lock, runtime)).lockDigest).toBe(lockDigest)
    const [part] = (await replay(chain, lock, runtime, undefined, { only: ['chart:web:1.0.0'] })).artifacts
    expect(part?.locked).toEqual(lock.artifacts.find(({ name }) => name === 'web'))
  })

  it('that does not fit is an error of its own, and the other charts are still done', async () => {
    const missing = await run({ charts: ['web', 'dbb'], values: { 'image.tag': '2' } })
    expect(missing.failures).toMatchObject([{ code: 'OVERLAY_UNUSED', hint: 'Did you mean "db" or "web"?' }])
    expect(missing.artifacts).toHaveLength(3)
    const cases: [object, string][] = [
      [{ charts: 'web', values: { 'replicas.deep': 1 } }, 'OVERLAY_FAILED'],
      [
        { charts: 'web', patches: [{ file: 'valeus.yaml', patch: [{ op: 'remove', path: '/a' }] }] },
        'OVERLAY_FILE_MISSING',
      ],
      [{ charts: 'web', patches: [{ patch: [{ op: 'remove', path: '/nothing' }] }] }, 'OVERLAY_FAILED'],
      [{ charts: 'web', patches: [{ patch: [{ op: 'test', path: '/replicas', value: 7 }] }] }, 'OVERLAY_FAILED'],
    ]
    for (const [options, code] of cases) {
      const { failures, artifacts: rest } = await run(options)
      expect(failures).toMatchObject([{ code, about: 'web' }])
      expect(rest.map(({ locked }) => locked.name)).toEqual(['db', 'k8s'])
    }
    const lost = await run({
      manifests: 'k8s',
      patches: [{ target: { kind: 'Job' }, patch: [{ op: 'remove', path: '/spec' }] }],
    })
    expect(lost.failures).toMatchObject([{ code: 'OVERLAY_FAILED', about: 'k8s' }])
  })

  it('has to say what it changes and how', async () => {
    for (const options of [{}, { charts: 'web' }, { values: { a: 1 } }, { manifests: 'k8s', values: { a: 1 } }]) {
      await expect(chainOf(options)).rejects.toMatchObject({ side: 'chain' })
    }
    await chainOf({ charts: 'web', values: {} })
  })
})
