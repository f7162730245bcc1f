import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readChartFiles } from '@ropeway/helm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { renderLocally } from '../base/local-render.js'
import { runCommand } from '../commands.fixture.js'
import { errorScreen } from '../screen/error.js'
import { plainPaint } from '../text/paint.js'
import { hostError } from '../host-error.js'

let folder = ''
let shop = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ropeway-charts-'))
  shop = join(folder, 'shop')
  await chart('shop', 'image:\n  tag: "1.0" # pinned\nreplicas: 1\nextra: {}\n', {
    'a.yaml': 'kind: A\ntag: {{ .Values.image.tag }}\nns: {{ .Release.Namespace }}/{{ .Release.Name }}\n',
  })
})
afterEach(() => rm(folder, { recursive: true }))

async function chart(name: string, values: string, templates: Readonly<Record<string, string>>, more = '') {
  await mkdir(join(folder, name, 'templates'), { recursive: true })
  await writeFile(join(folder, name, 'Chart.yaml'), `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n${more}`)
  await writeFile(join(folder, name, 'values.yaml'), values)
  for (const [file, text] of Object.entries(templates)) await writeFile(join(folder, name, 'templates', file), text)
}
const bytes = (text: string | undefined) => (text === undefined ? undefined : new TextEncoder().encode(text))

function streams(written: string[] = []) {
  return { env: {}, stdout: { write: () => true }, stderr: { write: (text: string) => written.push(text) } }
}

describe('ropeway render', () => {
  it('prints what helm template prints, by the short way too', async () => {
    const text = '---\n# Source: shop/templates/a.yaml\nkind: A\ntag: 2.0\nns: n/live\n'
    const argv = ['live', shop, '--set', 'image.tag=2.0', '-nn']
    expect((await runCommand('render', ...argv)).error).toBeUndefined()
    expect(await renderLocally(argv, streams())).toEqual(bytes(text))
  })
  it('shows warnings the same by either way', async () => {
    await chart('shop', 'a: 1\n', { 'a.yaml': 'kind: A\n' }, 'deprecated: true\n')
    const written: string[] = []
    expect(await renderLocally(['live', shop], streams(written))).toEqual(
      bytes('---\n# Source: shop/templates/a.yaml\nkind: A\n'),
    )
    expect(written.join('')).toBe('  ! this chart is deprecated\n')
    expect((await runCommand('render', 'live', shop)).stderr).toBe(written.join(''))
  })
  it('shows the message of Helm as it is, then the place', async () => {
    await writeFile(join(shop, 'templates', 'b.yaml'), '{{ fail "one   two\\n  https://x.y/z?a=b three" }}')
    const { error, stdout } = await runCommand('render', shop)
    expect(stdout).toBe('')
    const shown = hostError(error, { command: 'render', commands: [] })
    expect(shown).toMatchObject({ code: 'CHART_FAILED', exitCode: 4 })
    expect(errorScreen(shown, { paint: plainPaint, columns: 40 }).slice(0, 6)).toEqual([
      'Error: execution error at (shop/templates/b.yaml:1:3): one   two',
      '  https://x.y/z?a=b three',
      '',
      'Use --debug flag to render out invalid YAML',
      '  at     shop/templates/b.yaml:1',
      '  code   CHART_FAILED · docs/errors.md#chart_failed',
    ])
    expect(await renderLocally([shop], streams())).toBeUndefined()
  })
  it('shows the warnings of Helm before what failed', async () => {
    const failing = await runCommand('render', shop, '--set', 'replicas.a=1', '-s', 'none')
    expect(failing.stderr).toBe('  ! warning: skipped value for shop.replicas: Not a table.\n')
    await writeFile(join(shop, 'templates', 'a.yaml'), '{{ fail "no" }}')
    const { error } = await runCommand('render', shop, '--set', 'replicas.a=1')
    const shown = hostError(error, { command: 'render', commands: [] })
    expect(errorScreen(shown, { paint: plainPaint, columns: 80 }).slice(0, 2)).toEqual([
      '  ! warning: skipped value for shop.replicas: Not a table.',
      'Error: execution error at (shop/templates/a.yaml:1:3): no',
    ])
  })
  it.each([
    [[], 'ARGUMENT_MISSING'],
    [['a', 'shop', '-g'], 'FLAG_CONFLICT'],
    [['a', 'shop', '--name-template', 'x'], 'FLAG_CONFLICT'],
    [['./none'], 'CHART_PATH_MISSING'],
  ])('%j ends with %s', async (argv, code) => {
    expect((await runCommand('render', ...argv)).error).toMatchObject({ code })
  })
  it('fetches what is missing beside the chart when it is asked to', async () => {
    await chart('web', 'a: 1\n', { 'w.yaml': 'kind: W\n' })
    const wanted = 'dependencies:\n- {name: web, version: 1.x, repository: "file://../web"}\n'
    await chart('shop', 'a: 1\n', { 'a.yaml': 'kind: A\n' }, wanted)
    expect((await runCommand('render', shop)).error).toMatchObject({ name: 'HelmError' })
    const { error, stdout } = await runCommand('render', shop, '--dependency-update', '--json')
    expect(error).toBeUndefined()
    expect(stdout).toContain('shop/charts/web/templates/w.yaml')
  })
})

