import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Json, StateStore } from '@ropeway/core'
import { sha256 } from '@ropeway/oci'

/** Tells the temporary files of this process apart. */
let writes = 0

/** State in one small file a key, replaced atomically. What cannot be read or written counts as lost. */
export function folderState(directory: string): StateStore {
  const pathOf = (key: string) => join(directory, `${sha256(Buffer.from(key)).slice('sha256:'.length)}.json`)
  return {
    async get(key) {
      try {
        return JSON.parse(await readFile(pathOf(key), 'utf8')) as Json
      } catch {
        return undefined
      }
    },
    async set(key, value) {
      const path = pathOf(key)
      const temporary = `${path}.${process.pid}-${writes++}.tmp`
      try {
        await mkdir(directory, { recursive: true })
        await writeFile(temporary, JSON.stringify(value), { mode: 0o600 })
        await rename(temporary, path)
      } catch {
        // Losing state costs work, never a run: a full or read-only disk under it must not fail one.
        await rm(temporary, { force: true }).catch(() => undefined)
      }
    },
    async delete(key) {
      await rm(pathOf(key), { force: true }).catch(() => undefined)
    },
  }
}

export function memoryState(): StateStore {
  const values = new Map<string, Json>()
  return {
    get: async (key) => values.get(key),
    set: async (key, value) => void values.set(key, value),
    delete: async (key) => void values.delete(key),
  }
}
