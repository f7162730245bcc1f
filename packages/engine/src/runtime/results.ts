import { mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Json } from '@ropeway/core'
import { sha256 } from '@ropeway/oci'
import { trimFolder } from './cache.js'

/** A kind of work whose result depends on its inputs alone. */
export interface Work<T> {
  /** Tells it from other work, and its results from those of another shape. */
  readonly name: string
  /** Everything that the result depends on. */
  readonly inputs: Json
  /** Does it. */
  run(): Promise<T>
  /** The result as plain data; absent: it is some. */
  keep?(result: T): unknown
  /** Reads a result that was kept; throws for what is none. */
  parse(kept: unknown): T
}

/** Results of work that are kept between runs. Losing them costs work, never correctness. */
export interface Results {
  /** The kept result of the same work on the same inputs, else what `run` returns, kept. Throws what `run` throws: that is not kept. */
  recall<T>(work: Work<T>): Promise<T>
  trim(): Promise<void>
}

/** Nothing is kept. */
export const noResults: Results = { recall: (work) => work.run(), trim: async () => undefined }

/**
 * Results in a folder, a file each: the digest of the result's text, then the text. `version` is that of the code that does the
 * work: what another version kept is not seen, and nothing is kept where it is not known. A damaged file is only a miss. Those not
 * used for longest go when it outgrows `capacity` (bytes).
 */
export function folderResults(
  directory: string,
  version: () => string | undefined,
  capacity = 256 * 1024 * 1024,
): Results {
  let writes = 0
  return {
    async recall<T>(work: Work<T>): Promise<T> {
      const code = version()
      if (code === undefined) return work.run()
      // not canonical: the order of fields may count
      const key = sha256(JSON.stringify([code, work.name, work.inputs])).slice('sha256:'.length)
      const path = join(directory, key.slice(0, 2), key)
      const kept = await readKept(path)
      if (kept !== undefined) {
        try {
          return work.parse(JSON.parse(kept))
        } catch {
          await rm(path, { force: true }).catch(() => undefined)
        }
      }
      const result = await work.run()
      const text = JSON.stringify(work.keep === undefined ? result : work.keep(result))
      let read: T
      try {
        // as it will be read the next time: both runs go on with the same
        read = work.parse(JSON.parse(text))
      } catch {
        return result
      }
      await write(path, text, `${String(process.pid)}-${String(writes++)}`)
      return read
    },
    async trim() {
      if (writes > 0) await trimFolder(directory, capacity).catch(() => undefined)
    },
  }
}

async function readKept(path: string): Promise<string | undefined> {
  try {
    const content = await readFile(path, 'utf8')
    const end = content.indexOf('\n')
    const text = content.slice(end + 1)
    if (content.slice(0, end) !== sha256(text)) return undefined
    const now = new Date()
    await utimes(path, now, now).catch(() => undefined)
    return text
  } catch {
    return undefined
  }
}

async function write(path: string, text: string, unique: string): Promise<void> {
  const temporary = `${path}.${unique}.tmp`
  try {
    await mkdir(join(path, '..'), { recursive: true })
    await writeFile(temporary, `${sha256(text)}\n${text}`, { mode: 0o600 })
    await rename(temporary, path)
  } catch {
    // A full or read-only disk under it must not fail a run.
    await rm(temporary, { force: true }).catch(() => undefined)
  }
}
