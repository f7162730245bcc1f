import { spawnSync } from 'node:child_process'
import { mkdtempSync, openSync, rmSync, writeSync, closeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RepositoryIndex, indexLimits, readIndex } from './read-index.js'

const location = 'https://charts.example/index.yaml'

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += size) yield bytes.subarray(start, start + size)
}
const read = (text: string | Uint8Array, wanted: readonly string[], size = 7): Promise<RepositoryIndex> =>
  readIndex(inPieces(typeof text === 'string' ? Buffer.from(text) : text, size), wanted, location)

async function versions(text: string, chart: string): Promise<readonly (readonly [string, string | undefined])[]> {
  const index = await read(text, [chart])
  return index.charts.get(chart)?.versions.map(({ version, urls }) => [version, urls[0]] as const) ?? []
}
const error = (code: string, message: string): unknown =>
  expect.objectContaining({ code, side: 'source', message: expect.stringContaining(message) })

const generated = `apiVersion: v1
entries:
  alpha:
  - annotations:
      artifacthub.io/changes: |
        - kind: added
          description: "entries: of many kinds"

      images: |
        beta:
        - apiVersion: v9
    apiVersion: v2
    appVersion: 1.10
    created: "2024-01-02T03:04:05.678Z"
    dependencies:
    - name: common
      version: 9.9.9
    description: A text that goes on
      on the next line, version: 7
    digest: sha256:${'a'.repeat(64)}
    name: alpha
    urls:
    - alpha-1.10.0.tgz
    - https://mirror.example/alpha-1.10.0.tgz
    version: 1.10.0
  - apiVersion: v2
    digest: ${'b'.repeat(64)}
    name: alpha
    urls: [alpha-1.9.0.tgz]
    version: 1.9.0
  - name: alpha
    urls:
    - alpha-2.tgz
    version: 2.0
  beta:
  - name: beta
    version: 0.1.0
generated: "2024-01-02T03:04:05Z"
serverInfo: {}
`

