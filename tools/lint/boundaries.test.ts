import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'

const script = join(dirname(fileURLToPath(import.meta.url)), 'boundaries.mjs')
const workspace = join(dirname(script), '..', '..')
const made: string[] = []

/** A small workspace with these files; packages are found under node_modules as npm would link them. */
function workspaceOf(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'boundaries-'))
  made.push(root)
  const rooms = new Set(Object.keys(files).map((file) => file.split('/').slice(0, 2).join('/')))
  mkdirSync(join(root, 'node_modules', '@ropeway'), { recursive: true })
  for (const room of rooms) {
    const name = room.startsWith('plugins/')
      ? `plugin-${room.slice('plugins/'.length)}`
      : room.slice('packages/'.length)
    mkdirSync(join(root, room, 'src'), { recursive: true })
    const exports = { '.': { '@ropeway/source': './src/index.ts', default: './dist/index.js' } }
    writeFileSync(
      join(root, room, 'package.json'),
      JSON.stringify({ name: `@ropeway/${name}`, type: 'module', exports }),
    )
    symlinkSync(join(root, room), join(root, 'node_modules', '@ropeway', name))
  }
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  return root
}

function check(root: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--root', root], { encoding: 'utf8' })
  return { status, output: stdout + stderr }
}

afterEach(() => {
  for (const root of made.splice(0)) rmSync(root, { recursive: true, force: true })
})

const good = {
  'packages/core/src/index.ts': 'export const core = 1\n',
  'packages/oci/src/index.ts': "import { core } from '@ropeway/core'\nexport const oci = core\n",
}

describe('the import directions', () => {
  it('hold in this workspace, and every module was seen', () => {
    const { status, output } = check(workspace)
    expect(output).toContain('no violation')
    expect(status).toBe(0)
    const files = globSync('{packages,plugins}/*/src/**/*.ts', { cwd: workspace }).length
    expect(output).toContain(`${files} modules seen`)
  })
  it.each([
    [
      'an arrow that points up',
      { 'packages/core/src/up.ts': "import '@ropeway/oci'\n" },
      'core-arrows: packages/core/src/up.ts',
    ],
    [
      'only its type',
      { 'packages/core/src/up.ts': "import type { oci } from '@ropeway/oci'\nexport type T = typeof oci\n" },
      'core-arrows',
    ],
    [
      'a plugin from a package',
      { 'packages/oci/src/plug.ts': "import '@ropeway/plugin-a'\n", 'plugins/a/src/index.ts': 'export {}\n' },
      'oci-no-plugin',
    ],
    [
      'a plugin from a plugin',
      { 'plugins/a/src/index.ts': "import '@ropeway/plugin-b'\n", 'plugins/b/src/index.ts': 'export {}\n' },
      'plugin-a-alone',
    ],
    [
      'another room by its path',
      { 'packages/oci/src/deep.ts': "import '../../core/src/inner.js'\n", 'packages/core/src/inner.ts': 'export {}\n' },
      'oci-by-name',
    ],
    [
      'in a circle across folders',
      {
        'packages/oci/src/one.ts': "import './deep/two.js'\n",
        'packages/oci/src/deep/two.ts': "import '../one.js'\n",
      },
      'no-cycle',
    ],
    ['something that is not there', { 'packages/oci/src/lost.ts': "import './nowhere.js'\n" }, 'no-unresolved'],
    [
      'a room that the plan does not know',
      { 'packages/attic/src/index.ts': 'export {}\n' },
      'packages/attic has no arrows',
    ],
  ])('refuse to import %s', (_what, files, message) => {
    const { status, output } = check(workspaceOf({ ...good, ...files }))
    expect(output).toContain(message)
    expect(status).toBe(1)
  })
  it('do not pass where the resolver sees no import at all', () => {
    const { status, output } = check(workspaceOf({ 'packages/core/src/index.ts': 'export {}\n' }))
    expect(output).toContain('no import between rooms was seen')
    expect(status).toBe(1)
  })
})
