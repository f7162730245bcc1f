import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStorage, serveRegistry, type RegistryServer } from '@ropeway/registry-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fillRegistry, writeChain } from '../../tools/quickstart/world.ts'
import { root } from './harness/paths.ts'
import { ropewayOk, run } from './harness/process.ts'

let folder = ''
let source: RegistryServer
let sink: RegistryServer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'e2e-docs-'))
  source = await serveRegistry({ storage: memoryStorage() })
  sink = await serveRegistry({ storage: memoryStorage() })
  await fillRegistry(source.url)
  await writeChain(folder, source.host)
})

afterAll(async () => {
  await Promise.all([source.close(), sink.close()])
  await rm(folder, { recursive: true, force: true })
})

describe('the script in docs/api.md', () => {
  it('writes the lock and the bundle that the CLI writes, and brings it to a registry', async () => {
    const script = join(root, 'docs', 'examples', 'mirror.ts')
    const args = [script, 'ropeway.yaml', 'by-script.tar', `${sink.host}/mirror`]
    const { code, stdout, stderr } = await run(process.execPath, args, { cwd: folder })
    expect(code, stderr).toBe(0)
    expect(stdout).toContain('complete: true')
    const byScript = await readFile(join(folder, 'ropeway.lock'))

    await ropewayOk(['lock', '-o', 'by-cli.lock'], { home: folder, cwd: folder })
    await ropewayOk(['export', '-o', 'by-cli.tar'], { home: folder, cwd: folder })
    expect((await readFile(join(folder, 'by-cli.lock'))).equals(byScript)).toBe(true)
    const [ours, theirs] = await Promise.all(
      ['by-script.tar', 'by-cli.tar'].map((file) => readFile(join(folder, file))),
    )
    expect(theirs !== undefined && ours?.equals(theirs)).toBe(true)
  })
})

describe('the quickstart', () => {
  it('does the main job without a terminal, and leaves nothing behind', async () => {
    const left = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('ropeway-quickstart-')).length
    const before = await left()
    const { code, stdout, stderr } = await run(process.execPath, [join(root, 'tools', 'quickstart', 'quickstart.ts')])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/all 6 artifacts arrived/)
    expect(await left()).toBe(before)
  })
})
