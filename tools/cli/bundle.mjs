// Puts what `ropeway render` needs for a chart of this machine into one file, in place of the module that tsc wrote: loading some hundred
// modules takes several times as long as rendering a small chart. Works from the sources, so that it never takes its own outcome.
import crypto from 'node:crypto'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { root as workspace } from '../workspace/rooms.mjs'

const root = join(workspace, 'packages', 'cli')
const lazyCrypto = 'lazy-crypto'

/** `node:crypto` takes a fifth of the time that all the file takes to load, and many charts need none of it: it is loaded by its first call. */
const cryptoWhenCalled = {
  name: lazyCrypto,
  resolveId: (/** @type {string} */ id) => (id === 'node:crypto' ? `\0${lazyCrypto}` : undefined),
  load: (/** @type {string} */ id) => (id === `\0${lazyCrypto}` ? cryptoModule() : undefined),
}

/** Functions and classes alike: what a constructor gives back is what `new` gives. */
function cryptoModule() {
  const names = Object.entries(crypto).filter(([, value]) => typeof value === 'function')
  return names
    .map(
      ([name]) =>
        `export function ${name}(...args) {
          const { ${name}: real } = process.getBuiltinModule('node:crypto')
          return new.target ? new real(...args) : real(...args)
        }`,
    )
    .join('\n')
}

const bundle = await rolldown({
  input: join(root, 'src', 'base', 'local-render.ts'),
  platform: 'node',
  plugins: [cryptoWhenCalled],
  resolve: {
    conditionNames: ['@ropeway/source', 'node', 'import', 'default'],
    extensionAlias: { '.js': ['.ts', '.js'] },
  },
})
await bundle.write({
  file: join(root, 'dist', 'base', 'local-render.js'),
  format: 'esm',
  codeSplitting: false,
  minify: true,
  banner: '/*! Holds re2js and smol-toml; their licences are in their packages, which come with this one. */',
})
await bundle.close()
