// Installs the archives into an empty project, and uses them there as a stranger would.
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { npm, type Packed } from './tarballs.ts'

const run = promisify(execFile)

const Listed = z.array(z.object({ kind: z.string(), name: z.string() }))
const Manifest = z.object({ oclif: z.object({ ropeway: z.object({ adapters: Listed }).optional() }).optional() })

/** An empty project with nothing but the archives and what they depend on. */
async function installPacked(packed: readonly Packed[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const dependencies = Object.fromEntries(packed.map(({ room, tarball }) => [room.manifest.name, `file:${tarball}`]))
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'empty', private: true, type: 'module', dependencies }),
  )
  await npm(['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], folder)
}

/** Installs, imports every package, loads every adapter, and runs the CLI. */
export async function installationProblems(packed: readonly Packed[], folder: string): Promise<string[]> {
  const problems: string[] = []
  await attempt(problems, 'npm install', () => installPacked(packed, folder))
  if (problems.length > 0) return problems
  for (const { room } of packed) {
    const { name } = room.manifest
    await attempt(problems, `import of ${name}`, async () => {
      const { stdout } = await node(
        ['--input-type=module', '-e', `console.log(Object.keys(await import('${name}')).length)`],
        folder,
      )
      if (room.group === 'plugins' && Number(stdout) === 0) problems.push(`${name} exports nothing`)
    })
  }
  const version = packed.find(({ room }) => room.name === 'cli')?.room.manifest.version
  const ropeway = join('node_modules', '@ropeway', 'cli', 'bin', 'run.js')
  await attempt(problems, 'ropeway --version', async () => {
    const { stdout } = await node([ropeway, '--version'], folder)
    if (!stdout.includes(`@ropeway/cli/${version}`)) problems.push(`ropeway --version says ${stdout}`)
  })
  await attempt(problems, 'ropeway adapters', async () => {
    const { stdout } = await node([ropeway, 'adapters', '--json'], folder)
    const said = namesOf(
      z
        .array(z.unknown())
        .or(z.object({ adapters: z.array(z.unknown()) }))
        .parse(JSON.parse(stdout)),
    )
    const listed = packed.flatMap(({ room }) => Manifest.parse(room.manifest).oclif?.ropeway?.adapters ?? [])
    const wanted = namesOf(listed)
    if (said !== wanted || listed.length === 0)
      problems.push(`ropeway adapters lists ${said}, and the packages have ${wanted}`)
  })
  // The schema is made of every adapter's options, so that each module is imported and is what its package says.
  await attempt(problems, 'ropeway schema', () => node([ropeway, 'schema'], folder))
  return problems
}

function namesOf(adapters: readonly unknown[] | { readonly adapters: readonly unknown[] }): string {
  const list = Listed.parse('adapters' in adapters ? adapters.adapters : adapters)
  return list
    .map(({ kind, name }) => `${kind} ${name}`)
    .sort()
    .join(', ')
}

function node(args: readonly string[], folder: string): Promise<{ stdout: string; stderr: string }> {
  const home = join(folder, 'home')
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    XDG_CACHE_HOME: home,
    XDG_DATA_HOME: home,
    XDG_CONFIG_HOME: home,
  }
  return run(process.execPath, args, { cwd: folder, env })
}

async function attempt(problems: string[], what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (thrown) {
    problems.push(`${what} failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
  }
}
