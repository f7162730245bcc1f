import { readGit, type GitFacts } from './repository.js'

/** Looks into a folder's repository when first asked, once. */
export function lazyGit(folder: string): (what: keyof GitFacts) => Promise<string | undefined> {
  let facts: Promise<GitFacts> | undefined
  return async (what) => (await (facts ??= readGit(folder)))[what]
}
