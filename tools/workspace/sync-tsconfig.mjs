// Writes every room's tsconfig files and the root's references from the package.json dependencies.
// `--check` only compares (lint runs it), so that a forgotten reference fails.
import { readFileSync, writeFileSync, existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { root, rooms } from './rooms.mjs'

const check = process.argv.includes('--check')
const stale = []

function put(file, value) {
  const text = JSON.stringify(value, null, 2) + '\n'
  const path = join(root, file)
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return
  if (check) stale.push(file)
  else writeFileSync(path, text)
}

const all = rooms()
for (const room of all) {
  const to = (folder, config) => ({ path: posix.join(posix.relative(room.folder, folder), config) })
  put(`${room.folder}/tsconfig.json`, {
    extends: '../../tsconfig.base.json',
    compilerOptions: { rootDir: 'src', outDir: 'dist', tsBuildInfoFile: 'dist/tsconfig.tsbuildinfo' },
    include: ['src'],
    exclude: ['**/*.test.ts', '**/*.fixture.ts'],
    references: room.uses.map((folder) => to(folder, 'tsconfig.json')),
  })
  put(`${room.folder}/tsconfig.spec.json`, {
    extends: '../../tsconfig.base.json',
    compilerOptions: { composite: false, noEmit: true, rootDir: '../..', customConditions: ['@ropeway/source'] },
    include: ['src'],
  })
}
put('tsconfig.json', { files: [], references: all.map((room) => ({ path: `${room.folder}/tsconfig.json` })) })
if (stale.length > 0) {
  console.error(`stale, run "npm run sync":\n  ${stale.join('\n  ')}`)
  process.exit(1)
}