describe('readIndex', () => {
  it('reads the wanted charts of a generated index, newest first, and names all', async () => {
    const index = await read(generated, ['alpha', 'nope'])
    expect(index.names).toEqual(['alpha', 'beta'])
    expect([...index.charts.keys()]).toEqual(['alpha'])
    expect(index.charts.get('alpha')?.versions.map(({ version }) => version)).toEqual(['2.0', '1.10.0', '1.9.0'])
    expect(index.charts.get('alpha')?.versions[1]).toEqual({
      name: 'alpha',
      version: '1.10.0',
      appVersion: '1.10',
      urls: ['alpha-1.10.0.tgz', 'https://mirror.example/alpha-1.10.0.tgz'],
      digest: `sha256:${'a'.repeat(64)}`,
      created: '2024-01-02T03:04:05.678Z',
      deprecated: false,
    })
  })

  it('reads the same from every style that people and tools write', async () => {
    const expected = await read(generated, ['alpha', 'beta'])
    const same = async (text: string | Uint8Array) => {
      expect(await read(text, ['alpha', 'beta'])).toEqual(expected)
    }
    const lines = generated.split('\n')
    const deeper = lines.map((line) => (line.startsWith('  ') ? `  ${line}` : line)).join('\n')
    const listsIndented = lines.map((line) => (/^ {2}(?:-| )/.test(line) ? `  ${line}` : line)).join('\n')
    await same(`\uFEFF${generated}`)
    await same(generated.replaceAll('\n', '\r\n'))
    await same(`# a comment\n---\n${generated}`)
    await same(`${generated}---\nanother: document\n`)
    await same(generated.trimEnd())
    await same(deeper)
    await same(listsIndented)
    await same(generated.replace('  alpha:', '  "alpha":').replace('\n  beta:', "\n  'beta': # quoted"))
    await same(generated.replace('entries:\n', '"entries": # all\n\n  # the first\n'))
    await same(generated.replace('\n  beta:', '\n\n# between\n  # indented\n  beta:'))
    await same(generated.replace(/^generated.*\n/m, '').replace('apiVersion: v1\n', 'generated: x\napiVersion: v1\n'))
    await same(gzipSync(generated))
  })

  it('parses as a whole what cannot be cut', async () => {
    const expected = [
      ['1.1.0', 'b.tgz'],
      ['1.0.0', 'a.tgz'],
    ]
    const flow = '{name: x, version: 1.0.0, urls: [a.tgz]}, {name: x, version: 1.1.0, urls: [b.tgz]}'
    const asJson = JSON.stringify({
      apiVersion: 'v1',
      entries: {
        x: [
          { name: 'x', version: '1.0.0', urls: ['a.tgz'] },
          { name: 'x', version: '1.1.0', urls: ['b.tgz'] },
        ],
      },
    })
    for (const text of [
      asJson,
      `\n  ${asJson}`,
      `{apiVersion: v1, entries: {x: [${flow}]}}`,
      `apiVersion: v1\nentries: {x: [${flow}]}\n`,
      `apiVersion: v1\nentries:\n  x: [${flow}]\n`,
      `apiVersion: v1\nentries:\n  x:\n    [${flow}]\n`,
      `apiVersion: v1\nentries:\n  x:\n  - {name: x, version: 1.0.0, urls: [a.tgz]}\n  - name: x\n    version: 1.1.0\n    urls: [b.tgz]\n`,
      `apiVersion: v1\nentries:\n  y: &y\n  - &a {name: x, version: 1.0.0, urls: [a.tgz]}\n  - {name: x, version: 1.1.0, urls: [b.tgz]}\n  x: *y\n`,
      `apiVersion: v1\nentries:\n  ? x\n  : [${flow}]\n`,
      `apiVersion: v1\nentries:\n  x:\n  -\n    name: x\n    version: 1.0.0\n    urls: ['a.tgz']\n  -   name: x\n      version: 1.1.0\n      urls: [b.tgz]\n`,
      `apiVersion: v1\nbase: &b\n  urls: [a.tgz]\nentries:\n  x:\n  - <<: *b\n    name: x\n    version: 1.0.0\n  - name: x\n    version: 1.1.0\n    urls: [b.tgz]\n`,
    ]) {
      expect([text, await versions(text, 'x')]).toEqual([text, expected])
    }
  })

  it('keeps versions as they are written', async () => {
    const text =
      'apiVersion: v1\nentries:\n  x:\n  - {name: x, version: 1.10}\n  - {name: x, version: 1e3}\n  - {name: x, version: 2024.01.05}\n  - {name: x, version: "1.2"}\n'
    expect((await versions(text, 'x')).map(([version]) => version)).toEqual(['2024.01.05', '1.10', '1.2'])
    expect(await versions('{"apiVersion":"v1","entries":{"x":[{"name":"x","version":1.5}]}}', 'x')).toEqual([
      ['1.5', undefined],
    ])
  })

  it('skips entries that cannot be used and says why', async () => {
    const text =
      'apiVersion: v1\nentries:\n  x:\n  - name: x\n    version: latest\n  - name: x\n    version: 1.0.0\n  -\n  - version: 2.0.0\n  - name: a/b\n    version: 1.0.0\n'
    expect((await read(text, ['x'])).charts.get('x')).toMatchObject({
      versions: [{ version: '1.0.0' }],
      skipped: [
        'entry 1: "latest" is no version',
        'entry 3: it is no entry with a name and a version',
        'entry 4: it is no entry with a name and a version',
        'entry 5: "a/b" is no chart\'s name',
      ],
    })
  })

  it('takes the last of charts that stand there twice, and says so', async () => {
    const text =
      'apiVersion: v1\nentries:\n  x:\n  - {name: x, version: 1.0.0}\n  y: []\n  x:\n  - {name: x, version: 2.0.0}\n'
    const index = await read(text, ['x', 'y'])
    expect(index.repeated).toEqual(['x'])
    expect(index.charts.get('x')?.versions).toMatchObject([{ version: '2.0.0' }])
    expect(index.charts.get('y')?.versions).toEqual([])
  })

  it.each([
    ['', 'it is empty'],
    [' \n\t\n', 'it is empty'],
    ['  <!doctype html><title>Sign in</title>', 'it is a web page; perhaps a login page'],
    ['entries: {}\n', 'it has no apiVersion'],
    ['entries:\n  a:\n  - name: a\n', 'it has no apiVersion'],
    ['{"entries": {}}', 'it has no apiVersion'],
    ['just a text', 'it is no map'],
    ['- a\n- b\n', 'it is no map'],
    ['[1, 2]', 'it is no map'],
    ['apiVersion: v1\nentries: [a]\n', 'its "entries" are no map'],
    ['apiVersion: v1\nentries:\n  x:\n  - name: "x\n', 'Missing closing "quote'],
    ['apiVersion: v1\nentries:\n    x:\n  y:\n', ''],
    ['{"apiVersion": "v1", ', ''],
  ])('refuses %j', async (text, message) => {
    await expect(read(text, ['x'])).rejects.toThrow(error('INDEX_INVALID', message))
  })

  it('accepts an index without charts', async () => {
    for (const text of [
      'apiVersion: v1\nentries: {}\n',
      'apiVersion: v1\nentries:\ngenerated: x\n',
      'apiVersion: v1\n',
    ]) {
      expect(await read(text, ['x'])).toEqual({ names: [], charts: new Map(), repeated: [] })
    }
  })

  it('says when a packed body is damaged, and passes on what the stream throws', async () => {
    const body = gzipSync(generated)
    await expect(read(body.subarray(0, 100), ['x'])).rejects.toThrow(
      error('INDEX_INVALID', 'its compression is damaged'),
    )
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield body.subarray(0, 100)
      throw new TypeError('the line is dead')
    }
    await expect(readIndex(broken(), ['x'], location)).rejects.toThrow('the line is dead')
  })

  it('refuses what is larger than it may be', async () => {
    async function* endless(text: string): AsyncGenerator<Uint8Array> {
      for (const chunk = Buffer.alloc(1024 * 1024, text); ;) yield chunk
    }
    const refused = (text: string) => expect(readIndex(endless(text), ['x'], location)).rejects
    await refused('a: b\n').toThrow(error('INDEX_TOO_LARGE', String(indexLimits.whole)))
    await refused('x').toThrow(error('INDEX_TOO_LARGE', String(indexLimits.whole)))
    await refused('{"a":1,').toThrow(error('INDEX_TOO_LARGE', String(indexLimits.json)))
    const chart = Buffer.from('apiVersion: v1\nentries:\n  x:\n')
    async function* oneChart(line: string): AsyncGenerator<Uint8Array> {
      yield chart
      yield* endless(line)
    }
    for (const line of ['  - name: x\n    version: 1.0.0\n', '  - name: x # on and on']) {
      const index = readIndex(oneChart(line), ['x'], location)
      await expect(index).rejects.toThrow(error('INDEX_TOO_LARGE', String(indexLimits.whole)))
    }
    const exotic = `apiVersion: v1\nentries: {}\nx: "${'x'.repeat(indexLimits.exotic)}"\nentries: {}\n`
    await expect(read(exotic, ['x'], 65536)).rejects.toThrow(error('INDEX_TOO_LARGE', 'parsed as a whole'))
  })
})

