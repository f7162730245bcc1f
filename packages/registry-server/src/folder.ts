import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rm, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { isRopewayError } from '@ropeway/core'
import { isDigest, isRepository, isTag, parseDigest } from '@ropeway/oci'
import { folderForeign, folderUnusable } from './errors.js'
import { exists, ifPresent, list, moveInto, remove } from './files.js'
import type { BlobUpload, Storage, StoredManifest } from './storage.js'

const markerName = 'ropeway-registry.json'
const markerText = '{"layout":1}\n'
const uploadsName = '_uploads'
const chunkSize = 1024 * 1024

function digestFile(digest: string): string {
  const { algorithm, encoded } = parseDigest(digest)
  return `${algorithm}-${encoded}`
}

function digestOf(file: string): string {
  return file.replace('-', ':')
}

/** Paths of one folder. All parts were checked by the server: no component of a name starts with `_` or `.`. */
function layoutOf(root: string) {
  const repository = (name: string) => join(root, 'repositories', name)
  return {
    uploads: join(root, uploadsName),
    repositories: join(root, 'repositories'),
    content(digest: string) {
      const { algorithm, encoded } = parseDigest(digest)
      return join(root, 'blobs', algorithm, encoded.slice(0, 2), encoded)
    },
    repository,
    blob: (name: string, digest: string) => join(repository(name), '_blobs', digestFile(digest)),
    manifests: (name: string) => join(repository(name), '_manifests'),
    manifest: (name: string, digest: string) => join(repository(name), '_manifests', digestFile(digest)),
    referrers: (name: string, subject: string) => join(repository(name), '_referrers', digestFile(subject)),
    referrer: (name: string, subject: string, digest: string) =>
      join(repository(name), '_referrers', digestFile(subject), digestFile(digest)),
    tags: (name: string) => join(repository(name), '_tags'),
    tag: (name: string, tag: string) => join(repository(name), '_tags', tag),
  }
}
type Layout = ReturnType<typeof layoutOf>

/** Writes a small file so that at any moment either the old or the new one is there, whole. */
async function writeWhole(layout: Layout, path: string, bytes: Uint8Array | string): Promise<void> {
  const temporary = join(layout.uploads, randomUUID())
  const file = await open(temporary, 'wx', 0o644)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await moveInto(temporary, path)
}

async function mark(layout: Layout, path: string): Promise<void> {
  if (!(await exists(path))) await writeWhole(layout, path, '')
}

function uploadTo(layout: Layout, repository: string): BlobUpload {
  const temporary = join(layout.uploads, randomUUID())
  let file: FileHandle | undefined
  let size = 0
  const opened = async (): Promise<FileHandle> => (file ??= await open(temporary, 'wx', 0o644))
  const close = async (): Promise<void> => {
    const closing = file
    file = undefined
    await closing?.close()
  }
  return {
    async append(chunk) {
      await (await opened()).writeFile(chunk)
      size += chunk.length
    },
    open: () => (size === 0 ? emptyStream() : createReadStream(temporary, { highWaterMark: chunkSize })),
    async commit(digest) {
      const path = layout.content(digest)
      await (await opened()).sync()
      await close()
      if (await exists(path)) await rm(temporary, { force: true })
      else await moveInto(temporary, path)
      await mark(layout, layout.blob(repository, digest))
    },
    async discard() {
      await close()
      await rm(temporary, { force: true })
    },
  }
}

async function* emptyStream(): AsyncGenerator<Uint8Array> {}

/** Names of all repositories below a folder: those that hold `_blobs`, `_manifests` or `_tags`. */
async function findRepositories(layout: Layout, name = ''): Promise<string[]> {
  const entries = await list(name === '' ? layout.repositories : layout.repository(name))
  const found = name !== '' && entries.some((entry) => entry.startsWith('_')) ? [name] : []
  for (const entry of entries) {
    const child = name === '' ? entry : `${name}/${entry}`
    if (isRepository(child)) found.push(...(await findRepositories(layout, child)))
  }
  return found
}

