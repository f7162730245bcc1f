import { dirname, resolve } from 'node:path'
import type { Chain, LoadOptions, Resolution } from '@ropeway/engine'
import * as errors from '../errors.js'
import { lazyGit } from '../git/lazy.js'
import { shown } from '../text/path.js'
import { variablesOf } from './flags.js'
import type { Session } from './session.js'

export const defaultChain = 'ropeway.yaml'

export interface ChainFlags {
  readonly var?: readonly string[] | undefined
  readonly platform?: readonly string[] | undefined
  readonly source?: readonly string[] | undefined
  readonly insecure?: readonly string[] | undefined
}

/** The chain that a command line names: a file, or `--source`. `command` is for messages. */
export async function chainFor(
  { engine, runtime }: Session,
  file: string | undefined,
  flags: ChainFlags,
  command: string,
): Promise<Chain> {
  const sources = flags.source ?? []
  if (sources.length === 0) {
    const path = file ?? defaultChain
    return engine.loadChain({ file: path }, runtime.adapters, loadOptions(flags, command, path))
  }
  if (file !== undefined) throw errors.flagConflict(`the chain ${file}`, '--source', 'both say what travels')
  const directory = process.cwd()
  const { platforms, variables } = loadOptions(flags, command, resolve(directory, defaultChain))
  return engine.adHocChain({ sources, platforms, variables, directory }, runtime)
}

/** Variables and platforms of the command line, the environment, and the repository around the chain. */
export function loadOptions(flags: ChainFlags, command: string, file: string): LoadOptions {
  return {
    platforms: flags.platform,
    variables: { given: variablesOf(flags.var, command), env: process.env, git: lazyGit(dirname(resolve(file))) },
  }
}

/** Resolves a chain, or replays the lock beside it; with `only`, what it names and nothing else. */
export async function resolution(
  { engine, runtime }: Session,
  chain: Chain,
  locked: boolean,
  only: readonly string[] | undefined,
): Promise<Resolution> {
  if (!locked) return engine.resolve(chain, runtime, { only })
  const file = engine.lockFileOf(chain.file ?? defaultChain)
  return engine.replay(chain, await engine.readLock(file), runtime, shown(file), { only })
}
