import { readFile, readdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { readTagTarget } from './objects.js'

export interface GitFacts {
  /** Commit that is checked out. */
  readonly sha?: string | undefined
  /** Branch that is checked out; absent when HEAD is detached. */
  readonly branch?: string | undefined
  /** A tag of the commit that is checked out; of several, the first by name in version order. */
  readonly tag?: string | undefined
}

interface Repository {
  /** What belongs to this working tree: HEAD. */
  readonly gitDirectory: string
  /** What all working trees share: refs, objects. */
  readonly commonDirectory: string
}

/**
 * Reads tag, branch and commit of the git repository around a folder from its files, without git. Every fact that there is
 * not is absent; nothing is thrown for a folder without git.
 */
export async function readGit(folder: string): Promise<GitFacts> {
  const repository = await findRepository(resolve(folder))
  if (repository === undefined) return {}
  const head = (await readText(join(repository.gitDirectory, 'HEAD')))?.trim()
  if (head === undefined) return {}
  const name = /^ref: (refs\/.+)$/.exec(head)?.[1]
  const sha = name === undefined ? hash(head) : await resolveRef(repository, name)
  const branch = name?.startsWith('refs/heads/') === true ? name.slice('refs/heads/'.length) : undefined
  return { sha, branch, tag: sha === undefined ? undefined : await tagOf(repository, sha) }
}

function hash(text: string | undefined): string | undefined {
  return text !== undefined && /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(text) ? text : undefined
}

async function readText(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined)
}

async function findRepository(folder: string): Promise<Repository | undefined> {
  const candidate = join(folder, '.git')
  const facts = await stat(candidate).catch(() => undefined)
  if (facts?.isDirectory() === true) return repositoryAt(candidate)
  if (facts?.isFile() === true) {
    // A linked working tree or a submodule.
    const target = /^gitdir: (.+)$/m.exec((await readText(candidate)) ?? '')?.[1]
    return target === undefined ? undefined : repositoryAt(resolve(folder, target.trim()))
  }
  const parent = dirname(folder)
  return parent === folder ? undefined : findRepository(parent)
}

async function repositoryAt(gitDirectory: string): Promise<Repository> {
  const common = (await readText(join(gitDirectory, 'commondir')))?.trim()
  return { gitDirectory, commonDirectory: common === undefined ? gitDirectory : resolve(gitDirectory, common) }
}

async function resolveRef(repository: Repository, name: string): Promise<string | undefined> {
  const own = await readText(join(repository.gitDirectory, name))
  const loose = hash((own ?? (await readText(join(repository.commonDirectory, name))))?.trim())
  return loose ?? (await packedRefs(repository)).get(name)?.id
}

interface PackedRef {
  readonly id: string
  /** Commit behind an annotated tag. */
  readonly peeled?: string | undefined
}

async function packedRefs({ commonDirectory }: Repository): Promise<Map<string, PackedRef>> {
  const refs = new Map<string, PackedRef>()
  let last: string | undefined
  for (const line of ((await readText(join(commonDirectory, 'packed-refs'))) ?? '').split('\n')) {
    const peeled = /^\^([0-9a-f]+)$/.exec(line)?.[1]
    const [, id, name] = /^([0-9a-f]+) (\S+)$/.exec(line) ?? []
    const before = last === undefined ? undefined : refs.get(last)
    if (peeled !== undefined && last !== undefined && before !== undefined) refs.set(last, { ...before, peeled })
    if (id === undefined || name === undefined) continue
    refs.set(name, { id })
    last = name
  }
  return refs
}

async function looseTags(folder: string, prefix = ''): Promise<Map<string, string>> {
  const tags = new Map<string, string>()
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name)
    if (entry.isDirectory())
      for (const [name, id] of await looseTags(path, `${prefix}${entry.name}/`)) tags.set(name, id)
    const id = entry.isFile() ? hash((await readText(path))?.trim()) : undefined
    if (id !== undefined) tags.set(prefix + entry.name, id)
  }
  return tags
}

async function tagOf(repository: Repository, sha: string): Promise<string | undefined> {
  const { commonDirectory } = repository
  const found = new Set<string>()
  const loose = await looseTags(join(commonDirectory, 'refs', 'tags'))
  for (const [name, { id, peeled }] of await packedRefs(repository)) {
    const tag = name.startsWith('refs/tags/') ? name.slice('refs/tags/'.length) : undefined
    if (tag !== undefined && !loose.has(tag) && (peeled ?? id) === sha) found.add(tag)
  }
  for (const [name, id] of loose) {
    if (id === sha || (await readTagTarget(join(commonDirectory, 'objects'), id)) === sha) found.add(name)
  }
  return [...found].sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))[0]
}
