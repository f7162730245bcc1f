import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand, type Ran } from '../commands.fixture.js'
import type { ImagesResult } from '../results.js'

const folder = mkdtempSync(join(tmpdir(), 'ropeway-images-'))
const chart = join(folder, 'shop')
const manifest = join(folder, 'app.yaml')

function write(path: string, text: string): string {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

const pod = (name: string, image: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\nspec:\n  containers:\n  - name: main\n    image: ${image}\n`

beforeAll(() => {
  write('shop/Chart.yaml', 'apiVersion: v2\nname: shop\nversion: 1.0.0\n')
  write('shop/values.yaml', 'image: { repository: quay.io/shop/web, tag: "2.0" }\nmetrics: { enabled: false }\n')
  write('shop/templates/web.yaml', pod('web', '{{ .Values.image.repository }}:{{ .Values.image.tag }}'))
  write(
    'shop/templates/metrics.yaml',
    `{{- if .Values.metrics.enabled }}\n${pod('metrics', 'quay.io/shop/metrics:1')}{{- end }}\n`,
  )
  write(
    'shop/templates/hint.yaml',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\ndata:\n  runner: ghcr.io/shop/runner:3.1\n',
  )
  write('app.yaml', pod('other', 'redis:7'))
  write('broken/Chart.yaml', 'apiVersion: v2\nname: broken\nversion: 1.0.0\n')
  write('broken/templates/a.yaml', '{{ fail "no way" }}')
})
afterAll(() => rmSync(folder, { recursive: true }))

function json({ stdout }: Ran): ImagesResult {
  return JSON.parse(stdout) as ImagesResult
}
const references = (ran: Ran): string[] => json(ran).images.map((image) => `${image.class} ${image.reference}`)

describe('ropeway images', () => {
  it('gives the used images of a chart, with where they come from', async () => {
    const ran = await runCommand('images', chart, '--json')
    expect(ran.error).toBeUndefined()
    expect(references(ran)).toEqual(['used quay.io/shop/web:2.0'])
    expect(json(ran).images[0]?.provenance).toEqual([
      {
        ...{ target: chart, chart: 'shop', template: 'shop/templates/web.yaml', line: 7, place: 'container' },
        object: { apiVersion: 'v1', kind: 'Pod', name: 'web' },
        path: 'spec.containers[0].image',
        values: ['image.repository', 'image.tag'],
      },
    ])
  })

  it('adds optional and suspected ones when asked', async () => {
    const ran = await runCommand('images', chart, '--json', '--optional', '--suspected')
    expect(references(ran)).toEqual([
      'suspected ghcr.io/shop/runner:3.1',
      'optional quay.io/shop/metrics:1',
      'used quay.io/shop/web:2.0',
    ])
    expect(json(ran).images[1]?.switch).toEqual({ 'metrics.enabled': true })
    expect((await runCommand('images', chart)).stdout).toContain('1 optional (--optional), 1 suspected (--suspected)')
  })

  it('takes the flags that shape a rendering', async () => {
    const ran = await runCommand('images', chart, '--json', '--set', 'metrics.enabled=true', '--name', 'live')
    expect(references(ran)).toEqual(['used quay.io/shop/metrics:1', 'used quay.io/shop/web:2.0'])
  })

  it('writes a list, and compares with one', async () => {
    const list = join(folder, 'images.txt')
    expect((await runCommand('images', chart, manifest, '--list')).stdout).toBe('quay.io/shop/web:2.0\nredis:7\n')
    await runCommand('images', chart, manifest, '--list', '-o', list, '--optional')
    expect(readFileSync(list, 'utf8')).toBe(
      'quay.io/shop/metrics:1 # optional: metrics.enabled=true\nquay.io/shop/web:2.0\nredis:7\n',
    )
    expect((await runCommand('images', chart, manifest, '--optional', '--check', list)).exitCode).toBeUndefined()
    writeFileSync(list, 'docker.io/library/redis:7\nquay.io/old/one:1\n')
    const ran = await runCommand('images', chart, manifest, '--check', list)
    expect(ran.exitCode).toBe(4)
    expect(ran.stdout).toBe(`+ quay.io/shop/web:2.0\n- quay.io/old/one:1  (${list}:2)\n`)
    expect(ran.stderr).toContain('out of date')
  })

  it('says why an image is there', async () => {
    const ran = await runCommand('images', chart, '--why', 'quay.io/shop/web:2.0')
    expect(ran.stdout).toContain('shop/templates/web.yaml:7')
    expect(ran.stdout).toContain('values: image.repository, image.tag')
    const none = await runCommand('images', chart, '--why', 'quay.io/shop/wep:2.0')
    expect(none.error).toMatchObject({ code: 'IMAGE_NOT_FOUND', hint: expect.stringContaining('web:2.0') as string })
    const part = await runCommand('images', chart, '--why', 'shop/web')
    expect(part.error).toMatchObject({ hint: expect.stringContaining('quay.io/shop/web:2.0') as string })
  })

  it('adds images of a list', async () => {
    const more = write('more.txt', 'busybox:1\n')
    expect(references(await runCommand('images', chart, '--json', '--add', more))).toContain('used busybox:1')
  })

  it('reads a folder of manifests, and says when there are none', async () => {
    const some = dirname(write('k8s/deep/a.yml', pod('a', 'nginx:1')))
    expect(references(await runCommand('images', dirname(some), '--json'))).toEqual(['used nginx:1'])
    mkdirSync(join(folder, 'empty'))
    const ran = await runCommand('images', join(folder, 'empty'))
    expect(ran.exitCode).toBe(3)
    expect(ran.stderr).toContain('neither a chart nor a manifest')
  })

  it('ends with 4 for a chart that cannot be rendered, and still shows the others', async () => {
    const ran = await runCommand('images', join(folder, 'broken'), manifest, '--json')
    expect(ran.exitCode).toBe(4)
    expect(references(ran)).toEqual(['used redis:7'])
    expect(JSON.parse(ran.stdout)).toMatchObject({
      error: { code: 'CHART_NOT_RENDERED', message: expect.stringContaining('no way') as string },
    })
  })
})
