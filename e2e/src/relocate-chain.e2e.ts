import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fakeRegistry, makeImage, type FakeRegistry } from '@ropeway/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openDesk, type Desk } from './harness/desk.ts'
import { peer } from './harness/process.ts'

const Proof = z.object({
  proved: z.boolean(),
  references: z.array(z.object({ before: z.string(), after: z.string(), how: z.string(), proved: z.boolean() })),
})
const Relocated = z.object({
  charts: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      proved: z.boolean(),
      directory: z.string(),
      files: z.array(z.string()),
    }),
  ),
})
const Listed = z.object({ images: z.array(z.object({ reference: z.string(), class: z.string() })) })

let desk: Desk
let near: FakeRegistry
const destination = 'harbor.corp/mirror'
const whole = (chart: string) => [`${chart}.tgz`, 'proof.json', 'proof.md', 'values.yaml'].sort()

beforeAll(async () => {
  desk = await openDesk('relocate-chain')
  near = await fakeRegistry()
  for (const name of ['app/web', 'app/db', 'app/job', 'app/extra']) {
    await near.push(name, await makeImage({ layers: [{ size: 100, seed: name }] }), ['1'])
  }
  await chart('web', 'image: NEAR/app/web:1\nextra: { enabled: false }\n', [
    pod('web', '{{ .Values.image }}'),
    `{{ if .Values.extra.enabled }}\n---\n${pod('extra', 'NEAR/app/extra:1')}{{ end }}`,
  ])
  await chart('db', 'image: { registry: NEAR, name: app/db, tag: "1" }\n', [
    pod('db', '{{ with .Values.image }}{{ .registry }}/{{ .name }}:{{ .tag }}{{ end }}'),
  ])
  // nothing of this reference stands anywhere as a text
  await chart(
    'pieces',
    `letters: [${[...`${near.host}/app/web:1`].map((letter) => JSON.stringify(letter)).join(', ')}]\n`,
    [pod('pieces', '{{ range .Values.letters }}{{ . | lower }}{{ end }}')],
  )
  await writeFile(join(desk.folder, 'job.yaml'), pod('job', 'NEAR/app/job:1').replaceAll('NEAR', near.host))
})
afterAll(async () => {
  await near.close()
  await desk.remove()
})
beforeEach(() => rm(join(desk.folder, 'out'), { recursive: true, force: true }))

