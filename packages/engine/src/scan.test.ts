import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readChartFiles } from '@ropeway/helm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chartWorld } from './charts.fixture.js'
import { scan, writeScan } from './scan.js'

const charts = { web: 'image: from.test/app/web:1', plain: 'a: 1' }
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ropeway-scan-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function template(archive: Uint8Array | undefined): Promise<string> {
  const files = await readChartFiles(archive ?? new Uint8Array())
  return Buffer.from(files.find(({ path }) => path === 'templates/web.yaml')?.bytes ?? []).toString()
}

describe('a scan', () => {
  it('relocates and proves every chart, moved or not, and delivers nothing', async () => {
    const world = await chartWorld(charts)
    const scanned = await scan(world.chain, world.runtime)
    expect(scanned.failures).toEqual([])
    expect(scanned.charts.map(({ folder: name, proof }) => [name, proof?.proved])).toEqual([
      ['plain-1.0.0', true],
      ['web-1.0.0', true],
    ])
    expect(await template(scanned.charts[1]?.chart?.archive)).toBe('image: to.test/app/web:1\n')
    expect(world.to.repository('charts/web').tags.size).toBe(0)
  })

  it('says the same of a lock, resolving nothing', async () => {
    const { lock } = await (await chartWorld(charts)).resolve()
    const world = await chartWorld(charts)
    const { charts: found } = await scan(world.chain, world.runtime, { locked: lock })
    expect(found.map(({ id }) => id)).toEqual(['chart:plain:1.0.0', 'chart:web:1.0.0'])
    expect(await template(found[1]?.chart?.archive)).toBe('image: to.test/app/web:1\n')
  })

  it('has of an unproved chart its proof alone, unless it may travel', async () => {
    const extra = { discover: { classes: [] } }
    const world = await chartWorld({ web: charts.web }, extra)
    const { charts: found, failures } = await scan(world.chain, world.runtime)
    expect(failures).toMatchObject([{ code: 'RELOCATION_UNPROVED', exitCode: 4 }])
    expect(found).toMatchObject([{ id: 'chart:web:1.0.0', proof: { proved: false } }])
    expect(found[0]).not.toHaveProperty('chart')
    const [written] = await writeScan({ charts: found }, folder)
    expect(written?.files).toEqual(['proof.json', 'proof.md'])
    const allowed = await chartWorld({ web: charts.web }, extra)
    const { charts: all, failures: none } = await scan(allowed.chain, allowed.runtime, { allowUnproved: true })
    expect([none, all[0]?.proof?.proved, all[0]?.chart === undefined]).toEqual([[], false, false])
  })
})

describe('what is written of a scan', () => {
  const files = async (path: string) => (await readdir(path, { recursive: true })).sort()

  it('is a folder for each chart, in place of the one that was there', async () => {
    const world = await chartWorld(charts)
    const scanned = await scan(world.chain, world.runtime)
    await mkdir(join(folder, 'web-1.0.0'))
    await writeFile(join(folder, 'web-1.0.0', 'old.yaml'), '')
    const written = await writeScan(scanned, folder, { unpack: true })
    expect(written.map(({ directory }) => directory)).toEqual([join(folder, 'plain-1.0.0'), join(folder, 'web-1.0.0')])
    expect(await files(join(folder, 'web-1.0.0'))).toEqual([
      'proof.json',
      'proof.md',
      'values.yaml',
      'web',
      'web-1.0.0.tgz',
      'web/Chart.yaml',
      'web/templates',
      'web/templates/web.yaml',
      'web/values.yaml',
    ])
    const proof: unknown = JSON.parse(await readFile(join(folder, 'web-1.0.0', 'proof.json'), 'utf8'))
    expect(proof).toMatchObject({ proved: true, references: [{ after: 'to.test/app/web:1' }] })
    expect(await readFile(join(folder, 'web-1.0.0', 'web', 'templates', 'web.yaml'), 'utf8')).toContain('to.test')
  })

  it('is told when the folder cannot be written', async () => {
    const world = await chartWorld(charts)
    await writeFile(join(folder, 'file'), '')
    await expect(writeScan(await scan(world.chain, world.runtime), join(folder, 'file'))).rejects.toMatchObject({
      code: 'SCAN_NOT_WRITABLE',
      about: expect.stringContaining('plain-1.0.0'),
    })
  })
})
