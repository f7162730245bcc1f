import adapters from './commands/adapters.js'
import catalog from './commands/catalog.js'
import diff from './commands/diff.js'
import exportCommand from './commands/export.js'
import fetchCommand from './commands/fetch.js'
import images from './commands/images.js'
import importCommand from './commands/import.js'
import init from './commands/init.js'
import inspect from './commands/inspect.js'
import lock from './commands/lock.js'
import login from './commands/login.js'
import logout from './commands/logout.js'
import packageCommand from './commands/package.js'
import plan from './commands/plan.js'
import prune from './commands/prune.js'
import relocate from './commands/relocate.js'
import render from './commands/render.js'
import run from './commands/run.js'
import schema from './commands/schema.js'
import serve from './commands/serve.js'
import set from './commands/set.js'
import verify from './commands/verify.js'

/** What a flag or an argument says of itself. */
export interface ParameterInfo {
  readonly description?: string | undefined
  readonly required?: boolean | undefined
  readonly options?: readonly string[] | undefined
  readonly ignoreStdin?: boolean | undefined
  readonly char?: string | undefined
  readonly type?: string | undefined
  readonly aliases?: readonly string[] | undefined
  readonly multiple?: boolean | undefined
  readonly helpValue?: string | readonly string[] | undefined
  readonly helpGroup?: string | undefined
  readonly default?: unknown
}

/** What a command says of itself: enough for its reference. */
export interface CommandInfo {
  readonly summary?: string | undefined
  readonly description?: string | undefined
  readonly usage?: string | readonly string[] | undefined
  readonly examples: readonly unknown[]
  readonly args: Readonly<Record<string, ParameterInfo>>
  readonly flags?: Readonly<Record<string, ParameterInfo>> | undefined
  readonly baseFlags?: Readonly<Record<string, ParameterInfo>> | undefined
}

/** The commands of the CLI itself, by name; oclif's plugins add `help`, `plugins` and `autocomplete`. */
export const commands: Readonly<Record<string, CommandInfo>> = {
  adapters,
  catalog,
  diff,
  export: exportCommand,
  fetch: fetchCommand,
  images,
  import: importCommand,
  init,
  inspect,
  lock,
  login,
  logout,
  package: packageCommand,
  plan,
  prune,
  relocate,
  render,
  run,
  schema,
  serve,
  set,
  verify,
}
