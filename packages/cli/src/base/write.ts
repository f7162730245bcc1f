import { rename, rm, stat, writeFile } from 'node:fs/promises'
import * as errors from '../errors.js'
import { shown } from '../text/path.js'

/** Throws `FILE_EXISTS` when there is something of this name. */
export async function refuseExisting(file: string): Promise<void> {
  const facts = await stat(file).catch(() => undefined)
  if (facts !== undefined) throw errors.fileExists(shown(file))
}

/**
 * Writes a new file, whole or not at all; one that is there is replaced only with `force`, and is as it was when that
 * fails. Throws `FILE_EXISTS` or `FILE_NOT_WRITABLE`.
 */
export async function writeNew(file: string, text: string, force: boolean): Promise<void> {
  const target = force ? `${file}.partial` : file
  try {
    await writeFile(target, text, { flag: force ? 'w' : 'wx' })
    if (force) await rename(target, file)
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST') throw errors.fileExists(shown(file))
    await rm(target, { force: true }).catch(() => undefined)
    throw errors.fileNotWritable(shown(file), thrown)
  }
}

/** Writes a file, whole or not at all; one that is there is replaced. Throws `FILE_NOT_WRITABLE`. */
export async function replaceFile(file: string, bytes: Uint8Array): Promise<void> {
  const partial = `${file}.partial`
  try {
    await writeFile(partial, bytes)
    await rename(partial, file)
  } catch (thrown) {
    await rm(partial, { force: true }).catch(() => undefined)
    throw errors.fileNotWritable(shown(file), thrown)
  }
}