/** Refuses a folder that holds something else, and forgets what an earlier process left half-done. */
async function prepare(root: string, layout: Layout): Promise<void> {
  try {
    await mkdir(root, { recursive: true })
    const entries = await readdir(root)
    if (entries.length > 0 && !entries.includes(markerName) && !entries.every((entry) => entry === uploadsName)) {
      throw folderForeign(root)
    }
    await rm(layout.uploads, { recursive: true, force: true })
    await mkdir(layout.uploads, { recursive: true })
    await writeWhole(layout, join(root, markerName), markerText)
  } catch (error) {
    throw isRopewayError(error) ? error : folderUnusable(root, error)
  }
}

interface ManifestFile {
  readonly mediaType: string
  readonly subject?: string
}

function parseManifestFile(text: string): ManifestFile | undefined {
  const [mediaType = '', subject = ''] = text.split('\n')
  if (mediaType === '') return undefined
  return isDigest(subject) ? { mediaType, subject } : { mediaType }
}

async function readManifest(layout: Layout, name: string, digest: string): Promise<StoredManifest | undefined> {
  const text = await ifPresent(readFile(layout.manifest(name, digest), 'utf8'))
  const file = text === undefined ? undefined : parseManifestFile(text)
  const bytes = file && (await ifPresent(readFile(layout.content(digest))))
  return file && bytes && { digest, bytes, ...file }
}

async function removeManifest(layout: Layout, name: string, digest: string): Promise<boolean> {
  const manifest = await readManifest(layout, name, digest)
  if (manifest === undefined) return false
  for (const tag of await list(layout.tags(name))) {
    if ((await ifPresent(readFile(layout.tag(name, tag), 'utf8')))?.trim() === digest)
      await remove(layout.tag(name, tag))
  }
  if (manifest.subject !== undefined) await remove(layout.referrer(name, manifest.subject, digest))
  return remove(layout.manifest(name, digest))
}

/**
 * A storage in a folder, for one process at a time. What was answered with success survives a crash: content is named by
 * its digest, and each file appears whole by renaming. A deleted blob leaves its repository; its bytes stay in `blobs/`.
 * Throws FOLDER_NOT_A_REGISTRY for a folder that holds other files, FOLDER_UNUSABLE when it cannot be written.
 */
export async function folderStorage(root: string): Promise<Storage> {
  const layout = layoutOf(root)
  await prepare(root, layout)
  const sizeOf = async (digest: string) => (await ifPresent(stat(layout.content(digest))))?.size
  return {
    async repositories() {
      return (await findRepositories(layout)).sort()
    },
    blobs: {
      async stat(name, digest) {
        return (await exists(layout.blob(name, digest))) ? sizeOf(digest) : undefined
      },
      statAnywhere: sizeOf,
      open(_name, digest, { start, end }) {
        if (start >= end) return emptyStream()
        return createReadStream(layout.content(digest), { start, end: end - 1, highWaterMark: chunkSize })
      },
    },
    manifests: {
      manifest: (name, digest) => readManifest(layout, name, digest),
      async referrers(name, subject) {
        return (await list(layout.referrers(name, subject))).map(digestOf)
      },
    },
    tags: {
      async resolve(name, tag) {
        return (await ifPresent(readFile(layout.tag(name, tag), 'utf8')))?.trim()
      },
      async tags(name) {
        const entries = await ifPresent(readdir(layout.repository(name)))
        if (entries?.some((entry) => entry.startsWith('_')) !== true) return undefined
        return (await list(layout.tags(name))).filter(isTag)
      },
    },
    write: {
      blobs: {
        begin: async (name) => uploadTo(layout, name),
        link: (name, digest) => mark(layout, layout.blob(name, digest)),
        unlink: (name, digest) => remove(layout.blob(name, digest)),
      },
      manifests: {
        async put(name, { digest, mediaType, bytes, subject }) {
          const content = layout.content(digest)
          if (!(await exists(content))) await writeWhole(layout, content, bytes)
          if (subject !== undefined) await mark(layout, layout.referrer(name, subject, digest))
          await writeWhole(layout, layout.manifest(name, digest), `${mediaType}\n${subject ?? ''}\n`)
        },
        remove: (name, digest) => removeManifest(layout, name, digest),
      },
      tags: {
        tag: (name, tag, digest) => writeWhole(layout, layout.tag(name, tag), `${digest}\n`),
        untag: (name, tag) => remove(layout.tag(name, tag)),
      },
    },
  }
}
