import type { ByteRange } from '@ropeway/core'
import type { BlobUpload, Storage, StoredManifest } from './storage.js'

interface Repository {
  readonly blobs: Set<string>
  readonly manifests: Map<string, StoredManifest>
  readonly tags: Map<string, string>
}

interface Blob {
  readonly size: number
  readonly chunks: readonly Uint8Array[]
}

function* slice(chunks: readonly Uint8Array[], range: ByteRange): Generator<Uint8Array> {
  let position = 0
  for (const chunk of chunks) {
    const start = Math.max(range.start - position, 0)
    const end = Math.min(range.end - position, chunk.length)
    if (start < end) yield chunk.subarray(start, end)
    position += chunk.length
    if (position >= range.end) return
  }
}

async function* stream(chunks: readonly Uint8Array[], range: ByteRange): AsyncGenerator<Uint8Array> {
  yield* slice(chunks, range)
}

/** A storage that lives as long as the process: for tests and demonstrations. All content is kept in memory. */
export function memoryStorage(): Storage {
  const blobs = new Map<string, Blob>()
  const repositories = new Map<string, Repository>()

  function repository(name: string): Repository {
    let found = repositories.get(name)
    if (found === undefined) {
      found = { blobs: new Set(), manifests: new Map(), tags: new Map() }
      repositories.set(name, found)
    }
    return found
  }

  function upload(name: string): BlobUpload {
    let chunks: Uint8Array[] = []
    let size = 0
    return {
      async append(chunk) {
        chunks.push(Uint8Array.from(chunk))
        size += chunk.length
      },
      open: () => stream([...chunks], { start: 0, end: size }),
      async commit(digest) {
        if (!blobs.has(digest)) blobs.set(digest, { size, chunks })
        repository(name).blobs.add(digest)
        chunks = []
      },
      async discard() {
        chunks = []
      },
    }
  }

  return {
    async repositories() {
      return [...repositories.keys()].sort()
    },
    blobs: {
      async stat(name, digest) {
        return repositories.get(name)?.blobs.has(digest) === true ? blobs.get(digest)?.size : undefined
      },
      async statAnywhere(digest) {
        return blobs.get(digest)?.size
      },
      open: (_name, digest, range) => stream(blobs.get(digest)?.chunks ?? [], range),
    },
    manifests: {
      async manifest(name, digest) {
        return repositories.get(name)?.manifests.get(digest)
      },
      async referrers(name, subject) {
        const manifests = [...(repositories.get(name)?.manifests.values() ?? [])]
        return manifests
          .filter((manifest) => manifest.subject === subject)
          .map((manifest) => manifest.digest)
          .sort()
      },
    },
    tags: {
      async resolve(name, tag) {
        return repositories.get(name)?.tags.get(tag)
      },
      async tags(name) {
        const found = repositories.get(name)
        return found === undefined ? undefined : [...found.tags.keys()].sort()
      },
    },
    write: {
      blobs: {
        begin: async (name) => upload(name),
        async link(name, digest) {
          repository(name).blobs.add(digest)
        },
        async unlink(name, digest) {
          return repositories.get(name)?.blobs.delete(digest) ?? false
        },
      },
      manifests: {
        async put(name, manifest) {
          repository(name).manifests.set(manifest.digest, manifest)
        },
        async remove(name, digest) {
          const found = repositories.get(name)
          if (found?.manifests.delete(digest) !== true) return false
          for (const [tag, named] of found.tags) if (named === digest) found.tags.delete(tag)
          return true
        },
      },
      tags: {
        async tag(name, tag, digest) {
          repository(name).tags.set(tag, digest)
        },
        async untag(name, tag) {
          return repositories.get(name)?.tags.delete(tag) ?? false
        },
      },
    },
  }
}
