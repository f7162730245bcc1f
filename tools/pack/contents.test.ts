import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Room } from '../workspace/rooms.mjs'
import { contentProblems } from './contents.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

const manifest = {
  name: '@ropeway/plugin-x',
  version: '0.1.0',
  description: 'x',
  keywords: ['ropeway-plugin', 'oclif-plugin'],
  license: 'Apache-2.0',
  type: 'module',
  sideEffects: false,
  engines: { node: '>=22' },
  publishConfig: { access: 'public' },
  exports: { '.': { '@ropeway/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' } },
  oclif: { ropeway: { adapters: [{ kind: 'source', name: 'x', module: './dist/index.js', export: 'x' }] } },
  dependencies: { zod: '^4' },
}
const good = {
  LICENSE: '',
  'src/index.ts': '',
  'src/part.ts': '',
  'dist/index.js': "import { z } from 'zod'\nexport { part } from './part.js'\nimport 'node:fs'",
  'dist/index.d.ts': '',
  'dist/part.js': '',
  'dist/part.d.ts': '',
}

function problemsOf(changes: Readonly<Record<string, string | undefined>>, metadata: object = {}): string[] {
  const unpacked = mkdtempSync(join(tmpdir(), 'contents-'))
  folders.push(unpacked)
  const files = { ...good, 'package.json': JSON.stringify({ ...manifest, ...metadata }), ...changes }
  for (const [path, text] of Object.entries(files)) {
    if (text === undefined) continue
    mkdirSync(dirname(join(unpacked, path)), { recursive: true })
    writeFileSync(join(unpacked, path), text)
  }
  const paths = Object.entries(files).flatMap(([path, text]) => (text === undefined ? [] : [path]))
  const room: Room = { group: 'plugins', name: 'x', folder: 'plugins/x', manifest, uses: [], usesInTests: [] }
  return contentProblems({ room, unpacked, files: paths, tarball: '' })
}

describe('a packed room', () => {
  it('is all right when everything fits', () => {
    expect(problemsOf({})).toEqual([])
  })
  it('has every file that it exports, and a licence', () => {
    expect(problemsOf({ 'dist/index.d.ts': undefined })).toEqual([
      'exports["."] names dist/index.d.ts, which is not in the package',
    ])
    expect(problemsOf({ LICENSE: undefined })).toEqual(['there is no LICENSE'])
  })
  it('has no file of tests, builds or sources that are gone', () => {
    expect(problemsOf({ 'dist/tsconfig.tsbuildinfo': '', 'src/a.test.ts': '' })).toHaveLength(2)
    expect(problemsOf({ 'dist/old.js': '' })[0]).toContain('whose sources are gone')
    expect(problemsOf({ 'dist/dead.js': '', 'src/dead.ts': '' })[0]).toBe('nothing that is exported reaches: dist/dead')
  })
  it('depends on what it imports, in code and in types, and on nothing else', () => {
    expect(problemsOf({ 'dist/part.js': "await import('undici/x')" })).toEqual([
      'imports undici, which is no dependency',
    ])
    expect(problemsOf({ 'dist/part.d.ts': "import type { A } from '@scope/a/b'" })).toEqual([
      'imports @scope/a, which is no dependency',
    ])
    expect(problemsOf({}, { dependencies: { zod: '^4', yaml: '^2' } })).toEqual([
      'depends on yaml, which nothing imports',
    ])
  })
  it('says what it is', () => {
    expect(problemsOf({}, { keywords: ['x'] })).toHaveLength(2)
    expect(problemsOf({}, { oclif: undefined })).toEqual(['lists no adapter under oclif.ropeway'])
    expect(problemsOf({}, { publishConfig: undefined })[0]).toContain('publishConfig')
  })
})
