import { defineTransform, type Descriptor } from '@ropeway/core'
import { readChartArtifact } from '@ropeway/helm'
import { mediaTypes, parseManifest } from '@ropeway/oci'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { chartWorld, type ChartWorld } from '../charts.fixture.js'
import { deliver } from '../deliver/deliver.js'
import type { Lock } from '../lock/lock.js'
import { plan, type PlanOptions } from '../plan/plan.js'
import { replay } from '../resolve/replay.js'
import type { Resolution } from '../resolve/resolved.js'
import { moveTransform } from '../world.fixture.js'
import { relocationType } from './record.js'

const web = { web: 'image: from.test/app/web:1' }

/** Names like `move`, and says how charts follow. */
const follow = defineTransform({
  name: 'follow',
  summary: 'names, and says how charts follow',
  stage: 'name',
  options: z.strictObject({
    registry: z.string(),
    mode: z.enum(['embed', 'overlay', 'as-is']),
    alias: z.string().optional(),
  }),
  async apply(artifacts, { registry, mode, alias }, context) {
    const moved = await moveTransform.apply(artifacts, { registry }, context)
    const named = moved.artifacts.map((artifact) => ({
      ...artifact,
      relocation: mode,
      ...(alias === undefined ? {} : { alias: `${alias}/${artifact.naming.path}:${String(artifact.naming.tags[0])}` }),
    }))
    return { ...moved, artifacts: named }
  },
})
const following = (mode: string, alias?: string) => [{ follow: { registry: 'to.test', mode, ...(alias && { alias }) } }]

async function run(world: ChartWorld, options: PlanOptions = {}) {
  const resolution = await world.resolve(options)
  const planned = await plan(resolution, world.runtime, options)
  return { resolution, planned, report: await deliver(planned, resolution, world.runtime) }
}

function chartOf({ artifacts }: Resolution, name = 'web') {
  const found = artifacts.find(({ locked }) => locked.id === `chart:${name}:1.0.0`)
  if (found === undefined) throw new TypeError(`there is no chart ${name}`)
  return found
}

/** The one template of a chart that was delivered, and what refers to it. */
async function delivered({ to, runtime, chain }: ChartWorld, name = 'web') {
  const { tags, manifests } = to.repository(`charts/${name}`)
  const digest = tags.get('1.0.0') ?? ''
  const registry = runtime.context(chain).registry('to.test', 'sink')
  const content = { open: (wanted: Descriptor) => registry.blob(`charts/${name}`, wanted) }
  const { descriptor: root } = await registry.manifest(`charts/${name}`, '1.0.0')
  const { files } = await readChartArtifact({ name, root, content }, runtime.context(chain))
  const template = files.find(({ path }) => path === 'templates/web.yaml')
  const records = [...manifests.values()].map(({ bytes, descriptor }) => parseManifest(bytes, descriptor.mediaType))
  const record = records.find((manifest) => manifest.type === 'image' && manifest.artifactType === relocationType)
  return { digest, template: Buffer.from(template?.bytes ?? []).toString(), record, archive: root }
}

describe('a chart on its way to a registry', () => {
  it('arrives with its references moved, and with values and proof beside it', async () => {
    const world = await chartWorld(web, {}, { prov: true })
    const { resolution, report } = await run(world)
    expect(report.failures).toEqual([])
    const there = await delivered(world)
    const { locked, relocated } = chartOf(resolution)
    expect(there.template).toBe('image: to.test/app/web:1\n')
    expect(there.digest).toBe(locked.relocated?.root.digest)
    expect(there.record).toMatchObject({ subject: { digest: there.digest } })
    expect(relocated?.delivered.manifests).toHaveLength(2)
    expect(locked.relocated).toMatchObject({ mode: 'embed', proved: true, dropped: ['provenance'] })
  })

  it('stays what was published in lock and bundle, with its relocation as a referrer', async () => {
    const { artifacts, lock } = await (await chartWorld(web)).resolve()
    const { locked, manifestBytes, relocated } = chartOf({ artifacts } as Resolution)
    expect(locked.root.digest).toBe(locked.published.digest)
    expect(locked.referrers).toEqual([{ descriptor: locked.relocated?.record, subject: locked.root.digest }])
    const record = parseManifest(
      manifestBytes.get(locked.relocated?.record.digest ?? '') ?? new Uint8Array(),
      mediaTypes.ociManifest,
    )
    const titles =
      record.type === 'image' ? record.layers.map(({ annotations }) => Object.values(annotations ?? {})[0]) : []
    expect(titles).toEqual(['web-1.0.0.tgz', 'values.yaml', 'proof.json', 'proof.md'])
    expect(locked.derived?.map(({ recipe }) => recipe.type)).toEqual(['relocated', 'relocation'])
    expect(relocated?.published.locked.referrers).toEqual([])
    expect((await (await chartWorld(web)).resolve()).lock).toEqual(lock)
  })

  it('is left alone when nothing in it moves, and when the chain says so', async () => {
    const unnamed = await (await chartWorld(web, { transforms: [] })).resolve()
    expect(chartOf(unnamed).relocated).toBeUndefined()
    const plain = await (await chartWorld({ web: 'a: 1' })).resolve()
    expect(chartOf(plain).relocated).toBeUndefined()
    const world = await chartWorld(web, { transforms: following('as-is') }, {}, [follow])
    const { report } = await run(world)
    expect(report.failures).toEqual([])
    expect((await delivered(world)).template).toBe('image: from.test/app/web:1\n')
  })

  it('keeps its bytes in overlay mode, with the values beside it', async () => {
    const world = await chartWorld(web, { transforms: following('overlay') }, { prov: true }, [follow])
    const { resolution } = await run(world)
    const { locked } = chartOf(resolution)
    const there = await delivered(world)
    expect(there.digest).toBe(locked.root.digest)
    expect(locked.relocated).toMatchObject({ mode: 'overlay', root: { digest: locked.root.digest } })
    expect(locked.relocated?.dropped).toBeUndefined()
    expect(there.record).toMatchObject({ subject: { digest: there.digest } })
  })

  it('refers to images by their alias where they have one', async () => {
    const world = await chartWorld(web, { transforms: following('embed', 'docker.io') }, {}, [follow])
    await run(world)
    expect((await delivered(world)).template).toBe('image: app/web:1\n')
    expect(world.to.repository('app/web').tags.has('1')).toBe(true)
  })

  it('has names of its own where a sink has', async () => {
    const sinks = [{ store: {} }, { store: { transforms: [{ move: { registry: 'other.test' } }] } }]
    const world = await chartWorld(web, { sinks })
    const resolution = await world.resolve()
    const planned = await plan(resolution, world.runtime)
    const roots = planned.sinks.map(({ artifacts }) => artifacts.map(({ locked }) => locked.root.digest))
    expect(roots[0]).not.toEqual(roots[1])
    const [chart] = planned.sinks[1]?.artifacts ?? []
    if (chart === undefined) throw new TypeError('there is no chart')
    const { files } = await readChartArtifact(chart.artifact, world.runtime.context(world.chain))
    const template = files.find(({ path }) => path === 'templates/web.yaml')
    expect(Buffer.from(template?.bytes ?? []).toString()).toBe('image: other.test/app/web:1\n')
  })
})

