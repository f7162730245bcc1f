// The first step of a fresh clone: runs on any Node that npm runs on, installs and builds what is missing, and goes on with
// the Node of the devDependency. `node tools/start.mjs quickstart|test [ARGUMENT …]`.
import { existsSync, readFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const bin = join(root, 'node_modules', '.bin')
const env = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
  NX_DAEMON: process.env.NX_DAEMON ?? 'false',
}

function run(what, command, args) {
  if (what !== undefined) console.error(`ropeway: ${what}`)
  const { status, error } = spawnSync(command, args, { cwd: root, env, stdio: 'inherit' })
  if (error !== undefined) console.error(`ropeway: ${command} cannot be started: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}

/** npm writes this file when an installation is complete; it is older than the lock when that changed since. */
function installed() {
  const mark = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(mark) || !existsSync(join(bin, 'node'))) return false
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const have = JSON.parse(readFileSync(mark, 'utf8')).packages
  const needed = Object.entries(wanted).filter(
    ([path, { optional }]) => path.startsWith('node_modules/') && optional !== true,
  )
  return needed.every(([path, { version }]) => have[path]?.version === version)
}

const [task, ...rest] = process.argv.slice(2)
if (!installed()) run('installing dependencies (npm ci)', 'npm', ['ci', '--no-audit', '--no-fund'])
if (task === 'quickstart') {
  run('building', join(bin, 'nx'), ['run-many', '-t', 'build', '--outputStyle=static'])
  run(undefined, join(bin, 'node'), [join(root, 'tools', 'quickstart', 'quickstart.ts'), ...rest])
} else if (task === 'test') {
  run(undefined, join(bin, 'nx'), ['run-many', '-t', 'test', '--outputStyle=static', ...rest])
} else {
  console.error('usage: node tools/start.mjs quickstart|test')
  process.exit(2)
}
