import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeNew } from './write.js'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'write-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('a new file', () => {
  it('is written, and replaced with force only', async () => {
    const file = join(folder, 'ropeway.yaml')
    await writeNew(file, 'first', false)
    await expect(writeNew(file, 'second', false)).rejects.toMatchObject({ code: 'FILE_EXISTS' })
    expect(await readFile(file, 'utf8')).toBe('first')
    await writeNew(file, 'third', true)
    expect(await readFile(file, 'utf8')).toBe('third')
    expect(await readdir(folder)).toEqual(['ropeway.yaml'])
  })

  it('leaves nothing behind when it cannot be written', async () => {
    await mkdir(join(folder, 'ropeway.yaml'))
    await writeFile(join(folder, 'file'), 'in the way')
    await expect(writeNew(join(folder, 'ropeway.yaml'), 'text', true)).rejects.toMatchObject({
      code: 'FILE_NOT_WRITABLE',
    })
    await expect(writeNew(join(folder, 'file', 'x.yaml'), 'text', false)).rejects.toMatchObject({
      code: 'FILE_NOT_WRITABLE',
    })
    expect((await readdir(folder)).sort()).toEqual(['file', 'ropeway.yaml'])
  })
})
