import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fakeRegistry, makeImage, makeIndex, type FakeRegistry } from '@ropeway/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDesk, type Desk } from './harness/desk.ts'

let desk: Desk
let folder = ''
let near: FakeRegistry
beforeEach(async () => {
  desk = await openDesk('charts')
  folder = desk.folder
  near = await fakeRegistry()
  for (const name of ['app/web', 'app/db', 'other/web']) {
    await near.push(name, await makeImage({ layers: [{ size: 100, seed: name }] }), ['1'])
  }
})
afterEach(async () => {
  await near.close()
  await desk.remove()
})

const field = '{{ .Values.image }}'

/** A chart whose one container has the image `image` of its values; `text` is the field. */
async function chart(name: string, image: string, { text = field, more = '' } = {}): Promise<string> {
  const directory = join(folder, name)
  await mkdir(join(directory, 'templates'), { recursive: true })
  await writeFile(join(directory, 'Chart.yaml'), `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`)
  await writeFile(join(directory, 'values.yaml'), image === '' ? '{}\n' : `image: ${near.host}/${image}\n`)
  const pod =
    image === '' ? '' : `kind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - {name: a, image: "${text}"}\n`
  await writeFile(
    join(directory, 'templates', 'web.yaml'),
    `${more}apiVersion: v1\n${pod === '' ? 'kind: ConfigMap\n' : pod}`,
  )
  await desk.runOk(['package', directory, '-o', folder])
  return join(folder, `${name}-1.0.0.tgz`)
}

async function chain(charts: readonly string[], extra: object = {}): Promise<string> {
  const file = join(folder, 'chain.yaml')
  await writeFile(file, JSON.stringify({ name: 'shop', sources: [{ helm: { charts } }], ...extra }))
  return file
}

const to = (options: object = {}) => ({ transforms: [{ rewrite: { registry: 'harbor.corp/m', ...options } }] })
const failed = (stdout: string) => {
  const { error } = JSON.parse(stdout) as { error: Told & { errors?: Told[] } }
  return (error.errors ?? [error]).map(({ code, about }) => `${code} ${about ?? ''}`.replaceAll(near.host, 'near'))
}
interface Told {
  readonly code: string
  readonly about?: string
}

async function scanned(file: string, ...flags: string[]) {
  const out = join(folder, 'out')
  const ran = await desk.run(['run', file, '--scan-only', '-o', out, '--json', ...flags])
  const files = async (name: string) => (await readdir(join(out, name)).catch(() => [])).sort()
  return { ...ran, out, files }
}

describe('run --scan-only', () => {
  it('writes what would become of each chart, with its proof, and delivers nothing', async () => {
    const { code, out, files } = await scanned(await chain([await chart('web', 'app/web:1')], to()))
    expect(code).toBe(0)
    expect(await files('web-1.0.0')).toEqual(['proof.json', 'proof.md', 'values.yaml', 'web', 'web-1.0.0.tgz'])
    const text = async (...path: string[]) => readFile(join(out, 'web-1.0.0', ...path), 'utf8')
    expect(await text('web', 'values.yaml')).toBe('image: harbor.corp/m/app/web:1\n')
    expect(JSON.parse(await text('proof.json'))).toMatchObject({ proved: true })
  })

  it('writes of what is not proved the proof alone, and all of it with --allow-unproved', async () => {
    const file = await chain([await chart('web', 'app/web:1'), await chart('db', 'app/db:1')], {
      ...to(),
      discover: { classes: [], images: [`${near.host}/app/db:1`] },
    })
    const refused = await scanned(file)
    expect([refused.code, failed(refused.stdout)]).toEqual([4, ['RELOCATION_UNPROVED chart:web:1.0.0']])
    expect(await refused.files('web-1.0.0')).toEqual(['proof.json', 'proof.md'])
    expect(await refused.files('db-1.0.0')).toContain('db-1.0.0.tgz')
    const allowed = await scanned(file, '--allow-unproved')
    expect(allowed.code).toBe(0)
    expect(await allowed.files('web-1.0.0')).toContain('web-1.0.0.tgz')
    expect(allowed.stdout).toContain('UNPROVED_TRAVELS')
  })
})

