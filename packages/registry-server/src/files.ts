import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Code of a system error, such as `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** What the task gives, or `undefined` where the file does not exist. */
export async function ifPresent<T>(task: Promise<T>): Promise<T | undefined> {
  try {
    return await task
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}

export async function exists(path: string): Promise<boolean> {
  return (await ifPresent(stat(path))) !== undefined
}

export async function list(directory: string): Promise<string[]> {
  return ((await ifPresent(readdir(directory))) ?? []).sort()
}

/** Removes a file; false when it was not there. */
export async function remove(path: string): Promise<boolean> {
  return (await ifPresent(rm(path).then(() => true))) ?? false
}

/** Renames a file into a directory that may not exist yet. */
export async function moveInto(temporary: string, path: string): Promise<void> {
  try {
    await rename(temporary, path)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
    await mkdir(dirname(path), { recursive: true })
    await rename(temporary, path)
  }
}
