import { didYouMean } from '@ropeway/core'
import * as errors from '../errors.js'

/** Where a variable's value is looked up: asked in this order, the first that knows it wins. */
export interface Variables {
  /** From `--var`. */
  readonly given?: Readonly<Record<string, string>> | undefined
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** `tag`, `branch`, `sha` of the repository around the chain; called only when the chain names one of them. */
  readonly git?: ((what: 'tag' | 'branch' | 'sha') => Promise<string | undefined>) | undefined
}

const pattern = /(?<![{\\])\$?\{([A-Za-z_][A-Za-z0-9_.-]*)\}(?!\})/g
const git = ['git.tag', 'git.branch', 'git.sha'] as const

/**
 * Fills `{name}`, `{version}`, `{git.tag}`, `{git.branch}`, `{git.sha}`, `{env.NAME}` and `{NAME}` (also written `${NAME}`) into
 * every string of a value. `{{…}}` is left alone, `\{` stands for a brace. Throws `CHAIN_VARIABLE_UNKNOWN`.
 */
export async function fillVariables(
  value: unknown,
  variables: Variables,
  known: Readonly<Record<string, string>>,
  placeOf: (path: readonly (string | number)[]) => string | undefined,
): Promise<unknown> {
  async function lookUp(name: string, path: readonly (string | number)[]): Promise<string> {
    const found = known[name] ?? variables.given?.[name] ?? (await fromGit(name)) ?? fromEnvironment(name)
    if (found !== undefined) return found
    const names = [
      ...Object.keys(known),
      ...git,
      ...Object.keys(variables.given ?? {}),
      ...Object.keys(variables.env ?? {}),
    ]
    throw errors.chainVariableUnknown(name, placeOf(path), didYouMean(name, names))
  }
  async function fromGit(name: string): Promise<string | undefined> {
    return name === 'git.tag' || name === 'git.branch' || name === 'git.sha'
      ? await variables.git?.(name.slice('git.'.length) as 'tag' | 'branch' | 'sha')
      : undefined
  }
  function fromEnvironment(name: string): string | undefined {
    return variables.env?.[name.startsWith('env.') ? name.slice('env.'.length) : name]
  }
  async function fill(item: unknown, path: readonly (string | number)[]): Promise<unknown> {
    if (typeof item === 'string') {
      let text = ''
      let last = 0
      for (const match of item.matchAll(pattern)) {
        text += item.slice(last, match.index) + (await lookUp(match[1] ?? '', path))
        last = match.index + match[0].length
      }
      return (text + item.slice(last)).replaceAll('\\{', '{')
    }
    if (Array.isArray(item)) return Promise.all(item.map((part, index) => fill(part, [...path, index])))
    if (item !== null && typeof item === 'object') {
      const parts = await Promise.all(
        Object.entries(item).map(async ([key, part]) => [key, await fill(part, [...path, key])] as const),
      )
      return Object.fromEntries(parts)
    }
    return item
  }
  return fill(value, [])
}