const pod = (name: string, image: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n  containers:\n  - name: a\n    image: "${image}"\n`

async function chart(name: string, values: string, templates: readonly string[]): Promise<void> {
  const folder = join(desk.folder, name)
  await mkdir(join(folder, 'templates'), { recursive: true })
  await writeFile(join(folder, 'Chart.yaml'), `apiVersion: v2\nname: ${name}\nversion: 1.2.3\n`)
  await writeFile(join(folder, 'values.yaml'), values.replaceAll('NEAR', near.host))
  for (const [at, text] of templates.entries()) {
    await writeFile(join(folder, 'templates', `t${String(at)}.yaml`), text.replaceAll('NEAR', near.host))
  }
}

async function chain(...charts: string[]): Promise<void> {
  await desk.chain({
    name: 'shop',
    sources: [{ helm: { charts: charts.map((name) => `./${name}`) } }, { files: { manifests: 'job.yaml' } }],
  })
}

const files = async (...path: string[]) => (await readdir(join(desk.folder, 'out', ...path))).sort()
const relocate = (...flags: string[]) => ['relocate', 'ropeway.yaml', '--registry', destination, '-o', 'out', ...flags]
const proofOf = async (name: string) =>
  Proof.parse(JSON.parse(await readFile(join(desk.folder, 'out', name, 'proof.json'), 'utf8')))

describe('ropeway relocate CHAIN', () => {
  it('writes exactly four files for each chart, which helm renders with the images moved', async () => {
    await chain('web', 'db')
    const { charts } = Relocated.parse((await desk.runOk([...relocate(), '--json'])).json())
    expect(charts.map(({ name, proved, files: written }) => ({ name, proved, written: written.toSorted() }))).toEqual([
      { name: 'db', proved: true, written: whole('db-1.2.3') },
      { name: 'web', proved: true, written: whole('web-1.2.3') },
    ])
    expect(await files()).toEqual(['db-1.2.3', 'web-1.2.3'])
    for (const name of ['db', 'web']) {
      expect(await files(`${name}-1.2.3`)).toEqual(whole(`${name}-1.2.3`))
      const archive = join(desk.folder, 'out', `${name}-1.2.3`, `${name}-1.2.3.tgz`)
      expect(await peer('helm', ['template', archive])).toContain(`image: "${destination}/app/${name}:1"`)
    }
    const { references } = await proofOf('web-1.2.3')
    expect(references.map(({ before, after }) => [before, after])).toContainEqual([
      `${near.host}/app/web:1`,
      `${destination}/app/web:1`,
    ])
  })

  it('leaves charts as they are in overlay mode, and writes values that move the images', async () => {
    await chain('web')
    await desk.runOk(relocate('--mode', 'overlay', '--allow-unproved'))
    const folder = join(desk.folder, 'out', 'web-1.2.3')
    const archive = join(folder, 'web-1.2.3.tgz')
    expect(await peer('helm', ['template', archive])).toContain(`image: "${near.host}/app/web:1"`)
    expect(await peer('helm', ['template', archive, '-f', join(folder, 'values.yaml')])).toContain(
      `image: "${destination}/app/web:1"`,
    )
  })

  it('writes the proof alone of a chart whose reference is put together from pieces, and the others whole', async () => {
    await chain('web', 'pieces')
    const { code, error } = await desk.fails(relocate())
    expect(code).toBe(4)
    expect(error).toMatchObject({ code: 'RELOCATION_UNPROVED', about: 'chart:pieces:1.2.3' })
    expect(await files('pieces-1.2.3')).toEqual(['proof.json', 'proof.md'])
    expect(await proofOf('pieces-1.2.3')).toMatchObject({ proved: false })
    expect(await readFile(join(desk.folder, 'out', 'pieces-1.2.3', 'proof.md'), 'utf8')).toContain('app/web:1')
    expect(await files('web-1.2.3')).toEqual(whole('web-1.2.3'))
  })

  it('writes all of it with --allow-unproved, names it, and ends well', async () => {
    await chain('web', 'pieces')
    const { charts } = Relocated.parse((await desk.runOk([...relocate('--allow-unproved'), '--json'])).json())
    expect(charts.map(({ name, proved }) => [name, proved])).toEqual([
      ['pieces', false],
      ['web', true],
    ])
    expect(await files('pieces-1.2.3')).toEqual(whole('pieces-1.2.3'))
    await rm(join(desk.folder, 'out'), { recursive: true })
    const { stdout, stderr } = await desk.runOk(relocate('--allow-unproved'))
    expect(stdout + stderr).toContain('pieces')
  })

  it('refuses flags that shape one rendering', async () => {
    await chain('web')
    expect((await desk.fails(relocate('--set', 'a=1'))).error).toMatchObject({ code: 'FLAG_CONFLICT', exitCode: 2 })
  })
})

describe('ropeway images CHAIN', () => {
  const used = () => ['app/db', 'app/job', 'app/web'].map((name) => `${near.host}/${name}:1`)

  it('lists what charts and manifests use', async () => {
    await chain('web', 'db')
    const { stdout } = await desk.runOk(['images', 'ropeway.yaml', '--list'])
    expect(stdout.trim().split('\n').sort()).toEqual(used())
    const { images } = Listed.parse((await desk.runOk(['images', 'ropeway.yaml', '--json'])).json())
    expect(images.map(({ reference, class: found }) => `${found} ${reference}`).sort()).toEqual(
      used().map((reference) => `used ${reference}`),
    )
  })

  it('says why an image is there, and near names for one that is not', async () => {
    await chain('web', 'db')
    const { stdout } = await desk.runOk(['images', 'ropeway.yaml', '--why', `${near.host}/app/job:1`])
    expect(stdout).toContain('job')
    const { error } = await desk.fails(['images', 'ropeway.yaml', '--why', `${near.host}/app/jb:1`])
    expect(error.code).toBe('IMAGE_NOT_FOUND')
    expect(error.hint).toContain('app/job:1')
  })

  it('compares with a list, and ends with exit code 4 and the difference', async () => {
    await chain('web', 'db')
    await writeFile(join(desk.folder, 'images.txt'), `${used().join('\n')}\n`)
    await desk.runOk(['images', 'ropeway.yaml', '--check', 'images.txt'])
    await writeFile(join(desk.folder, 'images.txt'), `${used().slice(1).join('\n')}\nredis:7\n`)
    const { code, stdout } = await desk.run(['images', 'ropeway.yaml', '--check', 'images.txt'])
    expect(code).toBe(4)
    expect(stdout).toMatch(new RegExp(`\\+ ${near.host}/app/db:1`))
    expect(stdout).toMatch(/- .*redis:7/)
  })
})
