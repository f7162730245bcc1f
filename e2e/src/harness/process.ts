import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { cliBin, peersBin } from './paths.ts'

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** Peak resident memory in bytes; 0 when the system does not tell. */
  readonly peakMemory: number
}

export interface RunOptions {
  readonly cwd?: string | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly input?: string | undefined
  /** Name of a network namespace to run in. */
  readonly namespace?: string | undefined
  /** Called with the process as soon as it runs. */
  readonly onStart?: ((child: ChildProcess) => void) | undefined
}

/** Runs a program to its end. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const [program, ...words] =
    options.namespace === undefined ? [command, ...args] : ['ip', 'netns', 'exec', options.namespace, command, ...args]
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      cwd: options.cwd,
      env: { ...process.env, FORCE_COLOR: undefined, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      const text = Buffer.concat(err).toString()
      resolve({ code, signal, stdout: Buffer.concat(out).toString(), stderr: text, peakMemory: 0 })
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
    options.onStart?.(child)
  })
}

/** Runs a peer; throws when it fails. */
export async function peer(name: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const ended = await run(join(peersBin, name), args, options)
  if (ended.code !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${String(ended.code)}: ${ended.stderr}`)
  return ended.stdout.trim()
}

export interface CliEnded extends Ended {
  /** stdout as JSON. */
  json(): unknown
}

/** A home of its own for the CLI: no credentials, caches or plugins of the machine. */
export function cliEnvironment(home: string): Record<string, string> {
  return {
    HOME: home,
    XDG_CACHE_HOME: join(home, '.cache'),
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_DATA_HOME: join(home, '.local', 'share'),
    XDG_STATE_HOME: join(home, '.local', 'state'),
    DOCKER_CONFIG: join(home, '.docker'),
    NO_COLOR: '1',
  }
}

/** Runs the built CLI as a user would. */
export async function ropeway(
  args: readonly string[],
  options: RunOptions & { readonly home: string },
): Promise<CliEnded> {
  const ended = await run(process.execPath, [cliBin, ...args], {
    ...options,
    env: { ...cliEnvironment(options.home), ...options.env },
  })
  return { ...ended, json: () => JSON.parse(ended.stdout) as unknown }
}

/** Runs the CLI and throws with all that it said when it does not end with 0. */
export async function ropewayOk(
  args: readonly string[],
  options: RunOptions & { readonly home: string },
): Promise<CliEnded> {
  const ended = await ropeway(args, options)
  if (ended.code !== 0)
    throw new Error(`ropeway ${args.join(' ')} ended with ${String(ended.code)}\n${ended.stdout}\n${ended.stderr}`)
  return ended
}
