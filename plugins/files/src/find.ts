import { glob, lstat, readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, posix, relative, sep } from 'node:path'
import { didYouMean, isRopewayError, messageOf, toRopewayError, type Context, type Failure } from '@ropeway/core'
import { fileLinkRefused, fileNameRefused, sourceFileMissing, sourceFileUnreadable, sourceGlobEmpty } from './errors.js'

/** A file on disk. */
export interface LocalFile {
  /** As people are told it: relative to the chain, with `/`. */
  readonly path: string
  readonly absolute: string
  /** In bytes. */
  readonly size: number
  readonly executable: boolean
}

/** A folder on disk. */
export interface LocalFolder {
  readonly path: string
  readonly absolute: string
}

export type Found =
  { readonly type: 'file'; readonly file: LocalFile } | { readonly type: 'folder'; readonly folder: LocalFolder }

export type FindContext = Pick<Context, 'resolvePath' | 'signal'>

const globCharacters = /[*?[\]{}]/

/**
 * What a path of the chain names: a file, a folder, or the files that a glob matches, sorted. Links that the user names are
 * followed, links that are found are refused. Throws `SOURCE_FILE_MISSING`, `SOURCE_FILE_UNREADABLE`, `SOURCE_GLOB_EMPTY`
 * and `FILE_LINK_REFUSED`.
 */
export async function find(path: string, context: FindContext): Promise<readonly Found[]> {
  const shown = shownPath(path)
  const absolute = context.resolvePath(path)
  const status = await statOf(absolute, shown)
  if (status?.isFile() === true) return [{ type: 'file', file: localFile(shown, absolute, status) }]
  if (status?.isDirectory() === true) {
    return [{ type: 'folder', folder: { path: shown, absolute } }]
  }
  if (status !== undefined) throw sourceFileUnreadable(shown, 'it is neither a file nor a folder')
  if (!globCharacters.test(path)) throw sourceFileMissing(shown, await nearNames(absolute), absolute)
  return (await matches(path, context)).map((file) => ({ type: 'file', file }))
}

/** Finds many; what fails of them is told one by one. */
export async function findAll<Item>(
  items: readonly Item[],
  pathOf: (item: Item) => string,
  context: FindContext,
): Promise<{
  readonly found: readonly { readonly item: Item; readonly found: Found }[]
  readonly failures: readonly Failure[]
}> {
  const found: { readonly item: Item; readonly found: Found }[] = []
  const failures: Failure[] = []
  for (const item of items) {
    context.signal.throwIfAborted()
    try {
      for (const each of await find(pathOf(item), context)) found.push({ item, found: each })
    } catch (error) {
      failures.push(failureOf(pathOf(item), error))
    }
  }
  return { found, failures }
}

/** A failure to be yielded. What is no `RopewayError` is thrown: it is a fault, or the end of a stopped run. */
export function failureOf(about: string, error: unknown): Failure {
  if (!isRopewayError(error)) throw error
  return { about, error: toRopewayError(error) }
}

async function matches(pattern: string, context: FindContext): Promise<readonly LocalFile[]> {
  const folder = context.resolvePath('.')
  const paths: string[] = []
  for await (const path of glob(pattern, { cwd: folder })) paths.push(path)
  const files: LocalFile[] = []
  const links: string[] = []
  const badNames: string[] = []
  for (const path of paths.sort(byCodeUnits)) {
    context.signal.throwIfAborted()
    const absolute = context.resolvePath(path)
    const status = await lstat(absolute)
    if (status.isDirectory()) continue
    if (!isCarriable(basename(path))) badNames.push(path)
    else if (!status.isFile() || (await leadsElsewhere(path, pattern, context))) links.push(shownPath(path))
    else files.push(localFile(shownPath(path), absolute, status))
  }
  if (badNames.length > 0) throw fileNameRefused(shownPath(pattern), badNames)
  if (links.length > 0) throw fileLinkRefused(shownPath(pattern), links)
  if (files.length === 0) throw sourceGlobEmpty(pattern, folder)
  return files
}

/** Whether a folder that the glob found, not one that the user named before the first wildcard, is a link. */
async function leadsElsewhere(path: string, pattern: string, context: FindContext): Promise<boolean> {
  const parts = pattern.split('/')
  const named =
    parts
      .slice(
        0,
        parts.findIndex((part) => globCharacters.test(part)),
      )
      .join('/') || (pattern.startsWith('/') ? '/' : '.')
  const root = context.resolvePath(named)
  const expected = join(await realpath(root), relative(root, context.resolvePath(path)))
  return (await realpath(context.resolvePath(path))) !== expected
}

/**
 * All files below a folder, sorted; their paths are relative to it. Throws `FILE_LINK_REFUSED`, `FILE_NAME_REFUSED` and
 * `SOURCE_FILE_UNREADABLE`.
 */
export async function filesBelow(
  { path: shown, absolute: folder }: LocalFolder,
  context: Pick<FindContext, 'signal'>,
): Promise<readonly LocalFile[]> {
  const files: LocalFile[] = []
  const links: string[] = []
  const badNames: string[] = []
  const walk = async (directory: string, prefix: string): Promise<void> => {
    context.signal.throwIfAborted()
    for (const entry of await entriesOf(directory, posix.join(shown, prefix))) {
      const path = posix.join(prefix, entry.name)
      const absolute = join(directory, entry.name)
      if (!isCarriable(entry.name)) badNames.push(path)
      else if (entry.isDirectory()) await walk(absolute, path)
      else if (entry.isFile()) files.push(localFile(path, absolute, await lstat(absolute)))
      else links.push(path)
    }
  }
  await walk(folder, '')
  if (badNames.length > 0) throw fileNameRefused(shown, badNames.sort(byCodeUnits))
  if (links.length > 0) throw fileLinkRefused(shown, links.sort(byCodeUnits))
  return files.sort((a, b) => byCodeUnits(a.path, b.path))
}

async function entriesOf(directory: string, shown: string) {
  try {
    return await readdir(directory, { withFileTypes: true })
  } catch (error) {
    throw sourceFileUnreadable(shown, messageOf(error), error)
  }
}

/** U+FFFD stands where a name is not UTF-8; the file could not be opened by it. */
function isCarriable(name: string): boolean {
  return !/[\p{Cc}\\\uFFFD]/u.test(name)
}

function localFile(
  path: string,
  absolute: string,
  status: { readonly size: number; readonly mode: number },
): LocalFile {
  return { path, absolute, size: status.size, executable: (status.mode & 0o111) !== 0 }
}

async function statOf(absolute: string, shown: string) {
  try {
    return await stat(absolute)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw sourceFileUnreadable(shown, messageOf(error), error)
  }
}

/** Whether a file system call failed because there is nothing of that name. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

async function nearNames(absolute: string): Promise<string | undefined> {
  try {
    return didYouMean(basename(absolute), await readdir(dirname(absolute)))
  } catch {
    return undefined
  }
}

/** The path as errors, locks and names have it: with `/`, without `./` at its start or `/` at its end. */
function shownPath(path: string): string {
  const normal = posix.normalize(path.split(sep).join('/'))
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
