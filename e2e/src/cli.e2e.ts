import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  fakeChartRepository,
  fakeRegistry,
  makeChart,
  makeImage,
  type ChartRepository,
  type FakeRegistry,
  type ImageFixture,
} from '@ropeway/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openDesk, type Desk } from './harness/desk.ts'
import { cliBin } from './harness/paths.ts'
import { cliEnvironment, run } from './harness/process.ts'

let desk: Desk
let near: FakeRegistry
let far: FakeRegistry
let charts: ChartRepository
let web: ImageFixture
const chart = makeChart({ name: 'podinfo', version: '6.7.1' })
const commands = (
  'adapters catalog diff export fetch images import init inspect lock login logout package plan prune relocate render run schema ' +
  'serve set verify'
).split(' ')

/** A chain of everything: an image, a chart, a manifest, a file. */
const everything = () => ({
  name: 'platform',
  version: '1.4.74',
  sources: [
    { oci: { references: [`${near.host}/app/web:1.2.3`] } },
    { helm: { repository: charts.url, chart: 'podinfo', version: '^6' } },
    { files: { manifests: ['k8s/pod.yaml'], files: ['install.sh'] } },
  ],
})

beforeAll(async () => {
  desk = await openDesk('cli')
  near = await fakeRegistry()
  far = await fakeRegistry()
  charts = await fakeChartRepository({ charts: [chart] })
  web = await makeImage({ layers: [{ size: 40_000, seed: 'web' }] })
  await near.push('app/web', web, ['1.2.3'])
  await mkdir(join(desk.folder, 'k8s'))
  const pod = `apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  containers:\n    - { name: web, image: "${near.host}/app/web:1.2.3" }\n`
  await writeFile(join(desk.folder, 'k8s', 'pod.yaml'), pod)
  await writeFile(join(desk.folder, 'install.sh'), '#!/bin/sh\necho installed\n', { mode: 0o755 })
  await desk.chain(everything())
})
afterAll(async () => {
  await Promise.all([near, far, charts].map((server) => server.close()))
  await desk.remove()
})

