import { dirname, resolve } from 'node:path'
import type { Chain, LoadOptions, Resolution, ResolveOptions } from '@ropeway/engine'
import type { AddonList } from '@ropeway/helm'
import * as errors from '../errors.js'
import { lazyGit } from '../git/lazy.js'
import { shown } from '../text/path.js'
import { claimArtifacts } from './addon-outcomes.js'
import { addonsIn, addonsOf, checkAddonsFlags, namesAddons, type AddonsFlags } from './addons.js'
import { variablesOf } from './flags.js'
import type { Session } from './session.js'

export const defaultChain = 'ropeway.yaml'

export interface ChainFlags extends AddonsFlags {
  readonly var?: readonly string[] | undefined
  readonly platform?: readonly string[] | undefined
  readonly source?: readonly string[] | undefined
  readonly insecure?: readonly string[] | undefined
}

export interface ResolveFlags extends Pick<AddonsFlags, 'values' | 'catalog' | 'only' | 'locked'> {
  readonly partial?: boolean | undefined
  readonly 'allow-unproved'?: boolean | undefined
}

/** The chain that a command line names: a file, or `--source`. `command` is for messages. */
export async function chainFor(
  { engine, runtime }: Session,
  file: string | undefined,
  flags: ChainFlags,
  command: string,
): Promise<Chain> {
  checkAddonsFlags(flags, file, command)
  if (namesAddons(flags)) return chainOfAddons({ engine, runtime }, flags, command)
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

async function chainOfAddons(
  { engine, runtime }: Pick<Session, 'engine' | 'runtime'>,
  flags: ChainFlags,
  command: string,
): Promise<Chain> {
  const [source] = flags.source ?? []
  if (source !== undefined) throw errors.flagConflict('--source', '--values and --catalog', 'both say what travels')
  const directory = process.cwd()
  const value = engine.addonsChain(addonsOf(flags), runtime.adapters)
  return engine.loadChain(
    { value, directory },
    runtime.adapters,
    loadOptions(flags, command, resolve(directory, defaultChain)),
  )
}

/** Variables and platforms of the command line, the environment, and the repository around the chain. */
export function loadOptions(flags: ChainFlags, command: string, file: string): LoadOptions {
  return {
    platforms: flags.platform,
    variables: { given: variablesOf(flags.var, command), env: process.env, git: lazyGit(dirname(resolve(file))) },
  }
}

/** A chain resolved, and the addons that it carries. */
export interface Resolved {
  readonly resolution: Resolution
  /** Absent for a chain without addons. */
  readonly addons?: AddonList | undefined
}

/**
 * Resolves a chain, or replays the lock beside it; with `only`, what it names and nothing else. An addon that cannot be
 * resolved stops no other one.
 */
export async function resolution(session: Session, chain: Chain, flags: ResolveFlags): Promise<Resolved> {
  const addons = await addonsIn(chain, session)
  const only = namesAddons(flags) ? undefined : flags.only
  const resolved = await resolvedOrReplayed(session, chain, flags.locked === true, {
    only,
    keepGoing: addons !== undefined,
    partial: flags.partial,
    allowUnproved: allowsUnproved(chain, flags),
  })
  if (addons !== undefined) claimArtifacts(resolved.lock, session.owners)
  return { resolution: resolved, addons }
}

/** The chain may allow it too. */
export function allowsUnproved(chain: Chain, flags: Pick<ResolveFlags, 'allow-unproved'>): boolean {
  return flags['allow-unproved'] === true || chain.allowUnproved
}

async function resolvedOrReplayed(
  { engine, runtime }: Session,
  chain: Chain,
  locked: boolean,
  options: ResolveOptions,
): Promise<Resolution> {
  if (!locked) return engine.resolve(chain, runtime, options)
  const file = engine.lockFileOf(chain.file ?? defaultChain)
  return engine.replay(chain, await engine.readLock(file), runtime, shown(file), options)
}
