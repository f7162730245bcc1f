import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommand } from '../commands.fixture.js'
import { linkPlugin } from '../plugin.fixture.js'

let folder: string
const before = { ...process.env }
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ropeway-run-'))
  process.env['ROPEWAY_DATA_DIR'] = await linkPlugin(folder)
  process.env['ROPEWAY_CACHE_DIR'] = join(folder, 'cache')
})
afterEach(async () => {
  process.env = { ...before }
  await rm(folder, { recursive: true })
})

async function chain(...texts: string[]): Promise<string> {
  const file = join(folder, 'chain.yaml')
  const sinks = [{ shelf: { folder: join(folder, 'shelf') } }]
  await writeFile(
    file,
    JSON.stringify({ name: 'notes', version: '1', sources: [{ notes: { texts } }], sinks }, null, 1),
  )
  return file
}

describe('a plugin that a user installed', () => {
  it('is found and run as the built-in ones are', async () => {
    expect((await runCommand('adapters')).stdout).toMatch(/ notes +ropeway-plugin-notes 1\.2\.3\n/)
    const { stdout, error, stderr } = await runCommand('run', await chain('a', 'b'), '--no-color')
    expect(error).toBeUndefined()
    expect(stdout.replace(/ in \d\.\d s/, '')).toBe(
      [`✓ delivered to ${folder}/shelf · 0 B sent`, '  shelf  full', `  next: ls ${folder}/shelf`, '']
        .join('\n')
        .replace('0 B', /· (.*) sent/.exec(stdout)?.[1] ?? ''),
    )
    expect(stderr).toContain('✓ file:a.txt:1 delivered to')
    expect((await readdir(join(folder, 'shelf'))).sort()).toEqual(['a.txt', 'b.txt'])
    expect(await readFile(join(folder, 'shelf', 'b.txt'), 'utf8')).toBe('b')
  })
})

