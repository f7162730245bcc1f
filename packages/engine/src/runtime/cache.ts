import { mkdir, open, readFile, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContentCache, Descriptor } from '@ropeway/core'
import { collect, createDigester, parseDigest, smallContentLimit, verified } from '@ropeway/oci'

/**
 * A content cache in a folder: `sha256/<hex>`. What is read from it is verified again, so a damaged entry is only a miss.
 * Entries not used for longest go when it outgrows `capacity` (bytes).
 */
export function folderCache(
  directory: string,
  capacity = 2 * 1024 * 1024 * 1024,
): ContentCache & { trim(): Promise<void> } {
  const pending = new Map<string, Promise<Uint8Array>>()
  let writes = 0

  function pathOf(digest: string): string {
    const { algorithm, encoded } = parseDigest(digest)
    return join(directory, algorithm, encoded)
  }

  async function read(digest: string): Promise<Uint8Array | undefined> {
    const path = pathOf(digest)
    try {
      const bytes = await readFile(path)
      const digester = createDigester(digest)
      digester.update(bytes)
      if (digester.digest() !== digest) {
        await rm(path, { force: true })
        return undefined
      }
      const now = new Date()
      await utimes(path, now, now).catch(() => undefined)
      return bytes
    } catch {
      return undefined
    }
  }

  async function write(digest: string, bytes: Uint8Array): Promise<void> {
    const path = pathOf(digest)
    const temporary = `${path}.${process.pid}-${writes++}.tmp`
    try {
      await mkdir(join(path, '..'), { recursive: true })
      const file = await open(temporary, 'wx', 0o600)
      try {
        await file.writeFile(bytes)
      } finally {
        await file.close()
      }
      await rename(temporary, path)
    } catch {
      // The cache is a convenience: a full or read-only disk under it must not fail a run.
      await rm(temporary, { force: true }).catch(() => undefined)
    }
  }

  async function load(descriptor: Descriptor, open: () => AsyncIterable<Uint8Array>): Promise<Uint8Array> {
    const kept = await read(descriptor.digest)
    if (kept !== undefined && kept.byteLength === descriptor.size) return kept
    const bytes = await collect(verified(open(), descriptor), smallContentLimit)
    await write(descriptor.digest, bytes)
    return bytes
  }

  return {
    read,
    write,
    fetch(descriptor, open) {
      const running = pending.get(descriptor.digest)
      if (running !== undefined) return running
      const started = load(descriptor, open).finally(() => pending.delete(descriptor.digest))
      pending.set(descriptor.digest, started)
      return started
    },
    async trim() {
      if (writes === 0) return
      await trimFolder(directory, capacity).catch(() => undefined)
    },
  }
}

/** Removes the files of the folders in `directory` that were not used for longest, until the rest is at most `capacity` bytes. */
export async function trimFolder(directory: string, capacity: number): Promise<void> {
  const entries: { path: string; size: number; used: number }[] = []
  for (const algorithm of await readdir(directory)) {
    for (const name of await readdir(join(directory, algorithm))) {
      const path = join(directory, algorithm, name)
      const facts = await stat(path)
      entries.push({ path, size: facts.size, used: facts.mtimeMs })
    }
  }
  let total = entries.reduce((sum, entry) => sum + entry.size, 0)
  entries.sort((a, b) => a.used - b.used)
  for (const entry of entries) {
    if (total <= capacity) return
    await rm(entry.path, { force: true })
    total -= entry.size
  }
}

/** A cache that lives as long as the process: for runs without a cache folder. */
export function memoryCache(): ContentCache & { trim(): Promise<void> } {
  const kept = new Map<string, Promise<Uint8Array>>()
  return {
    read: async (digest) => kept.get(digest)?.catch(() => undefined),
    write: async (digest, bytes) => void kept.set(digest, Promise.resolve(bytes)),
    fetch(descriptor, open) {
      const running = kept.get(descriptor.digest)
      if (running !== undefined) return running
      const started = collect(verified(open(), descriptor), smallContentLimit)
      kept.set(descriptor.digest, started)
      started.catch(() => kept.delete(descriptor.digest))
      return started
    },
    trim: async () => undefined,
  }
}
