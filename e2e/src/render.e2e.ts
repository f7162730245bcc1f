import { existsSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import {
  fakeChartRepository,
  fakeRegistry,
  makeChart,
  makeChartArtifact,
  pushFixture,
  type ChartRepository,
  type FakeRegistry,
} from '@ropeway/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openDesk, type Desk } from './harness/desk.ts'
import { peersBin, root } from './harness/paths.ts'
import { cliEnvironment, run } from './harness/process.ts'

const corpus = process.env['ROPEWAY_CORPUS'] ?? join(root, '..', 'shared', 'corpus')
const Case = z.object({
  case: z.string(),
  args: z.array(z.string()),
  deterministic: z.boolean().optional(),
  exit: z.number(),
  golden: z.string().optional(),
})

let desk: Desk
let charts: ChartRepository
let registry: FakeRegistry
const web = makeChart({ name: 'web', version: '1.2.3' })

beforeAll(async () => {
  desk = await openDesk('render')
  charts = await fakeChartRepository({ charts: [makeChart({ name: 'web', version: '1.1.0' }), web] })
  registry = await fakeRegistry()
  await pushFixture(registry.url, await makeChartArtifact(web), { repository: 'charts/web', tags: ['1.2.3'] })
  await chart('shop', 'dependencies:\n- {name: web, version: ^1.0.0, repository: "file://../web"}\n', {
    'a.yaml': [
      'release: {{ .Release | toJson }}',
      'values: {{ .Values.v | toJson }}',
      'kube: {{ .Capabilities.KubeVersion }} {{ .Capabilities.APIVersions.Has "x/v1" }}',
    ].join('\n'),
    'hook.yaml': 'kind: Job\nmetadata: {name: j, annotations: {"helm.sh/hook": post-install}}\n',
    'test.yaml': 'kind: Pod\nmetadata: {name: t, annotations: {"helm.sh/hook": test}}\n',
  })
  await chart('web', '', { 'w.yaml': 'kind: W\n' })
  await helm(['dependency', 'build', 'shop'])
  await writeFile(join(desk.folder, 'v.yaml'), 'v: {from: file, n: 1}\n')
  await writeFile(join(desk.folder, 'text.txt'), 'one, {two}\n')
})
afterAll(async () => {
  await Promise.all([charts.close(), registry.close()])
  await desk.remove()
})

async function chart(name: string, more: string, templates: Readonly<Record<string, string>>): Promise<void> {
  const folder = join(desk.folder, name)
  await mkdir(join(folder, 'templates'), { recursive: true })
  await mkdir(join(folder, 'crds'), { recursive: true })
  await writeFile(join(folder, 'Chart.yaml'), `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n${more}`)
  await writeFile(join(folder, 'values.yaml'), 'v: {a: 1}\n')
  await writeFile(join(folder, 'crds', 'x.yaml'), 'kind: CustomResourceDefinition\nmetadata: {name: x}\n')
  for (const [file, text] of Object.entries(templates)) await writeFile(join(folder, 'templates', file), text)
}

const helm = (args: readonly string[]) =>
  run(join(peersBin, 'helm'), args, { cwd: desk.folder, env: cliEnvironment(desk.home) })

async function alike(args: readonly string[]): Promise<void> {
  const [ours, theirs] = await Promise.all([desk.run(['render', ...args]), helm(['template', ...args])])
  expect(ours.stdout, ours.stderr).toBe(theirs.code === 0 ? theirs.stdout : '')
  expect(ours.code === 0).toBe(theirs.code === 0)
  if (theirs.code === 0) return
  expect(ours.code).toBe(4)
  expect(ours.stderr).toContain(theirs.stderr.slice(theirs.stderr.indexOf('Error: ')).trim())
}

describe('ropeway render and helm template', () => {
  it.each([
    ['shop'],
    ['live shop -n a -n b'],
    ['shop -fv.yaml --set v.b=1,v.c={x,y} --set-string v.d=1'],
    ['shop -f v.yaml,v.yaml --set-json v.e={"a":[1]} --set-file v.f=text.txt --set-literal v.g=a,b'],
    ['shop --include-crds --skip-tests'],
    ['shop --include-crds=false --no-hooks'],
    ['shop --kube-version 1.29 -a x/v1,y/v1 --is-upgrade'],
    ['shop -s templates/a.yaml --name-template {{"n"}}'],
    ['-g shop --skip-schema-validation'],
    ['shop -s templates/none.yaml'],
    ['Bad_Name shop'],
    ['shop --set v'],
    ['shop --kube-version x'],
    ['shop --set v=1 --set-json v={'],
  ])('agree on %s', (line) => alike(line.split(' ')))

  it('agree on a chart that fails', async () => {
    await chart('broken', '', { 'a.yaml': '{{ fail "a   long\\n  message" }}', 'b.yaml': 'a: b\n' })
    await alike(['broken'])
    await chart('broken', '', { 'a.yaml': 'a: [\n' })
    await alike(['broken'])
  })

  it('agree on charts of repositories, registries and addresses', async () => {
    const text = (await desk.runOk(['render', 'web', '--repo', charts.url])).stdout
    expect(text).toContain('# Source: web/templates/')
    expect((await desk.runOk(['render', `oci://${registry.host}/charts/web`])).stdout).toBe(text)
    expect((await desk.runOk(['render', `${charts.url}/${web.file}`])).stdout).toBe(text)
    await alike(['web', '--repo', charts.url, '--version', '1.1.0'])
  })

  it('agree on recorded cases of the corpus', { timeout: 600_000 }, async () => {
    if (!existsSync(join(corpus, 'cases.json'))) {
      process.stderr.write(`no corpus at ROPEWAY_CORPUS or ../shared/corpus: recorded renderings are left out\n`)
      return
    }
    const cases = z.array(Case).parse(JSON.parse(readFileSync(join(corpus, 'cases.json'), 'utf8')))
    const sample = cases.filter((each, at) => at % 20 === 0 && each.exit === 0 && each.deterministic === true)
    for (const { case: name, args, golden = '' } of sample) {
      const { stdout } = await desk.runOk(['render', ...args.slice(1)], { cwd: corpus })
      expect(stdout === gunzipSync(readFileSync(join(corpus, golden))).toString(), name).toBe(true)
    }
  })
})

describe('ropeway package and helm package', () => {
  it('give the same files', async () => {
    await helm(['package', 'shop', '-d', 'theirs', '--version', '2.0.0'])
    await desk.runOk(['package', 'shop', '-o', 'ours', '--version', '2.0.0'])
    const unpack = async (folder: string) => {
      await mkdir(join(desk.folder, folder, 'x'))
      await run('tar', ['xzf', '../shop-2.0.0.tgz'], { cwd: join(desk.folder, folder, 'x') })
    }
    await unpack('theirs')
    await unpack('ours')
    const { stdout, code } = await run('diff', ['-r', 'theirs/x', 'ours/x'], { cwd: desk.folder })
    expect([code, stdout]).toEqual([0, ''])
  })
})

describe('ropeway set', () => {
  it('makes helm see another value', async () => {
    await desk.runOk(['set', 'shop', 'v.a=7'])
    expect((await helm(['template', 'shop', '-s', 'templates/a.yaml'])).stdout).toContain('"a":7')
  })
})