describe('run', () => {
  it('says in one line that there is nothing to do', async () => {
    const file = await chain('a')
    await runCommand('run', file)
    expect((await runCommand('run', file)).stdout).toBe(
      `✓ nothing to do: ${folder}/shelf has all of it already (1 artifact)\n`,
    )
  })

  it('prints the result alone on standard output with --json', async () => {
    const { stdout, stderr } = await runCommand('run', await chain('a'), '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      chain: { name: 'notes', version: '1' },
      receipts: [{ sink: 'shelf', complete: true, artifacts: [{ id: 'file:a.txt:1', outcome: 'delivered' }] }],
      warnings: [],
    })
    expect(stderr).toContain('delivering')
    const quiet = await runCommand('run', await chain('a', 'b'), '--json', '--quiet')
    expect(quiet.stderr).toBe('')
  })

  it('delivers the rest when one artifact fails, prints both, and ends with the side of the failure', async () => {
    const { stdout, stderr, exitCode } = await runCommand('run', await chain('a', 'no'), '--json')
    expect(exitCode).toBe(5)
    const result = JSON.parse(stdout) as { error: { code: string; message: string }; receipts: { complete: boolean }[] }
    expect(result.error).toMatchObject({ code: 'ADAPTER_FAILED' })
    expect(result.error.message).toContain('the shelf refuses it')
    expect(result.receipts).toMatchObject([{ complete: false }])
    expect(stderr).not.toContain('at Object')
    const people = await runCommand('run', await chain('no'), '--quiet')
    expect(people.stdout).toContain('✗ 1 artifact of 1 not delivered')
    expect(people.stderr).toMatch(/^Error: sink "shelf" failed while delivering no.txt: the shelf refuses it\n/)
  })

  it('lists all that it cannot resolve', async () => {
    const { error } = await runCommand('run', await chain('gone', 'a', 'gone'))
    expect(error).toMatchObject({
      code: 'RESOLVE_FAILED',
      exitCode: 3,
      errors: [{ about: 'notes' }, { about: 'notes' }],
    })
  })

  it('takes only what is asked for', async () => {
    await runCommand('run', await chain('a', 'b', 'c'), '--only', 'file:a.txt:1', '--only', 'file:c*')
    expect((await readdir(join(folder, 'shelf'))).sort()).toEqual(['a.txt', 'c.txt'])
  })

  it('shows a warning once, with the thing and the next step, and gives it to programs', async () => {
    const { stderr, stdout } = await runCommand('run', await chain('odd'))
    expect(`${stdout}${stderr}`.match(/a note is odd/g)).toHaveLength(1)
    expect(stderr).toContain('! a note is odd (odd.txt)\n  write another\n')
    const quiet = await runCommand('run', await chain('odd', 'a'), '--quiet')
    expect(quiet.stderr).toBe('  ! a note is odd (odd.txt)\n    write another\n')
    const json = await runCommand('run', await chain('odd', 'b'), '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({ warnings: [{ code: 'NOTE_ODD', about: 'odd.txt' }] })
  })

  it('writes every event to a file', async () => {
    const events = join(folder, 'events.ndjson')
    await runCommand('run', await chain('a'), '--events', events, '--quiet')
    const types = (await readFile(events, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type)
    expect(types).toEqual(
      expect.arrayContaining(['phase:start', 'artifact:resolved', 'deliver:start', 'artifact:done', 'deliver:done']),
    )
  })

  it('asks for a sink when the chain names none', async () => {
    const file = join(folder, 'bare.yaml')
    await writeFile(file, 'name: a\nsources:\n  - notes: { texts: [a] }\n')
    expect((await runCommand('run', file)).error).toMatchObject({ code: 'SINK_MISSING', exitCode: 2 })
  })

  it('fills variables from the command line and the environment', async () => {
    process.env['NOTE'] = 'env'
    await runCommand('run', await chain('{NOTE}', '{OTHER}'), '--var', 'OTHER=given')
    expect((await readdir(join(folder, 'shelf'))).sort()).toEqual(['env.txt', 'given.txt'])
  })
})

describe('lock and plan', () => {
  it('write, check and replay', async () => {
    const file = await chain('a')
    const first = await runCommand('lock', file, '--json')
    const lock = join(folder, 'chain.lock')
    expect(JSON.parse(first.stdout)).toMatchObject({ file: lock, changed: true, artifacts: [{ id: 'file:a.txt:1' }] })
    expect((await runCommand('lock', file)).stdout).toContain('nothing to do')
    expect((await runCommand('lock', file, '--check')).exitCode).toBeUndefined()
    expect((await runCommand('plan', file, '--locked', '--json')).error).toBeUndefined()

    await chain('a', 'b')
    const text = await readFile(lock, 'utf8')
    const check = await runCommand('lock', file, '--locked', '--json')
    expect(check.exitCode).toBe(6)
    expect(JSON.parse(check.stdout)).toMatchObject({
      changed: true,
      diff: { added: [{ id: 'file:b.txt:1' }] },
      error: { code: 'LOCK_OUTDATED' },
    })
    expect(await readFile(lock, 'utf8')).toBe(text)
    expect((await runCommand('run', file, '--locked')).error).toMatchObject({ code: 'LOCK_DRIFT', exitCode: 2 })
    expect((await runCommand('lock', file)).stdout).toContain('+ file:b.txt:1')
  })

  it('say where there is no lock', async () => {
    const file = await chain('a')
    expect((await runCommand('plan', file, '--locked')).error).toMatchObject({ code: 'LOCK_MISSING' })
    expect((await runCommand('lock', file, '--check')).error).toMatchObject({ code: 'LOCK_MISSING' })
  })

  it('show what will move, on standard output, without moving it', async () => {
    const { stdout } = await runCommand('plan', await chain('a', 'odd'))
    expect(stdout).toMatch(/^notes 1 · 1 source · all platforms, as published\n/)
    expect(stdout).toContain('  2 files · 3 blobs')
    expect(stdout).toContain('! a note is odd (odd.txt)')
    expect(stdout).toMatch(/bundle +if you export it +[\d,]+ bytes/)
    expect(await readdir(folder)).not.toContain('shelf')
  })

  it('plan what has no chain', async () => {
    const { stdout } = await runCommand('plan', '--source', 'notes=a', '--source', 'notes=b', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ sources: 1, totals: { artifacts: { file: 2 } }, sinks: [] })
  })

  it('write a lock where it is wanted', async () => {
    await mkdir(join(folder, 'other'))
    const lock = join(folder, 'other', 'x.lock')
    await runCommand('lock', await chain('a'), '-o', lock)
    expect((await runCommand('diff', lock, lock, '--json')).stdout).toContain('"equal": true')
  })
})
