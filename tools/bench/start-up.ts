import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { root } from '../workspace/rooms.mjs'
import { measure, median, table, type Program } from './measure.ts'

/** Ropeway's start-up, divided by that of an empty CLI with the same plugins, may be this at most. */
export const limit = 1.3

const HostPackage = z.object({ oclif: z.looseObject({ plugins: z.array(z.string()) }) })

const entry = `import { execute } from '@oclif/core'
await execute({ dir: import.meta.url })
`
const command = `import { Command } from '@oclif/core'
export default class Adapters extends Command {
  static summary = 'Nothing'
  async run() {}
}
`
const manifest = `import { Plugin } from '@oclif/core/config'
const plugin = new Plugin({ root: process.argv[1], type: 'core', ignoreManifest: true })
await plugin.load()
process.stdout.write(JSON.stringify(plugin.manifest))
`

/** Writes the smallest CLI that oclif's own template would make, with Ropeway's plugins and one command that does nothing. */
async function writeEmptyCli(folder: string): Promise<string> {
  const host = HostPackage.parse(JSON.parse(await readFile(join(root, 'packages', 'cli', 'package.json'), 'utf8')))
  const { plugins } = host.oclif
  const oclif = { bin: 'empty', dirname: 'empty', commands: './commands', topicSeparator: ' ', plugins }
  const dependencies = Object.fromEntries(['@oclif/core', ...plugins].map((name) => [name, '*']))
  await mkdir(join(folder, 'bin'))
  await mkdir(join(folder, 'commands'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({
      name: 'empty',
      version: '0.1.0',
      type: 'module',
      bin: { empty: 'bin/run.js' },
      dependencies,
      oclif,
    }),
  )
  await writeFile(join(folder, 'bin', 'run.js'), entry)
  await writeFile(join(folder, 'commands', 'adapters.js'), command)
  await writeFile(join(folder, 'manifest.mjs'), manifest)
  await writeFile(join(folder, 'oclif.manifest.json'), await manifestOf(folder))
  return join(folder, 'bin', 'run.js')
}

async function manifestOf(folder: string): Promise<string> {
  const { execFile } = await import('node:child_process')
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [join(folder, 'manifest.mjs'), folder], { cwd: folder }, (error, stdout) => {
      if (error === null) resolve(stdout)
      else reject(error)
    })
  })
}

/** Measures `--version` and `adapters` by turns with an empty CLI, and prints medians. True when both are within the limit. */
export async function benchStartUp(rounds: number): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'ropeway-bench-'))
  try {
    const empty = await writeEmptyCli(folder)
    const ropeway = join(root, 'packages', 'cli', 'bin', 'run.js')
    const env = {
      HOME: folder,
      XDG_CACHE_HOME: join(folder, 'cache'),
      XDG_DATA_HOME: join(folder, 'data'),
      XDG_CONFIG_HOME: join(folder, 'config'),
    }
    const start = (script: string, word: string): Program => ({ command: process.execPath, args: [script, word], env })
    const rows = [['start-up, median', 'empty CLI', 'ropeway', 'ratio', 'limit']]
    let within = true
    for (const word of ['--version', 'adapters']) {
      const [ours, theirs] = await byTurns([start(ropeway, word), start(empty, word)], rounds)
      const ratio = (ours ?? 0) / (theirs ?? 1)
      within &&= ratio <= limit
      rows.push([word, ms(theirs), ms(ours), ratio.toFixed(2), `${String(limit)}${ratio <= limit ? '' : '  exceeded'}`])
    }
    const [nothing] = await byTurns([{ command: process.execPath, args: ['-e', '0'], env }], rounds)
    rows.push(['node -e 0', ms(nothing), '', '', ''])
    console.log(table(rows))
    return within
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Medians of programs that run one after the other, again and again, so that a busy machine is busy for all of them. */
async function byTurns(programs: readonly Program[], rounds: number): Promise<number[]> {
  const times = programs.map((): number[] => [])
  for (let round = -2; round < rounds; round++) {
    for (const [index, program] of programs.entries()) {
      const { milliseconds } = await measure(program)
      if (round >= 0) times[index]?.push(milliseconds)
    }
  }
  return times.map(median)
}

function ms(value = 0): string {
  return `${value.toFixed(0)} ms`
}
