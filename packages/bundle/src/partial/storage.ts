import { open, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isRopewayError, messageOf, type RopewayError } from '@ropeway/core'
import { diskFull, targetFileTooLarge, targetNotWritable } from '../errors.js'

/** What went wrong while storing, in the user's words. `needed`: bytes that still have to be stored. */
export function storageError(thrown: unknown, path: string, needed: number, free?: number): RopewayError {
  if (isRopewayError(thrown)) return thrown
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(path, needed, free, thrown)
  if (code === 'EFBIG') return targetFileTooLarge(path, needed, thrown)
  return unwritable(String(code), path, thrown)
}

/** The error for a system's error code. */
export function unwritable(code: string, path: string, cause?: unknown): RopewayError {
  return targetNotWritable(path, reasons[code] ?? (cause === undefined ? code : messageOf(cause)), cause)
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the disk is mounted read-only',
  ENOTDIR: 'a part of its path is not a folder',
  EISDIR: 'a folder stands there',
  ERR_FS_EISDIR: 'a folder stands there',
  ELOOP: 'a symbolic link stands there',
  ENAMETOOLONG: 'its name is too long',
}

/** Free bytes of the disk on which a path is or would be, for this user; `undefined` when the system does not say. */
export async function freeSpace(path: string): Promise<number | undefined> {
  const folder = await nearestFolder(dirname(path))
  return statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined,
  )
}

/** The folder itself if it exists, else the nearest one above it that does. */
export async function nearestFolder(folder: string): Promise<string> {
  const exists = await stat(folder).then(
    () => true,
    () => false,
  )
  const parent = dirname(folder)
  return exists || parent === folder ? folder : nearestFolder(parent)
}

/** Makes names in a folder durable, where the system can do that. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}
