import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { ropeway, ropewayOk, type CliEnded, type RunOptions } from './process.ts'

const ErrorJson = z.looseObject({
  code: z.string().regex(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/),
  side: z.string(),
  exitCode: z.number().int().positive(),
  message: z.string().min(1),
  about: z.string().optional(),
  at: z.string().optional(),
  hint: z.string().optional(),
  tried: z.array(z.string()).optional(),
})

/** An error as `--json` prints it. */
export type ErrorJson = z.infer<typeof ErrorJson> & { readonly errors?: readonly ErrorJson[] | undefined }

const Failed = z.looseObject({
  error: ErrorJson.extend({ errors: z.array(ErrorJson).optional() }),
})

export interface Failure extends CliEnded {
  readonly error: ErrorJson
}

/** A folder to work in and a home, for one user of the CLI. */
export interface Desk {
  readonly folder: string
  readonly home: string
  /** Runs the CLI in the folder. */
  run(args: readonly string[], options?: RunOptions): Promise<CliEnded>
  runOk(args: readonly string[], options?: RunOptions): Promise<CliEnded>
  /** Runs it with `--json`; it has to fail as every failure should: with one error, of that exit code, and no stack. */
  fails(args: readonly string[], options?: RunOptions): Promise<Failure>
  /** Writes ropeway.yaml (JSON is YAML); the line of a step is that of its text. */
  chain(chain: string | object): Promise<void>
  remove(): Promise<void>
}

export async function openDesk(title: string): Promise<Desk> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), `e2e-${title}-`)))
  const home = join(folder, '.home')
  await mkdir(home)
  const run: Desk['run'] = (args, options) => ropeway(args, { cwd: folder, ...options, home })
  return {
    folder,
    home,
    run,
    runOk: (args, options) => ropewayOk(args, { cwd: folder, ...options, home }),
    async fails(args, options) {
      const ended = await run([...args, '--json'], options)
      const parsed = Failed.safeParse(ended.code === 0 ? undefined : ended.json())
      if (!parsed.success) {
        throw new Error(`ropeway ${args.join(' ')} ended with ${String(ended.code)}\n${ended.stdout}\n${ended.stderr}`)
      }
      const { error } = parsed.data
      const leaves = error.errors ?? [error]
      if (error.exitCode !== ended.code) throw new Error(`exit code ${String(ended.code)}, but ${ended.stdout}`)
      if (leaves.some(({ hint }) => hint === undefined)) throw new Error(`no hint: ${ended.stdout}`)
      if (/^\s+at .*[.]js/m.test(ended.stderr)) throw new Error(`a stack: ${ended.stderr}`)
      return { ...ended, error }
    },
    chain: (chain) =>
      writeFile(join(folder, 'ropeway.yaml'), typeof chain === 'string' ? chain : JSON.stringify(chain, null, 2)),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