describe('help', () => {
  it.each(commands)('of %s has an example that can be pasted, in 80 columns', async (command) => {
    const { code, stdout, stderr } = await desk.run([command, '--help'])
    expect([code, stderr]).toEqual([0, ''])
    const [about = '', examples = ''] = stdout.split('\nEXAMPLES\n')
    expect(examples).toMatch(new RegExp(`^ +(\\$ |.* \\| |.*=\\S+ )?.*ropeway ${command}\\b`, 'm'))
    expect(about.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  it('of the whole lists every command', async () => {
    const { stdout } = await desk.runOk(['--help'])
    for (const command of [...commands, 'plugins']) expect(stdout).toMatch(new RegExp(`^ +${command} `, 'm'))
    expect((await desk.runOk(['--version'])).stdout).toMatch(/^@ropeway\/cli\/\d+\.\d+\.\d+ /)
  })
})

describe('--json', () => {
  it('prints one JSON document on standard output, whatever the command', async () => {
    const lines: string[][] = [
      ['adapters'],
      ['schema'],
      ['plan'],
      ['lock'],
      ['lock', '--check'],
      ['lock', '-o', 'second.lock'],
      ['diff', 'ropeway.lock', 'second.lock'],
      ['export', '-o', 'json.tar', '--locked', '--verbose'],
      ['verify', 'json.tar'],
      ['inspect', 'json.tar'],
      ['fetch', 'json.tar', '-o', 'json-out'],
      ['import', 'json.tar', '--registry', far.host],
      ['init', 'json.yaml'],
      ['login', near.host, '--username', 'ada', '--password-stdin'],
      ['logout', near.host],
      ['plugins'],
      ['run', 'json-run.yaml'],
    ]
    const value = { ...everything(), transforms: [{ rewrite: { registry: far.host } }], sinks: [{ registry: {} }] }
    await writeFile(join(desk.folder, 'json-run.yaml'), JSON.stringify(value))
    for (const line of lines) {
      const ended = await desk.runOk([...line, '--json'], { input: 'secret\n' })
      expect(() => ended.json(), line.join(' ')).not.toThrow()
      expect(ended.stdout, line.join(' ')).not.toContain('\u001b')
    }
  })
})

describe('a newcomer', () => {
  it('comes from init to a bundle on the other side by the commands that are suggested', async () => {
    const folder = join(desk.folder, 'My Platform')
    await mkdir(folder)
    const started = await desk.runOk(['init', '--yes', '--reference', `${near.host}/app/web:1.2.3`], { cwd: folder })
    expect(started.stdout).toContain('wrote ropeway.yaml')
    expect(started.stdout).toContain('ropeway plan')
    const written = await readFile(join(folder, 'ropeway.yaml'), 'utf8')
    expect(written).toContain('name: my-platform')
    expect(written.split('\n').filter((line) => line.trim().startsWith('#')).length).toBeGreaterThan(5)
    const planned = await desk.runOk(['plan'], { cwd: folder })
    expect(planned.stdout).toMatch(/1 image/)
    expect(planned.stdout).toMatch(/tarball +my-platform-0\.1\.0\.tar +[\d,]+ bytes/)
    await desk.runOk(['lock'], { cwd: folder })
    await desk.runOk(['export', '-o', 'my-platform.tar', '--locked'], { cwd: folder })
    await desk.runOk(['run', '--locked'], { cwd: folder })
    const [exported, ran] = await Promise.all(
      ['my-platform.tar', 'my-platform-0.1.0.tar'].map((file) => readFile(join(folder, file))),
    )
    expect(ran !== undefined && exported?.equals(ran)).toBe(true)
    await desk.runOk(['import', 'my-platform.tar', '--registry', `${far.host}/newcomer`], { cwd: folder })
    await far.pull('newcomer/app/web', '1.2.3')
    const again = await desk.fails(['init', '--yes'], { cwd: folder })
    expect(again.error).toMatchObject({ code: 'FILE_EXISTS', exitCode: 2 })
    expect(await readFile(join(folder, 'ropeway.yaml'), 'utf8')).toBe(written)
  })

  it('is not asked anything when nobody could answer', async () => {
    const ended = await desk.run(['init', 'unasked.yaml'], { input: '' })
    expect([ended.code, ended.stderr]).toEqual([0, ''])
  })
})

describe('a lock', () => {
  it('is what is delivered, and whatever moved since is named', async () => {
    const folder = join(desk.folder, 'locked')
    await mkdir(folder)
    const chain = (references: readonly string[], extra: object = {}) =>
      writeFile(
        join(folder, 'ropeway.yaml'),
        JSON.stringify({
          name: 'locked',
          sources: [{ oci: { references } }, { files: { images: 'images.txt' } }],
          ...extra,
        }),
      )
    const here = { cwd: folder }
    await near.push('app/moving', web, ['1'])
    await writeFile(join(folder, 'images.txt'), `${near.host}/app/web:1.2.3\n`)
    await chain([`${near.host}/app/moving:1`])
    expect((await desk.fails(['plan', '--locked'], here)).error).toMatchObject({ code: 'LOCK_MISSING', exitCode: 2 })
    await desk.runOk(['lock'], here)
    const before = await readFile(join(folder, 'ropeway.lock'))
    const unchanged = await desk.runOk(['lock'], here)
    expect(unchanged.stdout).toContain('nothing to do')
    await desk.runOk(['lock', '--check'], here)

    const other = await makeImage({ layers: [{ size: 500, seed: 'other' }] })
    await near.push('app/moving', other, ['1'])
    const outdated = await desk.fails(['lock', '--check'], here)
    expect(outdated.error).toMatchObject({ code: 'LOCK_OUTDATED', exitCode: 6 })
    expect(outdated.stdout).toContain(`${near.host}/app/moving:1`)
    expect((await readFile(join(folder, 'ropeway.lock'))).equals(before)).toBe(true)
    await desk.runOk(['export', '--locked', '-o', 'locked.tar'], here)
    const inspected = (await desk.runOk(['inspect', 'locked.tar', '--json'], here)).json()
    expect(JSON.stringify(inspected)).toContain(web.root.digest)
    expect(JSON.stringify(inspected)).not.toContain(other.root.digest)

    await desk.runOk(['lock', '-o', 'new.lock'], here)
    const diff = await desk.runOk(['diff', 'ropeway.lock', 'new.lock'], here)
    expect(diff.stdout).toMatch(/~ image:.*app\/moving:1/)
    expect(diff.stdout).toContain('0 artifacts came, 0 went, 1 changed')
    expect((await desk.run(['diff', 'ropeway.lock', 'new.lock', '--exit-code'], here)).code).toBe(6)
    expect((await desk.run(['diff', 'new.lock', 'new.lock', '--exit-code'], here)).code).toBe(0)

    await writeFile(join(folder, 'images.txt'), `${near.host}/app/moving:1\n`)
    const list = await desk.fails(['plan', '--locked'], here)
    expect(list.error).toMatchObject({
      code: 'LOCK_DRIFT',
      exitCode: 2,
      message: expect.stringContaining('images.txt'),
    })
    await writeFile(join(folder, 'images.txt'), `${near.host}/app/web:1.2.3\n`)
    await chain([`${near.host}/app/moving:1`, `${near.host}/app/web:1.2.3`])
    const step = await desk.fails(['plan', '--locked'], here)
    expect(step.error).toMatchObject({ code: 'LOCK_DRIFT', message: expect.stringContaining('sources[0]') })
    await chain([`${near.host}/app/moving:1`], { platforms: ['linux/amd64'] })
    expect((await desk.fails(['plan', '--locked'], here)).error).toMatchObject({
      code: 'LOCK_DRIFT',
      message: expect.stringContaining('platforms'),
    })
    await writeFile(join(folder, 'ropeway.lock'), before.subarray(0, 300))
    await chain([`${near.host}/app/moving:1`])
    expect((await desk.fails(['plan', '--locked'], here)).error).toMatchObject({ code: 'LOCK_INVALID', exitCode: 2 })
  })
})

describe('fetch', () => {
  it('takes charts, manifests and files back out as they were', async () => {
    await desk.runOk(['export', '-o', 'fetch.tar'])
    await desk.runOk(['fetch', 'fetch.tar', '-o', 'fetched'])
    const fetched = join(desk.folder, 'fetched')
    expect((await readdir(fetched)).sort()).toEqual(['install.sh', 'pod.yaml', 'podinfo-6.7.1.tgz'])
    expect((await readFile(join(fetched, 'podinfo-6.7.1.tgz'))).equals(chart.tgz)).toBe(true)
    expect(await readFile(join(fetched, 'install.sh'), 'utf8')).toContain('echo installed')
    expect((await run(join(fetched, 'install.sh'), [])).stdout).toBe('installed\n')
    expect(await readFile(join(fetched, 'pod.yaml'), 'utf8')).toBe(
      await readFile(join(desk.folder, 'k8s', 'pod.yaml'), 'utf8'),
    )
    await desk.runOk(['fetch', 'fetch.tar', '-o', 'only-chart', '--only', 'chart'])
    expect(await readdir(join(desk.folder, 'only-chart'))).toEqual(['podinfo-6.7.1.tgz'])
    await desk.runOk(['import', 'fetch.tar', '--registry', `${far.host}/fetch`])
    await desk.runOk(['fetch', `${far.host}/fetch/podinfo:6.7.1`, '-o', 'from-registry'])
    expect((await readFile(join(desk.folder, 'from-registry', 'podinfo-6.7.1.tgz'))).equals(chart.tgz)).toBe(true)
    expect((await desk.fails(['fetch', `${near.host}/app/web:1.2.3`, '-o', 'image'])).error.code).toBe('FETCH_NOTHING')
  })
})

describe('the schema', () => {
  it('knows the options of every adapter that is installed, and refuses others', async () => {
    const Schema = z.looseObject({
      $schema: z.string().regex(/draft-07/),
      properties: z.record(z.string(), z.unknown()),
    })
    const schema = Schema.parse((await desk.runOk(['schema'])).json())
    for (const key of ['name', 'version', 'platforms', 'sources', 'transforms', 'sinks'])
      expect(schema.properties).toHaveProperty(key)
    const text = JSON.stringify(schema)
    for (const name of ['oci', 'helm', 'files', 'bundle', 'rewrite', 'registry', 'tarball'])
      expect(text).toContain(`"${name}":{`)
    expect(schema['additionalProperties']).toBe(false)
  })
})

describe('the screen', () => {
  it('has colours when they are wanted, and none with NO_COLOR, --no-color or in a pipe', async () => {
    const escape = '\u001b['
    const env = { NO_COLOR: '' }
    const shown = async (args: string[], more: Readonly<Record<string, string>>) => {
      const { stdout, stderr } = await desk.run([...args], { env: more })
      return stdout + stderr
    }
    expect(await shown(['plan'], { ...env, FORCE_COLOR: '1' })).toContain(escape)
    expect(await shown(['plan', '--no-color'], { ...env, FORCE_COLOR: '1' })).not.toContain(escape)
    expect(await shown(['plan'], { NO_COLOR: '1' })).not.toContain(escape)
    expect(await shown(['plan'], env)).not.toContain(escape)
    expect(await shown(['plan', 'none.yaml'], { ...env, FORCE_COLOR: '1' })).toContain(escape)
    expect(await shown(['plan', 'none.yaml'], { NO_COLOR: '1' })).not.toContain(escape)
  })

  it('is quiet with --quiet, but for the result', async () => {
    const { stdout, stderr } = await desk.runOk(['export', '-o', 'quiet.tar', '--quiet'])
    expect(stderr).toBe('')
    expect(stdout).toContain('quiet.tar')
  })

  it('names each artifact as it is finished, in plain lines', async () => {
    const { stderr } = await desk.runOk(['export', '-o', 'plain.tar'])
    for (const name of ['app/web:1.2.3', 'chart:podinfo', 'install.sh', 'pod.yaml']) {
      expect(stderr).toMatch(new RegExp(`✓ .*${name.replaceAll('.', '\\.')}.* delivered`))
    }
  })

  it('says in one line that there is nothing to do', async () => {
    await desk.runOk(['export', '-o', 'twice.tar'])
    const { stdout } = await desk.runOk(['export', '-o', 'twice.tar'])
    expect(stdout.split('\n')[0]).toMatch(/nothing|already/)
  })
})

describe('events', () => {
  it('are written as one JSON object a line, phase by phase', async () => {
    await desk.runOk(['export', '-o', 'events.tar', '--events', 'events.ndjson'])
    const text = await readFile(join(desk.folder, 'events.ndjson'), 'utf8')
    const Event = z.looseObject({
      type: z.string(),
      at: z.number(),
      phase: z.string().optional(),
      id: z.string().optional(),
    })
    const events = text
      .trimEnd()
      .split('\n')
      .map((line) => Event.parse(JSON.parse(line)))
    const started = events.flatMap(({ type, phase }) => (type === 'phase:start' ? [phase] : []))
    expect(started).toEqual(expect.arrayContaining(['resolve', 'name', 'plan', 'deliver']))
    expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).sort((a, b) => a - b))
    expect(events.filter(({ type }) => type === 'artifact:done')).toHaveLength(4)
    expect(events.at(-1)?.type).toMatch(/^(phase:done|deliver:done)$/)
  })

  it('go to standard error with -', async () => {
    const { stderr } = await desk.runOk(['plan', '--events', '-'])
    for (const line of stderr.trimEnd().split('\n')) expect(() => JSON.parse(line) as unknown, line).not.toThrow()
  })
})

describe('paths and variables', () => {
  it('are relative to the chain, wherever the command is run', async () => {
    const other = join(desk.folder, 'elsewhere')
    await mkdir(other)
    await desk.runOk(['export', '../ropeway.yaml', '-o', 'here.tar'], { cwd: other })
    await desk.runOk(['export', '-o', 'there.tar'])
    const [here, there] = await Promise.all(
      [join(other, 'here.tar'), join(desk.folder, 'there.tar')].map((file) => readFile(file)),
    )
    expect(there !== undefined && here?.equals(there)).toBe(true)
    await desk.runOk(['lock', '../ropeway.yaml'], { cwd: other })
    expect(existsSync(join(desk.folder, 'ropeway.lock'))).toBe(true)
    expect(await readdir(other)).toEqual(['here.tar'])
  })

  it('come from the command line before the environment, and from git', async () => {
    const folder = join(desk.folder, 'variables')
    await mkdir(folder)
    const chain = { name: 'vars', version: '{git.tag}', sources: [{ oci: { reference: '{host}/app/web:{tag}' } }] }
    await writeFile(join(folder, 'ropeway.yaml'), JSON.stringify(chain))
    const git = (...args: string[]) =>
      run('git', ['-c', 'user.name=e2e', '-c', 'user.email=e2e@example.com', ...args], { cwd: folder })
    await git('init', '-q')
    await git('add', '.')
    await git('commit', '-q', '-m', 'chain')
    await git('tag', 'v1.2.3')
    const env = { host: 'wrong.invalid', tag: '1.2.3' }
    const planned = await desk.runOk(['plan', '--json', '--var', `host=${near.host}`], { cwd: folder, env })
    expect(planned.json()).toMatchObject({
      chain: { version: 'v1.2.3' },
      artifacts: [{ name: `${near.host}/app/web:1.2.3` }],
    })
  })
})

describe('a Node.js that is too old', () => {
  const start = (version: string) => {
    const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`
    return run(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, cliBin, '--version'],
      {
        env: cliEnvironment(desk.home),
      },
    )
  }

  it('is told in the first line, and ends with 2', async () => {
    for (const version of ['12.22.0', '20.20.2', '22.18.99']) {
      const { code, stdout, stderr } = await start(version)
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr.split('\n')[0]).toMatch(
        new RegExp(
          `^ropeway needs Node\\.js 22\\.19 or newer, and this is Node\\.js ${version.replaceAll('.', '\\.')}`,
        ),
      )
    }
    for (const version of ['22.19.0', '24.0.0']) expect((await start(version)).code).toBe(0)
  })

  it('is told by an old one itself, where the machine has one', async () => {
    const candidates = (process.env['PATH'] ?? '').split(':').filter((folder) => !folder.includes('node_modules'))
    for (const node of candidates.map((folder) => join(folder, 'node')).filter((file) => existsSync(file))) {
      const { stdout } = await run(node, ['-p', 'process.versions.node'])
      const [major = 0, minor = 0] = stdout.split('.').map(Number)
      const { code, stderr } = await run(node, [cliBin, '--version'], { env: cliEnvironment(desk.home) })
      const old = major < 22 || (major === 22 && minor < 19)
      expect(code, node).toBe(old ? 2 : 0)
      if (old) expect(stderr).toMatch(/^ropeway needs Node\.js 22\.19 or newer/)
    }
  })
})
