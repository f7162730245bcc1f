import type { ByteRange, Content, PlannedArtifact } from '@ropeway/core'
import { sha256, sizeMismatch } from '@ropeway/oci'
import {
  archiveSize,
  encodeTable,
  metadataPaths,
  ociLayoutText,
  placeBlobs,
  type BlobRole,
  type MetadataPath,
  type PlacedBlob,
} from '../format.js'
import type { BundleLock } from '../lock.js'
import { encodeHeader, endOfArchive } from '../tar/header.js'
import { indexAt, placeFiles, type PlacedFile } from '../tar/layout.js'
import { gatherContents, type Contents } from './blobs.js'
import { encodeDockerManifest } from './docker-manifest.js'
import { encodeArtifacts, encodeIndex } from './index-json.js'
import { agreedLock } from './agree.js'

export interface ArchiveInput {
  readonly chain: { readonly name: string; readonly version: string }
  /** The lock's bytes. It holds exactly these artifacts. */
  readonly lock: Uint8Array
  readonly artifacts: readonly PlannedArtifact[]
  /** Exact bytes of every manifest and index of the artifacts, by digest. */
  readonly manifests: ReadonlyMap<string, Uint8Array>
}

/** A config or layer in the archive. Offsets and sizes in bytes. */
export interface ArchiveBlob {
  readonly offset: number
  readonly size: number
  readonly mediaType: string
}

/** An entry of the tar: header from `start`, content from `offset`, padding up to `end`. */
export interface ArchiveEntry extends PlacedFile {
  /** Absent for metadata. */
  readonly digest?: string | undefined
  readonly role: BlobRole | 'metadata'
}

/** Bytes that are known before anything moves. */
export interface FixedBytes {
  readonly offset: number
  readonly bytes: Uint8Array
}

/** A bundle, computed: every byte of it is either fixed or that of a blob at a known place. */
export interface Archive {
  /** Exact size of the whole file. */
  readonly size: number
  /** sha256 of the metadata block, which decides every other byte. */
  readonly identity: string
  /** Where the blob section starts: the metadata block is everything before. */
  readonly blobSection: number
  /** Configs and layers by digest; ascending offsets, which is archive order. */
  readonly blobs: ReadonlyMap<string, ArchiveBlob>
  /** Everything else: headers, metadata, manifests, padding, the end. Ascending; with the blobs it covers the whole file. */
  readonly fixed: readonly FixedBytes[]
  /** Every entry of the tar, in its order. */
  readonly entries: readonly ArchiveEntry[]
  /**
   * Any range of the file, from fixed bytes and `content`; blobs are not verified. Throws what `content` throws, and
   * `SIZE_MISMATCH` when it gives more or fewer bytes than asked for.
   */
  read(range: ByteRange, content: Content, signal?: AbortSignal): AsyncIterable<Uint8Array>
}

/**
 * Lays out a bundle (docs/bundle-format.md). The same lock gives the same bytes, whatever the order of artifacts and
 * manifests. Throws `BLOB_SIZE_CONFLICT`, `BUNDLE_LOCK_MISMATCH`, `BUNDLE_MANIFEST_MISSING`, and what parsing of manifests
 * throws.
 */
export function planArchive(input: ArchiveInput): Archive {
  const lock = agreedLock(input)
  const contents = gatherContents(input.artifacts, input.manifests)
  const placed = placeBlobs(contents.blobs)
  const metadata = placeFiles(metadataFiles(input, lock, contents, placed), 0)
  const blobSection = metadata.at(-1)?.end ?? 0
  const blobs = placed.map((blob) => moved(blob, blobSection))
  const size = archiveSize(blobSection, placed)
  const tiles = tile(metadata, blobs, input.manifests, size)
  const fixed = tiles.filter((one) => one.type === 'fixed').map(({ start, bytes }) => ({ offset: start, bytes }))
  return {
    size,
    identity: sha256(fixed[0]?.bytes.subarray(0, blobSection) ?? new Uint8Array()),
    blobSection,
    blobs: new Map(
      blobs
        .filter(({ role }) => role !== 'manifest')
        .map(({ digest, offset, size }) => [digest, { offset, size, mediaType: mediaTypeOf(contents, digest) }]),
    ),
    fixed,
    entries: [...metadata.map(({ bytes: _, ...file }) => ({ ...file, role: 'metadata' as const })), ...blobs],
    read: (range, content, signal) => readTiles(tiles, contents, range, content, signal),
  }
}

interface MetadataFile {
  readonly path: MetadataPath
  readonly size: number
  readonly bytes: Uint8Array
}

