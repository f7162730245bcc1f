import { readdirSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { Config } from '@oclif/core/config'
import { settings } from '@oclif/core/settings'

interface Described {
  readonly description?: string
  readonly required?: boolean
  readonly ignoreStdin?: boolean
  readonly char?: string
  readonly type?: string
  readonly aliases?: readonly string[]
  readonly multiple?: boolean
  readonly options?: readonly string[]
}

/** What tests ask of a command's class. */
export interface CommandClass {
  id: string
  readonly summary: string
  readonly description: string
  readonly examples: readonly string[]
  readonly enableJsonFlag: boolean
  readonly args: Readonly<Record<string, Described>>
  readonly flags?: Readonly<Record<string, Described>>
  readonly baseFlags: Readonly<Record<string, Described>>
  new (argv: string[], config: Config): { _run(): Promise<unknown> }
}

const folder = fileURLToPath(new URL('.', import.meta.url)) + 'commands/'

/** All command classes by name, imported from the sources. */
export async function allCommands(): Promise<Map<string, CommandClass>> {
  const files = readdirSync(folder).filter((name) => /^[a-z]+\.ts$/.test(name))
  const commands = new Map<string, CommandClass>()
  for (const file of files) {
    const module = (await import(pathToFileURL(join(folder, file)).href)) as { default: CommandClass }
    commands.set(file.replace('.ts', ''), module.default)
  }
  return commands
}

export interface Ran {
  readonly stdout: string
  readonly stderr: string
  readonly error: unknown
  readonly exitCode: typeof process.exitCode
}

/** Runs a command in this process, as the host would, and catches all that it prints. */
export async function runCommand(name: string, ...argv: string[]): Promise<Ran> {
  settings.enableAutoTranspile = false
  const config = await Config.load({ root: join(folder, '..', '..') })
  const command = (await allCommands()).get(name)
  if (command === undefined) throw new TypeError(name)
  command.id = name
  const caught = { stdout: '', stderr: '' }
  const originals = { stdout: process.stdout.write, stderr: process.stderr.write }
  for (const stream of ['stdout', 'stderr'] as const) {
    process[stream].write = (text: string | Uint8Array) => {
      caught[stream] += String(text)
      return true
    }
  }
  const before = process.exitCode
  process.exitCode = undefined
  let error: unknown
  try {
    await new command(argv, config)._run()
  } catch (thrown) {
    error = thrown
  } finally {
    process.stdout.write = originals.stdout
    process.stderr.write = originals.stderr
  }
  const { exitCode } = process
  process.exitCode = before
  return { ...caught, error, exitCode }
}
