// Every adapter has a page, and every option stands on it.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface ListedAdapter {
  readonly kind: string
  readonly name: string
  /** Names of its options. */
  readonly options: readonly string[]
  /** Folder of its plugin, relative to the root. */
  readonly folder: string
}

/** Adapters and options that their plugin's README does not name in backticks. */
export function adapterPageProblems(root: string, adapters: readonly ListedAdapter[]): string[] {
  return adapters.flatMap(({ kind, name, options, folder }) => {
    const page = `${folder}/README.md`
    if (!existsSync(join(root, page))) return [`${page}: is missing, and ${kind} ${name} has no page`]
    const text = readFileSync(join(root, page), 'utf8')
    const titled = new RegExp(`\`${name}\``).test(text) ? [] : [`${page}: says nothing of ${kind} ${name}`]
    const absent = options.filter((option) => !text.includes(`\`${option}\``))
    return [...titled, ...absent.map((option) => `${page}: option ${option} of ${kind} ${name} is not described`)]
  })
}
