// Puts what `ropeway render` needs for a chart of this machine into one file, in place of the module that tsc wrote: loading some hundred
// modules takes several times as long as rendering a small chart. Works from the sources, so that it never takes its own outcome.
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { root as workspace } from '../workspace/rooms.mjs'

const root = join(workspace, 'packages', 'cli')
const bundle = await rolldown({
  input: join(root, 'src', 'base', 'local-render.ts'),
  platform: 'node',
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
  banner:
    '/*! Holds parts of zod, yaml, re2js, smol-toml and fflate; their licences are in their packages, which come with this one. */',
})
await bundle.close()