function metadataFiles(
  input: ArchiveInput,
  lock: BundleLock,
  contents: Contents,
  placed: readonly PlacedBlob[],
): MetadataFile[] {
  const held = new Set(contents.blobs.map(({ digest }) => digest))
  const texts = {
    'oci-layout': ociLayoutText,
    'index.json': encodeIndex(lock.artifacts),
    'manifest.json': encodeDockerManifest(lock, contents.parsed, (digest) => held.has(digest)),
    'artifacts.json': encodeArtifacts(lock.artifacts),
  }
  const table = encodeTable(
    {
      formatVersion: 1,
      chain: input.chain,
      lock: { digest: sha256(input.lock), size: input.lock.byteLength },
      metadata: {
        'oci-layout': sha256(texts['oci-layout']),
        'index.json': sha256(texts['index.json']),
        'manifest.json': sha256(texts['manifest.json']),
        'artifacts.json': sha256(texts['artifacts.json']),
      },
    },
    placed,
  )
  const encoded = (text: string): Uint8Array => new TextEncoder().encode(text)
  return metadataPaths.map((path) => {
    const bytes = path === 'ropeway.lock' ? input.lock : path === 'ropeway.json' ? encoded(table) : encoded(texts[path])
    return { path, bytes, size: bytes.byteLength }
  })
}

function moved<File extends PlacedFile>(file: File, by: number): File {
  return { ...file, start: file.start + by, offset: file.offset + by, end: file.end + by }
}

function mediaTypeOf(contents: Contents, digest: string): string {
  return contents.mediaTypes.get(digest) ?? 'application/octet-stream'
}

/** A stretch of the archive. Tiles follow each other without gaps; fixed and blobs take turns. */
type Tile =
  | { readonly type: 'fixed'; readonly start: number; readonly end: number; readonly bytes: Uint8Array }
  | { readonly type: 'blob'; readonly start: number; readonly end: number; readonly digest: string }

function tile(
  metadata: readonly (PlacedFile & MetadataFile)[],
  blobs: readonly PlacedBlob[],
  manifests: ReadonlyMap<string, Uint8Array>,
  size: number,
): Tile[] {
  const tiles: Tile[] = []
  let start = 0
  let parts: { offset: number; bytes: Uint8Array }[] = []
  const closeFixed = (end: number): void => {
    const bytes = new Uint8Array(end - start)
    for (const part of parts) bytes.set(part.bytes, part.offset - start)
    if (bytes.byteLength > 0) tiles.push({ type: 'fixed', start, end, bytes })
    parts = []
  }
  const fix = (file: PlacedFile, bytes: Uint8Array): void => {
    parts.push({ offset: file.start, bytes: encodeHeader(file.path, file.size) }, { offset: file.offset, bytes })
  }
  for (const file of metadata) fix(file, file.bytes)
  for (const blob of blobs) {
    if (blob.role === 'manifest') {
      fix(blob, manifests.get(blob.digest) ?? new Uint8Array())
      continue
    }
    parts.push({ offset: blob.start, bytes: encodeHeader(blob.path, blob.size) })
    closeFixed(blob.offset)
    start = blob.offset + blob.size
    if (blob.size > 0) tiles.push({ type: 'blob', start: blob.offset, end: start, digest: blob.digest })
  }
  parts.push({ offset: size - endOfArchive.byteLength, bytes: endOfArchive })
  closeFixed(size)
  return tiles
}

async function* readTiles(
  tiles: readonly Tile[],
  contents: Contents,
  range: ByteRange,
  content: Content,
  signal: AbortSignal | undefined,
): AsyncIterable<Uint8Array> {
  for (let index = indexAt(tiles, range.start); index < tiles.length; index++) {
    const current = tiles[index]
    if (current === undefined || current.start >= range.end) return
    const start = Math.max(range.start, current.start) - current.start
    const end = Math.min(range.end, current.end) - current.start
    if (start >= end) continue
    signal?.throwIfAborted()
    if (current.type === 'fixed') yield current.bytes.subarray(start, end)
    else {
      const { digest } = current
      const descriptor = { mediaType: mediaTypeOf(contents, digest), digest, size: current.end - current.start }
      yield* exactly(content.open(descriptor, { offset: start, end, signal }), end - start, digest)
    }
  }
}

async function* exactly(stream: AsyncIterable<Uint8Array>, size: number, about: string): AsyncIterable<Uint8Array> {
  let read = 0
  for await (const chunk of stream) {
    read += chunk.byteLength
    if (read > size) throw sizeMismatch(size, 'more', { about })
    yield chunk
  }
  if (read < size) throw sizeMismatch(size, String(read), { about })
}
