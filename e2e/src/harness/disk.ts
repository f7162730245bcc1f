import { execFile } from 'node:child_process'
import { mkdir, stat } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'

const exec = promisify(execFile)

/** A disk of its own, in memory. */
export interface Disk {
  readonly folder: string
  /** Makes it read-only, or writable again. */
  readOnly(only: boolean): Promise<void>
  close(): Promise<void>
}

/** Mounts a disk of so many bytes at a new folder. Needs root, as CI has it. */
export async function smallDisk(folder: string, bytes: number): Promise<Disk> {
  await mkdir(folder)
  await exec('mount', ['-t', 'tmpfs', '-o', `size=${String(bytes)}`, 'e2e', folder])
  return {
    folder,
    readOnly: async (only) => void (await exec('mount', ['-o', `remount,${only ? 'ro' : 'rw'}`, folder])),
    close: async () => void (await exec('umount', ['--lazy', folder])),
  }
}

/** Resolves when there is a file of this name, at the latest after a minute. */
export async function appears(file: string): Promise<void> {
  const deadline = Date.now() + 60_000
  while ((await stat(file).catch(() => undefined)) === undefined) {
    if (Date.now() > deadline) throw new Error(`${file} did not appear`)
    await setTimeout(5)
  }
}