describe('an index of 25 MB', () => {
  const reader = fileURLToPath(new URL('../../testdata/read-large-index.mjs', import.meta.url))
  let folder = ''
  let file = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ropeway-index-'))
    file = join(folder, 'index.yaml')
    writeLargeIndex(file, 25 * 1024 * 1024)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  // a full parse of it was measured at 1.3 GB
  it.each([
    ['one chart', ['chart-0050']],
    ['every chart', Array.from({ length: 100 }, (_, index) => `chart-${String(index).padStart(4, '0')}`)],
  ])('is read in a heap of 64 MB: %s', (_title, wanted) => {
    const args = ['--max-old-space-size=64', '--conditions=@ropeway/source', reader, file, ...wanted]
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
    const { charts, names, versions, megabytes } = JSON.parse(stdout) as Record<string, number>
    expect({ charts, versions }).toEqual({ charts: wanted.length, versions: wanted.length * 80 })
    expect(names).toBeGreaterThan(100)
    expect(megabytes).toBeLessThan(300)
  })
})

/** As `helm repo index` writes it: eighty versions of every chart. */
function writeLargeIndex(file: string, bytes: number): void {
  const output = openSync(file, 'w')
  let written = writeSync(output, 'apiVersion: v1\nentries:\n')
  for (let chart = 0; written < bytes; chart++) {
    const name = `chart-${String(chart).padStart(4, '0')}`
    const versions = Array.from({ length: 80 }, (_, minor) => largeEntry(name, minor))
    written += writeSync(output, `  ${name}:\n${versions.join('')}`)
  }
  writeSync(output, 'generated: "2024-01-02T03:04:05Z"\n')
  closeSync(output)
}

function largeEntry(name: string, minor: number): string {
  const version = `1.${String(minor)}.0`
  return `  - annotations:
      category: Database
      images: |
        - name: ${name}
          image: registry.example/library/${name}:${version}
        - name: exporter
          image: registry.example/library/${name}-exporter:${version}
    apiVersion: v2
    appVersion: ${version}
    created: "2024-01-02T03:04:05.678901234Z"
    dependencies:
    - name: common
      repository: oci://registry.example/charts
      tags:
      - common
      version: 2.x.x
    description: ${name} is a database that stores what it is given and gives it back
      when it is asked for it, in the order in which it came.
    digest: ${String(minor).padStart(64, '0')}
    home: https://charts.example/${name}
    icon: https://charts.example/${name}/icon.png
    keywords:
    - database
    - sql
    maintainers:
    - email: team@charts.example
      name: The team of ${name}
    name: ${name}
    sources:
    - https://git.example/charts/tree/main/${name}
    type: application
    urls:
    - https://charts.example/files/${name}-${version}.tgz
    version: ${version}
`
}
