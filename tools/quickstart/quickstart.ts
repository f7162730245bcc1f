// The main job on this machine alone: fills an embedded registry, exports a chain as a bundle, imports it into a second
// registry, and compares the two. `npm run quickstart [-- --keep]`; ends with 1 when anything differs.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parseLock } from '@ropeway/engine'
import { folderStorage, memoryStorage, serveRegistry } from '@ropeway/registry-server'
import { root } from '../workspace/rooms.mjs'
import { compare, type Comparison } from './compare.ts'
import { fillRegistry, writeChain } from './world.ts'

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } })
const cli = join(root, 'packages', 'cli', 'bin', 'run.js')
const bundle = 'hello-1.4.0.tar'
const say = (text = '') => console.log(text)

// Ctrl-C reaches the running command too; when that has ended, this cleans up after itself.
let stopped = false
process.once('SIGINT', () => (stopped = true))

const folder = await mkdtemp(join(tmpdir(), 'ropeway-quickstart-'))
const near = join(folder, 'near')
const far = join(folder, 'far')
const first = await serveRegistry({ storage: memoryStorage() })
const second = await serveRegistry({ storage: await folderStorage(join(far, 'registry')) })
try {
  process.exitCode = (await main()) ? 0 : 1
} finally {
  await Promise.all([first.close(), second.close()])
  if (!values.keep) await rm(folder, { recursive: true, force: true })
}

async function main(): Promise<boolean> {
  say(
    `Two embedded registries answer on this machine: ${first.host}, where the software is published, and ${second.host},`,
  )
  say('which stands for the registry behind the air gap.')
  await fillRegistry(first.url)
  await writeChain(near, first.host)

  say('\nThis chain says what is needed: two images (one for two platforms, signed), a chart, a manifest, a script.')
  say('\n$ cat ropeway.yaml')
  say((await readFile(join(near, 'ropeway.yaml'), 'utf8')).trimEnd())

  const steps: [about: string, folder: string, args: string[]][] = [
    ['What will move? The image that the manifest names is found, too.', near, ['plan']],
    ['Everything is pinned by digest. This file belongs into git.', near, ['lock']],
    [
      'One bundle, exactly what the lock says. It is the same, byte for byte, on every machine.',
      near,
      ['export', '-o', bundle, '--locked'],
    ],
    [
      'Carried across, the bundle proves that it is whole, without any network.',
      far,
      ['verify', join('..', 'near', bundle)],
    ],
    [
      'And the registry over there takes it.',
      far,
      ['import', join('..', 'near', bundle), '--registry', `${second.host}/mirror`],
    ],
  ]
  for (const [about, cwd, args] of steps) {
    say(`\n${about}\n\n$ ropeway ${args.join(' ')}`)
    const status = await ropeway(cwd, args)
    if (stopped) return false
    if (status !== 0) {
      console.error(`\nropeway ${args[0]} ended with ${status}: the quickstart stops here.`)
      return false
    }
  }
  const lock = parseLock(await readFile(join(near, 'ropeway.lock')), 'ropeway.lock')
  const comparison = await compare(lock, first.url, second.url, 'mirror')
  await tell(comparison)
  return comparison.differences.length === 0
}

/** Runs the CLI as a user would, with folders of its own and without proxies: all that it talks to is here. */
function ropeway(cwd: string, args: readonly string[]): Promise<number> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(XDG_.*|ROPEWAY_.*|(https?|all)_proxy)$/i.test(name))
  const env = { ...Object.fromEntries(kept), HOME: join(folder, 'home') }
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...args], { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] })
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? (signal === null ? 1 : 130)))
  })
}

async function tell({ arrivals, differences }: Comparison): Promise<void> {
  say(`\nRead back from ${second.host} by plain HTTP, every digest computed anew:\n`)
  const rows = arrivals.map(({ kind, name, digest, manifests, blobs, referrers }) => [
    kind,
    name,
    `${digest.slice(0, 19)}…`,
    `${manifests + blobs} parts${referrers > 0 ? `, ${referrers} signature${referrers > 1 ? 's' : ''}` : ''}`,
  ])
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  for (const row of rows)
    say(
      `  ${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}`,
    )
  if (differences.length > 0) {
    console.error(`\n${differences.length} differences:\n${differences.map((text) => `  ${text}`).join('\n')}`)
    return
  }
  const { size } = await stat(join(near, bundle))
  say(
    `\n✓ all ${arrivals.length} artifacts arrived as they were published; the bundle has ${size.toLocaleString('en')} bytes.`,
  )
  say('\nNext, with a registry of your own:')
  say('  node packages/cli/bin/run.js plan --source oci=docker.io/library/alpine:3.22')
  say('  node packages/cli/bin/run.js init        then edit ropeway.yaml; docs/chain.md has every key')
  say('  node packages/cli/bin/run.js --help      docs/cli.md has all commands')
  if (values.keep) {
    say(`\nAll files are in ${folder}. The second registry can be opened again:`)
    say(`  node packages/cli/bin/run.js serve ${join(far, 'registry')}`)
  } else say('  npm run quickstart -- --keep             keeps the chain, the lock, the bundle and the second registry')
}
