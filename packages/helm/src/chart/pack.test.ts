import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { sha256 } from '@ropeway/oci'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chartFiles, readChartArchive } from './archive.js'
import { readChartFolder } from './folder.js'
import { readLocalChart } from './local.js'
import { packChart } from './pack.js'
import { writeTar } from './tar-write.js'

const chart = {
  'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.2.3+b.1\n',
  'values.yaml': 'image: web\n',
  'templates/b.yaml': 'b: 1\n',
  'templates/a.yaml': 'a: 1\n',
  '.helmignore': '*.bak\nnotes/\n',
  'x.bak': 'x',
  'notes/secret.txt': 'x',
  [`files/${'ü'.repeat(60)}/${'long'.repeat(20)}.txt`]: 'x',
}

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ropeway-helm-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function write(files: Readonly<Record<string, string | Uint8Array>>, base = folder): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(base, path)), { recursive: true })
    await writeFile(join(base, path), content)
  }
}
const local = (path = folder) => readLocalChart(path, './web', { provenance: true })
const error = (code: string, message: string): unknown =>
  expect.objectContaining({ code, message: expect.stringContaining(message) })

describe('packing a folder', () => {
  it('gives the same bytes whatever the order, time and mode of the files', async () => {
    await write(chart)
    const first = await local()
    const other = join(folder, 'notes/copy')
    await write(Object.fromEntries(Object.entries(chart).reverse()), other)
    await chmod(join(other, 'values.yaml'), 0o755)
    await utimes(join(other, 'Chart.yaml'), 1, 1)
    expect(sha256((await local(other)).archive)).toBe(sha256(first.archive))
    // pinned: a change of these bytes changes what a lock holds
    expect(sha256(first.archive)).toBe('sha256:890c8262214ae01e70aef8904e86268185d9151614df15697caefd6f4d290a54')
    expect(first.metadata).toMatchObject({ name: 'web', version: '1.2.3+b.1' })
  })
  it('leaves out what .helmignore names, and puts Chart.yaml first', async () => {
    await write(chart)
    const { files } = await readChartArchive((await local()).archive, 'x')
    expect(files.slice(0, 2)).toEqual(['Chart.yaml', '.helmignore'])
    expect(files.slice(2)).toEqual([
      `files/${'ü'.repeat(60)}/${'long'.repeat(20)}.txt`,
      'templates/a.yaml',
      'templates/b.yaml',
      'values.yaml',
    ])
  })
  it('writes an archive that tar reads', async () => {
    await write({ ...chart, [`deep/${'p'.repeat(90)}/${'q'.repeat(90)}`]: 'x' })
    const listed = execFileSync('tar', ['tzf', '-'], {
      input: (await local()).archive,
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    }).toString()
    expect(listed).toContain('web/Chart.yaml\n')
    expect(listed).toContain(`web/deep/${'p'.repeat(90)}/${'q'.repeat(90)}\n`)
  })
  it('follows links, as Helm does, but not in circles', async () => {
    await write({ 'chart/Chart.yaml': chart['Chart.yaml'], 'shared/values.yaml': 'shared: 1\n' })
    await symlink('../shared/values.yaml', join(folder, 'chart/values.yaml'))
    const { archive } = await local(join(folder, 'chart'))
    const files = new Map<string, string>()
    for await (const { path, bytes } of chartFiles(archive, 'x')) files.set(path, Buffer.from(bytes).toString())
    expect(files.get('values.yaml')).toBe('shared: 1\n')
    await symlink('..', join(folder, 'chart/loop'))
    await mkdir(join(folder, 'chart/sub'))
    await symlink('..', join(folder, 'chart/sub/up'))
    await expect(local(join(folder, 'chart'))).rejects.toThrow(error('CHART_INVALID', 'leads to a folder above it'))
  })
  it('says which declared dependencies are not there', async () => {
    const dependencies = ['b', 'c', 'd', 'e'].map((name) => `- {name: ${name}, version: "1", repository: r}`).join('\n')
    const subchart = (name: string) => `name: ${name}\nversion: 1.0.0\n`
    const packed = gzipSync(writeTar([{ name: 'c/Chart.yaml', bytes: Buffer.from(subchart('c')) }]))
    await write({
      'Chart.yaml': `${chart['Chart.yaml']}dependencies:\n${dependencies}\n`,
      'charts/folder/Chart.yaml': subchart('b'),
      'charts/c-1.0.0.tgz': packed,
      'charts/_d/Chart.yaml': subchart('d'),
    })
    await expect(local()).rejects.toThrow(error('CHART_DEPENDENCIES_MISSING', 'lacks: d, e'))
  })
  it.each([
    [{ 'values.yaml': '' }, 'CHART_INVALID', 'it has no Chart.yaml'],
    [{ ...chart, '.helmignore': 'Chart.yaml' }, 'CHART_INVALID', 'it has no Chart.yaml'],
    [{ ...chart, '.helmignore': 'a\n**' }, 'CHART_INVALID', '.helmignore, line 2: double-star'],
    [{ ...chart, big: new Uint8Array(5 * 1024 * 1024 + 1) }, 'CHART_INVALID', 'big is larger than the 5242880 bytes'],
    [{ 'Chart.yaml': 'name: [' }, 'CHART_INVALID', 'its Chart.yaml cannot be read (line 1)'],
  ])('refuses a folder that Helm would refuse (%#)', async (files, code, message) => {
    await write(files)
    await expect(local()).rejects.toThrow(error(code, message))
  })
})

describe('readLocalChart', () => {
  it('takes an archive as it is, with the provenance beside it', async () => {
    const { archive } = await packChart([{ path: 'Chart.yaml', bytes: Buffer.from(chart['Chart.yaml']) }], 'web')
    const file = join(folder, 'web-1.2.3.tgz')
    const provenance = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nname: web\n\n...\nfiles:\n  web-1.2.3.tgz: ${sha256(archive)}\n-----BEGIN PGP SIGNATURE-----\n`
    await writeFile(file, archive)
    const unsigned = await local(file)
    expect(unsigned).toMatchObject({ provenance: undefined, metadata: { name: 'web' } })
    expect(sha256(unsigned.archive)).toBe(sha256(archive))
    await writeFile(`${file}.prov`, provenance)
    expect((await local(file)).provenance).toEqual(Buffer.from(provenance))
    expect((await readLocalChart(file, 'web', { provenance: false })).provenance).toBeUndefined()
    await writeFile(`${file}.prov`, provenance.replace(sha256(archive), sha256('other')))
    await expect(local(file)).rejects.toThrow(error('PROVENANCE_MISMATCH', sha256(archive)))
  })
  it('says what is not there or cannot be read', async () => {
    await expect(local(join(folder, 'nope'))).rejects.toThrow(error('CHART_PATH_MISSING', 'there is no chart at ./web'))
    await writeFile(join(folder, 'file.tgz'), 'no archive')
    await expect(local(join(folder, 'file.tgz'))).rejects.toThrow(error('CHART_ARCHIVE_INVALID', 'not compressed'))
    await expect(readChartFolder(join(folder, 'nope'), 'web')).rejects.toThrow(error('CHART_PATH_MISSING', 'web'))
  })
})
