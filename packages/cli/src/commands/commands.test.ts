import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serializeLock, type Lock } from '@ropeway/engine'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommand } from '../commands.fixture.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ropeway-cli-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const lockOf = (...artifacts: readonly [string, string][]): Lock => ({
  lockVersion: 1,
  chain: { name: 'platform', version: '1.0.0' },
  platforms: [],
  steps: {},
  inputs: {},
  artifacts: artifacts.map(([name, letter]) => {
    const root = {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: `sha256:${letter.repeat(64)}`,
      size: 10,
    }
    return {
      id: `image:${name}`,
      kind: 'image',
      name,
      source: { adapter: 'oci', step: 'sources[0]', location: name },
      published: root,
      root,
      naming: { path: name, tags: ['1'] },
      destinations: [],
      referrers: [],
      class: 'declared',
      signatures: 'none',
    }
  }),
})

async function lockFile(name: string, ...artifacts: readonly [string, string][]): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, serializeLock(lockOf(...artifacts)))
  return file
}

describe('init', () => {
  it('writes a chain that is commented, named after its folder, and never replaced without --force', async () => {
    const home = join(folder, 'My Platform!')
    await mkdir(home)
    const file = join(home, 'chain.yaml')
    const first = await runCommand('init', file, '--registry', 'harbor.corp:5000/mirror')
    expect(first).toMatchObject({ error: undefined, exitCode: undefined })
    expect(first.stdout).toContain('next: ropeway plan')
    const text = await readFile(file, 'utf8')
    expect(text).toContain('name: my-platform')
    expect(text).toContain('harbor.corp:5000/mirror')
    expect(text).toMatch(/^#/)
    expect((await runCommand('init', file)).error).toMatchObject({ code: 'FILE_EXISTS', exitCode: 2 })
    expect(await readFile(file, 'utf8')).toBe(text)
    expect((await runCommand('init', file, '--force', '--name', 'other')).error).toBeUndefined()
    expect(await readFile(file, 'utf8')).toContain('name: other')
  })

  it('says in one object what it wrote', async () => {
    const file = join(folder, 'ropeway.yaml')
    const { stdout, stderr } = await runCommand('init', file, '--name', 'platform', '--json')
    expect(JSON.parse(stdout)).toEqual({ file, name: 'platform' })
    expect(stderr).toBe('')
  })

  it('says where it cannot write', async () => {
    expect((await runCommand('init', join(folder, 'no', 'folder.yaml'))).error).toMatchObject({
      code: 'FILE_NOT_WRITABLE',
      exitCode: 2,
    })
  })
})

describe('diff', () => {
  it('says what came, what went and what changed', async () => {
    const from = await lockFile('old.lock', ['a', '1'], ['b', '2'])
    const to = await lockFile('new.lock', ['b', '3'], ['c', '4'])
    const { stdout, exitCode } = await runCommand('diff', from, to)
    expect(stdout.split('\n')).toEqual([
      `+ image:c  sha256:${'4'.repeat(64)}`,
      `- image:a  sha256:${'1'.repeat(64)}`,
      '~ image:b',
      `    root sha256:${'2'.repeat(64)} → sha256:${'3'.repeat(64)}`,
      '1 artifact came, 1 went, 1 changed',
      '',
    ])
    expect(exitCode).toBeUndefined()
  })

  it('fails on a difference only with --exit-code, and still prints it', async () => {
    const from = await lockFile('old.lock', ['a', '1'])
    const to = await lockFile('new.lock', ['a', '2'])
    expect((await runCommand('diff', from, from, '--exit-code')).exitCode).toBeUndefined()
    const { stdout, exitCode } = await runCommand('diff', from, to, '--exit-code', '--json')
    expect(exitCode).toBe(6)
    expect(JSON.parse(stdout)).toMatchObject({
      equal: false,
      changed: [{ id: 'image:a' }],
      error: { code: 'LOCKS_DIFFER' },
    })
  })

  it('says of a file that it is no lock', async () => {
    const from = await lockFile('old.lock', ['a', '1'])
    await writeFile(join(folder, 'x'), 'nonsense')
    expect((await runCommand('diff', from, join(folder, 'x'))).error).toMatchObject({ code: 'LOCK_INVALID' })
    expect((await runCommand('diff', from, join(folder, 'y'))).error).toMatchObject({ code: 'LOCK_MISSING' })
  })
})

describe('adapters', () => {
  it('lists what the built-in packages say, without importing any of it', async () => {
    const { stdout } = await runCommand('adapters', '--json')
    const { adapters } = JSON.parse(stdout) as { adapters: { kind: string; name: string; plugin: string }[] }
    expect(adapters).toContainEqual({ kind: 'source', name: 'oci', plugin: '@ropeway/plugin-oci', version: '0.1.0' })
    const keys = adapters.map(({ kind, name }) => `${kind}:${name}`)
    expect(keys).toEqual([...keys].sort())
    expect((await runCommand('adapters')).stdout).toMatch(/^Sources\n( {2}\S+ +@ropeway\/plugin-\S+ 0\.1\.0\n)+/)
  })
})

describe('a transfer without a place to go', () => {
  it('is refused with the ways to name one', async () => {
    const given = await runCommand('plan', 'ropeway.yaml', '--source', 'oci=a')
    expect(given.error).toMatchObject({ code: 'FLAG_CONFLICT', exitCode: 2 })
  })
})

describe('mistakes in flags', () => {
  it('are told with what is expected', async () => {
    const { error } = await runCommand('plan', '--var', 'novalue')
    expect(error).toMatchObject({ code: 'FLAG_INVALID', message: '--var novalue: NAME=VALUE is expected' })
  })
})