describe('ropeway package', () => {
  it('writes name-version.tgz, in equal bytes', async () => {
    const out = join(folder, 'out')
    const run = () => runCommand('package', shop, '-o', out, '--version', '2.0.0')
    expect((await run()).error).toBeUndefined()
    const file = join(out, 'shop-2.0.0.tgz')
    const first = await readFile(file)
    await run()
    expect(await readFile(file)).toEqual(first)
    expect((await readChartFiles(file)).map(({ path }) => path)).toEqual([
      'Chart.yaml',
      'templates/a.yaml',
      'values.yaml',
    ])
  })
})

describe('ropeway set', () => {
  const values = () => readFile(join(shop, 'values.yaml'), 'utf8')
  it('edits in place: texts stay texts, and empty maps have room', async () => {
    const { error } = await runCommand('set', shop, 'image.tag=1.10', 'replicas=3', 'extra.key=[1]')
    expect(error).toBeUndefined()
    expect(await values()).toBe('image:\n  tag: "1.10" # pinned\nreplicas: 3\nextra:\n  key:\n    - 1\n')
  })
  it('refuses what is not there, with near paths, unless it is to be added', async () => {
    const { error } = await runCommand('set', shop, 'image.tga=2')
    expect(error).toMatchObject({ code: 'VALUES_PATH_UNKNOWN', hint: expect.stringContaining('image.tag') as unknown })
    await runCommand('set', shop, 'image.tga=2', '--add')
    expect(await values()).toContain('  tga: 2\n')
  })
  it('edits subcharts in folders and archives', async () => {
    await chart('web', 'a: 1 # one\n', { 'w.yaml': 'kind: W\n' })
    await runCommand('package', join(folder, 'web'), '-o', join(shop, 'charts'))
    expect((await runCommand('set', shop, 'web.a=2')).error).toBeUndefined()
    await runCommand('package', shop, '-o', folder)
    const archive = join(folder, 'shop-1.0.0.tgz')
    expect((await runCommand('set', archive, 'web.a=3')).error).toBeUndefined()
    const inner = (await readChartFiles(archive)).find(({ path }) => path === 'charts/web/values.yaml')
    expect(new TextDecoder().decode(inner?.bytes)).toBe('a: 3 # one\n')
    expect(await values()).not.toContain('web')
  })
  it.each([
    [['x'], 'FLAG_INVALID'],
    [['image=1'], 'VALUES_PATH_INVALID'],
    [['a..b=1'], 'VALUES_PATH_INVALID'],
    [[], 'ARGUMENT_MISSING'],
  ])('%j ends with %s', async (argv, code) => {
    expect((await runCommand('set', shop, ...argv)).error).toMatchObject({ code })
  })
})
