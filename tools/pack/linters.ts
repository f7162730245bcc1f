// publint and arethetypeswrong, on the archives.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { root } from '../workspace/rooms.mjs'
import type { Packed } from './tarballs.ts'

export async function publintProblems({ tarball }: Packed): Promise<string[]> {
  const archive = await readFile(tarball)
  const { messages, pkg } = await publint({
    strict: true,
    pack: { tarball: archive.buffer.slice(archive.byteOffset, archive.byteOffset + archive.byteLength) },
  })
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`)
}

/** ESM only: what `require` of an old resolver would see does not count. */
export function typesProblems({ tarball, room }: Packed): Promise<string[]> {
  const args = [tarball, '--profile', 'esm-only', '--no-emoji', '--no-color', '--format', 'ascii']
  return new Promise((resolve) => {
    execFile(join(root, 'node_modules', '.bin', 'attw'), args, (error, stdout, stderr) => {
      // A check that did not run must not pass.
      const ran = stdout.includes(room.manifest.name)
      resolve(error === null && ran ? [] : [`attw: ${(stdout + stderr).trim() || 'it did not run'}`])
    })
  })
}