describe('charts with a fault', () => {
  it.each([
    ['that need values', '{{ required "say image" .Values.nowhere }}\n', 'CHART_NOT_RENDERED bad'],
    ['that fail', '{{ fail "not today" }}\n', 'CHART_NOT_RENDERED bad'],
  ])('%s are told, and the others done', async (_what, more, told) => {
    const file = await chain([await chart('web', 'app/web:1'), await chart('bad', 'app/db:1', { more })], to())
    const ran = await scanned(file)
    expect([ran.code, failed(ran.stdout)]).toEqual([4, [told]])
    expect(await ran.files('web-1.0.0')).toContain('web-1.0.0.tgz')
    expect(await ran.files('bad-1.0.0')).toEqual([])
  })

  it('are no such when they have no images', async () => {
    const { code, files } = await scanned(await chain([await chart('plain', '')], to()))
    expect(code).toBe(0)
    expect(await files('plain-1.0.0')).toContain('plain-1.0.0.tgz')
  })

  it('whose images would share one destination do not travel, the others do', async () => {
    const charts = [await chart('one', 'app/web:1'), await chart('two', 'other/web:1'), await chart('db', 'app/db:1')]
    const map = { [`${near.host}/app/web:1`]: 'web:1', [`${near.host}/other/web:1`]: 'web:1' }
    const ran = await scanned(await chain(charts, to({ map })))
    expect(ran.code).toBe(4)
    expect(failed(ran.stdout)).toEqual([
      'DESTINATION_COLLISION harbor.corp/m/web:1',
      'IMAGE_NAMELESS chart:one:1.0.0',
      'IMAGE_NAMELESS chart:two:1.0.0',
    ])
    expect(await ran.files('db-1.0.0')).toContain('db-1.0.0.tgz')
    expect(await ran.files('one-1.0.0')).toEqual([])
  })

  it('are told when an override names none, with near names; the others are done', async () => {
    const overlay = { overlay: { charts: 'wbe', values: { image: 'x' } } }
    const { transforms } = to()
    const file = await chain([await chart('web', 'app/web:1')], { transforms: [overlay, ...transforms] })
    const ran = await scanned(file)
    expect([ran.code, failed(ran.stdout)]).toEqual([4, ['OVERLAY_UNUSED wbe']])
    expect(ran.stdout).toContain('web')
    expect(await ran.files('web-1.0.0')).toContain('web-1.0.0.tgz')
  })

  it('with a digest pin keep it where a platform is selected that is all there is', async () => {
    const image = await makeImage({ layers: [{ size: 100, seed: 'pinned' }] })
    await near.push('app/pinned', image, ['1'])
    const ran = await scanned(await chain([await chart('web', `app/pinned:1@${image.root.digest}`)], to()))
    expect(ran.code).toBe(0)
    expect(await readFile(join(ran.out, 'web-1.0.0', 'values.yaml'), 'utf8')).toContain(`@${image.root.digest}`)
  })

  /** An image of two platforms, and the digest of the first of them. */
  const several = async (): Promise<readonly [pinned: string, selected: string]> => {
    const images = await Promise.all(['linux/amd64', 'linux/arm64'].map((platform) => makeImage({ platform })))
    const index = await makeIndex(images)
    await near.push('app/many', index, ['1'])
    return [`app/many:1@${index.root.digest}`, images[0]?.root.digest ?? '']
  }

  it('with a digest pin that the selection of a platform changes have the new one, which the proof tells', async () => {
    const [pinned, selected] = await several()
    const ran = await scanned(await chain([await chart('pin', pinned)], { ...to(), platforms: ['linux/amd64'] }))
    expect(ran.code).toBe(0)
    const moved = `harbor.corp/m/app/many:1@${selected}`
    expect(await readFile(join(ran.out, 'pin-1.0.0', 'values.yaml'), 'utf8')).toContain(moved)
    expect(JSON.parse(await readFile(join(ran.out, 'pin-1.0.0', 'proof.json'), 'utf8'))).toMatchObject({
      proved: true,
      references: [{ before: `${near.host}/${pinned}`, after: moved }],
    })
  })

  it('with such a pin that nothing can change are not proved, the others are done', async () => {
    const [pinned] = await several()
    const letters = [...`${near.host}/${pinned}`].map((letter) => JSON.stringify(letter)).join(' ')
    const more = `{{- define "pinned" }}{{ range list ${letters} }}{{ . | lower }}{{ end }}{{ end -}}\n`
    const text = '{{ include `pinned` . }}'
    const charts = [await chart('pin', pinned, { text, more }), await chart('db', 'app/db:1')]
    const ran = await scanned(await chain(charts, { ...to(), platforms: ['linux/amd64'] }))
    expect([ran.code, failed(ran.stdout)]).toEqual([4, ['RELOCATION_UNPROVED chart:pin:1.0.0']])
    expect(await ran.files('pin-1.0.0')).toEqual(['proof.json', 'proof.md'])
    expect(await ran.files('db-1.0.0')).toContain('db-1.0.0.tgz')
  })
})

describe('import', () => {
  const valuesAt = async (far: FakeRegistry) => {
    const pulled = join(folder, 'pulled')
    await rm(pulled, { recursive: true, force: true })
    await desk.runOk(['fetch', `${far.host}/m/web:1.0.0`, '-o', pulled])
    const [archive = ''] = (await readdir(pulled)).filter((name) => name.endsWith('.tgz'))
    const { stdout } = await desk.runOk(['render', join(pulled, archive)])
    return /image: "?([^"}]+)"?/.exec(stdout)?.[1]?.replace(far.host, 'far').replace(near.host, 'near')
  }

  it.each([
    [[], 'far/m/app/web:1'],
    [['--charts', 'overlay'], 'near/app/web:1'],
    [['--charts', 'as-is'], 'near/app/web:1'],
  ])('%j leaves the chart with the image %s', async (flags, image) => {
    const bundle = join(folder, 'shop.tar')
    const file = await chain([await chart('web', 'app/web:1')])
    await desk.runOk(['export', file, '-o', bundle])
    const far = await fakeRegistry()
    try {
      await desk.runOk(['import', bundle, '--registry', `${far.host}/m`, ...flags])
      expect(await valuesAt(far)).toBe(image)
    } finally {
      await far.close()
    }
  })
})
