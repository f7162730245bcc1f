import { didYouMean, type RopewayError } from '@ropeway/core'
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
 * every string of a value. `{{…}}` is left alone, `\{` stands for a brace. Throws `CHAIN_VARIABLE_UNKNOWN`, or
 * `CHAIN_INVALID` with one for each place.
 */
export async function fillVariables(
  value: unknown,
  variables: Variables,
  known: Readonly<Record<string, string>>,
  placeOf: (path: readonly (string | number)[]) => string | undefined,
): Promise<unknown> {
  const unknown: RopewayError[] = []
  async function lookUp(name: string, path: readonly (string | number)[]): Promise<string> {
    const found = own(known, name) ?? own(variables.given, name) ?? (await fromGit(name)) ?? fromEnvironment(name)
    if (found !== undefined) return found
    const names = [
      ...Object.keys(known),
      ...git,
      ...Object.keys(variables.given ?? {}),
      ...Object.keys(variables.env ?? {}),
    ].filter((other) => other !== name)
    unknown.push(errors.chainVariableUnknown(name, placeOf(path), didYouMean(name, names)))
    return ''
  }
  async function fromGit(name: string): Promise<string | undefined> {
    return name === 'git.tag' || name === 'git.branch' || name === 'git.sha'
      ? await variables.git?.(name.slice('git.'.length) as 'tag' | 'branch' | 'sha')
      : undefined
  }
  function fromEnvironment(name: string): string | undefined {
    return own(variables.env, name.startsWith('env.') ? name.slice('env.'.length) : name)
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
    if (Array.isArray(item)) {
      const parts: unknown[] = []
      for (const [index, part] of item.entries()) parts.push(await fill(part, [...path, index]))
      return parts
    }
    if (item !== null && typeof item === 'object') {
      const parts: [string, unknown][] = []
      for (const [key, part] of Object.entries(item)) parts.push([key, await fill(part, [...path, key])])
      return Object.fromEntries(parts)
    }
    return item
  }
  const filled = await fill(value, [])
  if (unknown.length > 0) throw errors.chainInvalid(undefined, unknown)
  return filled
}

function own<T>(values: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined
}
