// Puts what `ropeway render` needs for a chart of this machine into one file, in place of the module that tsc wrote: loading some hundred
// modules takes several times as long as rendering a small chart. Works from the sources, so that it never takes its own outcome.
import crypto from 'node:crypto'
import fs from 'node:fs'
import { writeFile } from 'node:fs/promises'
import net from 'node:net'
import { join } from 'node:path'
import util from 'node:util'
import zlib from 'node:zlib'
import { rolldown } from 'rolldown'
import { root as workspace } from '../workspace/rooms.mjs'

const root = join(workspace, 'packages', 'cli')
/**
 * Modules of Node that are loaded by the first call of one of their functions: together they take longer to load than all of the file, and many
 * charts need none of them.
 */
const whenCalled = new Map(
  Object.entries({ crypto, fs, net, util, zlib }).map(([name, module]) => [`node:${name}`, module]),
)

const lazyModules = {
  name: 'lazy-modules',
  resolveId: (/** @type {string} */ id) => (whenCalled.has(id) ? `\0${id}` : undefined),
  load: (/** @type {string} */ id) => lazyModule(id.slice(1)),
}

/** Functions and classes alike: what a constructor gives back is what `new` gives. */
function lazyModule(/** @type {string} */ id) {
  const names = Object.entries(whenCalled.get(id) ?? {}).filter(([, value]) => typeof value === 'function')
  if (names.length === 0) return undefined
  return names
    .map(
      ([name]) =>
        `export function ${name}(...args) {
          const { ${name}: real } = process.getBuiltinModule('${id}')
          return new.target ? new real(...args) : real(...args)
        }`,
    )
    .join('\n')
}

/** Files are read at once: nothing else happens in this process meanwhile, and `node:fs/promises` brings modules for much that is not needed. */
const filesAtOnce = {
  name: 'files-at-once',
  resolveId: (/** @type {string} */ id) => (id === 'node:fs/promises' ? '\0files-at-once' : undefined),
  load: (/** @type {string} */ id) => (id === '\0files-at-once' ? filesModule() : undefined),
}

function filesModule() {
  const names = Object.entries(fs.promises).filter(([, value]) => typeof value === 'function')
  const functions = names.map(([name]) => `export const ${name} = async (...args) => ${atOnce(name)}(...args)`)
  return ["const fs = process.getBuiltinModule('node:fs')", ...functions].join('\n')
}

/** The function that does at once what one of `node:fs/promises` promises; itself where there is none. */
function atOnce(/** @type {string} */ name) {
  // as promised, links are followed by the system
  if (name === 'realpath') return 'fs.realpathSync.native'
  return `${name}Sync` in fs ? `fs.${name}Sync` : `fs.promises.${name}`
}

const bundle = await rolldown({
  input: join(root, 'src', 'base', 'local-render.ts'),
  platform: 'node',
  plugins: [lazyModules, filesAtOnce],
  resolve: {
    conditionNames: ['@ropeway/source', 'node', 'import', 'default'],
    extensionAlias: { '.js': ['.ts', '.js'] },
  },
})
const { output } = await bundle.generate({
  format: 'esm',
  codeSplitting: false,
  minify: true,
  banner: '/*! Holds re2js and smol-toml; their licences are in their packages, which come with this one. */',
})
// In ASCII alone a file is a byte a character for V8, else it is two: it is read, checked against its cached code, and kept.
const code = output[0].code.replaceAll(
  /[^\x00-\x7f]/g,
  (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
)
await writeFile(join(root, 'dist', 'base', 'local-render.js'), code)
await bundle.close()
