import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BytesDelivery, DeliveryPlan } from '@ropeway/core'
import { fakeContext, type FakeContext } from '@ropeway/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { archiveOf, bundleBytes, samples } from './bundles.fixture.js'
import { tarballSink } from './sink.js'

let directory: string
let context: FakeContext
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ropeway-sink-'))
  context = fakeContext({ chain: { name: 'kit', version: 'feature/x', directory } })
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const options = { path: 'out.tar' }
const { archive } = archiveOf(samples())
const plan: DeliveryPlan = {
  chain: { name: 'kit', version: '1.0.0' },
  artifacts: samples().map(({ planned }) => planned),
  archive: { size: archive.size, identity: archive.identity },
}

async function open(path = options.path): Promise<BytesDelivery> {
  const survey = await tarballSink.survey(plan, { path }, context)
  const delivery = await tarballSink.open(plan, survey, { path }, context)
  if (delivery.type !== 'bytes') throw new Error('no bytes')
  return delivery
}

async function deliver(path?: string) {
  const { bytes } = await bundleBytes(samples())
  const delivery = await open(path)
  await delivery.write({ start: 0, end: bytes.byteLength }, bytes)
  return delivery.close()
}

describe('tarballSink', () => {
  it('takes every kind of artifact as bytes', () => {
    expect(tarballSink.accepts).toEqual(['image', 'chart', 'manifests', 'file', 'artifact'])
    expect(tarballSink.takes).toBe('bytes')
  })

  it('fills in name and version, where a slash makes no folder', async () => {
    expect(await deliver('{name}-{version}.tar')).toMatchObject({ location: 'kit-feature-x.tar' })
    expect(await readdir(directory)).toEqual(['kit-feature-x.tar'])
  })

  it('tells the next commands, quoted where the shell needs it', async () => {
    expect((await deliver()).next).toEqual([
      'ropeway verify out.tar',
      'ropeway import out.tar --registry HOST[/prefix]',
    ])
    expect((await deliver("it's mine.tar")).next?.[0]).toBe("ropeway verify 'it'\\''s mine.tar'")
  })

  it('is complete when the file is that bundle, and writes a damaged one again', async () => {
    expect(await tarballSink.survey(plan, options, context)).toMatchObject({
      location: 'out.tar',
      complete: false,
      space: { needed: archive.size },
    })
    await deliver()
    expect(await tarballSink.survey(plan, options, context)).toMatchObject({ complete: true, space: { needed: 0 } })
    const bytes = await readFile(join(directory, 'out.tar'))
    const layer = archive.entries.at(-1)
    bytes[layer?.offset ?? 0] = (bytes[layer?.offset ?? 0] ?? 0) ^ 1
    await writeFile(join(directory, 'out.tar'), bytes)
    expect(await tarballSink.survey(plan, options, context)).toMatchObject({
      complete: false,
      notes: ['out.tar is damaged and is written again'],
    })
    await deliver()
    expect(await tarballSink.survey(plan, options, context)).toMatchObject({ complete: true })
  })

  it('needs less space when an earlier export left something', async () => {
    const { bytes } = await bundleBytes(samples())
    const delivery = await open()
    await delivery.write({ start: 0, end: 131_072 }, bytes.subarray(0, 131_072))
    await delivery.abort('stopped')
    const survey = await tarballSink.survey(plan, options, context)
    expect(survey.space?.needed).toBeLessThan(archive.size)
    expect(survey.notes).toEqual([`goes on where it stopped: 131072 of ${archive.size} bytes`])
    await (await open()).abort('stopped')
  })

  it('refuses a folder and a path below a file before anything is written', async () => {
    await mkdir(join(directory, 'folder'))
    await writeFile(join(directory, 'file'), '')
    for (const path of ['folder', 'file/out.tar']) {
      const refused = { code: 'TARGET_NOT_WRITABLE', side: 'sink', about: path }
      await expect(tarballSink.survey(plan, { path }, context)).rejects.toMatchObject(refused)
      await expect(tarballSink.check?.(plan, { path }, context)).rejects.toMatchObject(refused)
    }
    expect((await readdir(directory)).sort()).toEqual(['file', 'folder'])
  })

  it('has nothing to write without an archive', async () => {
    const without = { ...plan, archive: undefined }
    await expect(tarballSink.survey(without, options, context)).rejects.toMatchObject({
      code: 'TARBALL_WITHOUT_ARCHIVE',
    })
  })

  it('says when the disk is too small, before it writes', async () => {
    const huge = { ...plan, archive: { size: 2 ** 50, identity: archive.identity } }
    const survey = await tarballSink.survey(huge, options, context)
    expect(survey.space?.free).toBeLessThan(survey.space?.needed ?? 0)
    await expect(tarballSink.open(huge, survey, options, context)).rejects.toMatchObject({ code: 'DISK_FULL' })
    expect(await readdir(directory)).toEqual([])
  })
})