describe('a chart that is not proved', () => {
  const text = 'image: from.test/app/web:1\nimage: from.test/app/db:1'
  const charts = { ...web, db: text }
  const extra = { discover: { classes: [] } }

  it('does not travel, while the others do', async () => {
    const world = await chartWorld(charts, { discover: { exclude: [] }, sources: [{ charts: {} }] })
    const { resolution, report } = await run(world)
    expect(resolution.failures).toEqual([])
    expect(report.failures).toEqual([])
    const lacking = await chartWorld({ ...charts, bad: 'image: from.test/app/gone:1' })
    const second = await run(lacking)
    expect(second.report.failures.map(({ code }) => code)).toEqual(['SOURCE_NOT_FOUND'])
    expect(lacking.to.repository('charts/bad').tags.size).toBe(0)
    expect(lacking.to.repository('charts/web').tags.has('1.0.0')).toBe(true)
  })

  it('is an error that names each reference, or a warning where it is allowed', async () => {
    const world = await chartWorld(web, extra)
    const { resolution, report } = await run(world)
    expect(resolution.artifacts).toEqual([])
    expect(report.failures).toMatchObject([{ code: 'RELOCATION_UNPROVED', exitCode: 4, about: 'chart:web:1.0.0' }])
    expect(String(report.failures[0])).toContain('from.test/app/web:1')
    const allowed = await chartWorld(web, { ...extra, allowUnproved: true })
    const { report: second } = await run(allowed)
    expect(second.failures).toEqual([])
    expect(allowed.runtime.warnings().map(({ code }) => code)).toContain('UNPROVED_TRAVELS')
    expect(
      chartOf(await (await chartWorld(web, extra)).resolve({ allowUnproved: true })).locked.relocated?.proved,
    ).toBe(false)
  })
})

describe('a locked relocation', () => {
  it('is made again from the lock alone', async () => {
    const { lock, lockDigest } = await (await chartWorld(web, {}, { prov: true })).resolve()
    const world = await chartWorld(web, {}, { prov: true })
    const again = await replay(world.chain, lock, world.runtime)
    expect(again.lockDigest).toBe(lockDigest)
    expect(again.failures).toEqual([])
    const part = await replay(world.chain, lock, world.runtime, undefined, { only: ['chart'] })
    expect(part.artifacts.map(({ locked }) => locked)).toEqual(lock.artifacts.filter(({ kind }) => kind === 'chart'))
  })

  it('has to become what the lock says', async () => {
    const { lock } = await (await chartWorld(web)).resolve()
    const artifacts = lock.artifacts.map((locked) => {
      const { relocated } = locked
      if (relocated === undefined) return locked
      const record = { ...relocated.record, digest: `sha256:${'0'.repeat(64)}` }
      const referrers = locked.referrers.map((referrer) => ({ ...referrer, descriptor: record }))
      return { ...locked, referrers, relocated: { ...relocated, record } }
    })
    const world = await chartWorld(web)
    const forged: Lock = { ...lock, artifacts }
    await expect(replay(world.chain, forged, world.runtime)).rejects.toMatchObject({ code: 'DERIVED_MISMATCH' })
  })
})

describe('a mirror', () => {
  it('is read in place of the registry that it stands for', async () => {
    const world = await chartWorld(
      { web: 'image: quay.example/web:1' },
      { mirrors: { 'quay.example': 'from.test/app' } },
    )
    const { resolution, report } = await run(world)
    expect(report.failures).toEqual([])
    expect(resolution.lock.artifacts[1]).toMatchObject({ name: 'quay.example/web:1', destinations: ['to.test/web:1'] })
    expect((await delivered(world)).template).toBe('image: to.test/web:1\n')
  })
})
