import { createDigester, isDigest, manifestLimit, sha256 } from '@ropeway/oci'
import { readRange, type RandomAccess } from '../access.js'
import { compressionOf } from '../compression.js'
import { bundleInvalid, bundleTampered, bundleTooNew, bundleTruncated } from '../errors.js'
import {
  archiveSize,
  blobRoles,
  bundleTableSchema,
  compareBlobs,
  describedPaths,
  formatVersion,
  formatVersionSchema,
  metadataLimit,
  metadataPaths,
  ociLayoutText,
  placeBlobs,
  tableBlobs,
  type BundleTable,
  type MetadataPath,
  type PlacedBlob,
} from '../format.js'
import { firstIssue, lockVersion, parseJson, readLock, type BundleLock } from '../lock.js'
import { blockSize, encodeHeader, padded } from '../tar/header.js'
import type { PlacedFile } from '../tar/layout.js'
import { isZero, parseHeader } from '../tar/parse.js'

/** A metadata entry as it was read. */
export interface MetadataEntry extends PlacedFile {
  readonly path: MetadataPath
  readonly bytes: Uint8Array
}

/** Everything that a bundle says of itself, checked for consistency. */
export interface Metadata {
  readonly identity: string
  readonly blobSection: number
  readonly entries: readonly MetadataEntry[]
  readonly table: BundleTable
  readonly lock: BundleLock
  /** In archive order, at their places in the file. */
  readonly blobs: readonly PlacedBlob[]
}

/**
 * Reads and checks the metadata block, and with it the structure of the whole file: its table decides every header, every
 * offset and the size. Throws `BUNDLE_INVALID`, `BUNDLE_TAMPERED`, `BUNDLE_TRUNCATED`, `BUNDLE_TOO_NEW`.
 */
export async function readMetadata(access: RandomAccess): Promise<Metadata> {
  const digester = createDigester()
  const entries: MetadataEntry[] = []
  let table: BundleTable | undefined
  for (const path of metadataPaths) {
    const start = entries.at(-1)?.end ?? 0
    const header = await readHeader(access, path, start)
    const { entry, raw } = await readEntry(access, path, start, header)
    digester.update(header.block)
    digester.update(raw)
    entries.push(entry)
    if (path === 'ropeway.json') table = readTable(access, entry.bytes)
  }
  if (table === undefined) throw bundleInvalid(access.name, 'it has no ropeway.json')
  checkDigests(access, entries, table)
  const lock = checkLock(access, entries.at(-1)?.bytes ?? new Uint8Array(), table)
  const blobSection = entries.at(-1)?.end ?? 0
  const blobs = checkBlobs(access, table, blobSection)
  return { identity: digester.digest(), blobSection, entries, table, lock, blobs }
}

interface HeaderBlock {
  readonly block: Uint8Array
  readonly size: number
}

async function readHeader(access: RandomAccess, path: MetadataPath, start: number): Promise<HeaderBlock> {
  const { name } = access
  const end = start + blockSize
  const block = await readRange(access, { start, end: Math.min(end, access.size) })
  if (start === 0) refuseOther(name, block)
  if (access.size < end) throw bundleTruncated(name, path, access.size, end)
  const header = parseHeader(block)
  if (header === undefined) {
    if (isZero(block)) throw bundleInvalid(name, `it ends before ${path}`)
    throw start === 0
      ? bundleInvalid(name, 'it is not a tar')
      : bundleTampered(name, path, 'has a header that is damaged')
  }
  if (header.path !== path) throw notABundle(name, `${JSON.stringify(header.path)} stands where ${path} belongs`)
  if (header.type !== '0') throw bundleInvalid(name, `${path} is not a regular file`)
  if (header.size > metadataLimit) throw bundleInvalid(name, `${path} says that it has ${header.size} bytes`)
  if (!equal(block, encodeHeader(path, header.size))) throw bundleTampered(name, path, 'has a header that was changed')
  return { block, size: header.size }
}

/** A cut-off bundle is told from a file of another kind by the beginning that all bundles have. */
function refuseOther(name: string, block: Uint8Array): void {
  const usual = encodeHeader('oci-layout', ociLayoutText.length)
  if (equal(block, usual.subarray(0, block.byteLength))) return
  const compression = compressionOf(block)
  if (compression !== undefined) {
    const { format, command } = compression
    throw bundleInvalid(name, `it is compressed with ${format}`, `decompress it first: ${command} ${name}`)
  }
  if (block.byteLength < blockSize) throw bundleInvalid(name, 'it is too short')
}

function notABundle(name: string, reason: string): Error {
  return bundleInvalid(
    name,
    `${reason}; it is a tar of another kind`,
    'images from docker save and OCI layouts are read by the source "files"; a bundle is made by ropeway export',
  )
}

async function readEntry(
  access: RandomAccess,
  path: MetadataPath,
  start: number,
  { size }: HeaderBlock,
): Promise<{ entry: MetadataEntry; raw: Uint8Array }> {
  const offset = start + blockSize
  const end = offset + padded(size)
  if (end > access.size) throw bundleTruncated(access.name, path, access.size, end)
  const raw = await readRange(access, { start: offset, end })
  if (!isZero(raw.subarray(size))) throw bundleTampered(access.name, path, 'is followed by bytes that are not zero')
  return { entry: { path, size, start, offset, end, bytes: raw.subarray(0, size) }, raw }
}

function readTable({ name }: RandomAccess, bytes: Uint8Array): BundleTable {
  const value = parseJson(bytes)
  if (!value.ok) throw bundleInvalid(name, 'ropeway.json is not JSON', undefined, value.cause)
  const version = formatVersionSchema.safeParse(value.json)
  if (!version.success) throw bundleInvalid(name, 'ropeway.json has no formatVersion')
  if (version.data.formatVersion > formatVersion) {
    throw bundleTooNew(name, 'bundle format', version.data.formatVersion, formatVersion)
  }
  const table = bundleTableSchema.safeParse(value.json)
  if (!table.success) throw bundleInvalid(name, `ropeway.json: ${firstIssue(table.error)}`)
  return table.data
}

function checkDigests({ name }: RandomAccess, entries: readonly MetadataEntry[], table: BundleTable): void {
  for (const path of describedPaths) {
    const entry = entries.find((one) => one.path === path)
    if (entry === undefined || sha256(entry.bytes) !== table.metadata[path]) {
      throw bundleTampered(name, path, 'has other content than ropeway.json says')
    }
  }
}

function checkLock({ name }: RandomAccess, bytes: Uint8Array, table: BundleTable): BundleLock {
  const path = 'ropeway.lock'
  if (bytes.byteLength !== table.lock.size || sha256(bytes) !== table.lock.digest) {
    throw bundleTampered(name, path, 'has other content than ropeway.json says')
  }
  const reading = readLock(bytes)
  if ('tooNew' in reading) throw bundleTooNew(name, 'lock', reading.tooNew, lockVersion)
  if ('reason' in reading) throw bundleInvalid(name, `${path}: ${reading.reason}`, undefined, reading.cause)
  const { chain } = reading.lock
  if (chain.name !== table.chain.name || chain.version !== table.chain.version) {
    throw bundleTampered(
      name,
      'ropeway.json',
      `says that it is ${table.chain.name} ${table.chain.version}, the lock not`,
    )
  }
  return reading.lock
}

function checkBlobs(access: RandomAccess, table: BundleTable, blobSection: number): PlacedBlob[] {
  const { name } = access
  const sized = tableBlobs(table)
  const seen = new Set<string>()
  sized.forEach((blob, index) => {
    const previous = sized[index - 1]
    if (!isDigest(blob.digest)) throw bundleInvalid(name, `ropeway.json: ${JSON.stringify(blob.digest)} is no digest`)
    if (seen.has(blob.digest)) throw bundleInvalid(name, `ropeway.json has ${blob.digest} twice`)
    if (previous !== undefined && compareBlobs(previous, blob) > 0) {
      throw bundleInvalid(name, `ropeway.json: ${blob.digest} is out of order`)
    }
    if (blob.role === 'manifest' && blob.size > manifestLimit) {
      throw bundleInvalid(name, `ropeway.json: the manifest ${blob.digest} is larger than ${manifestLimit} bytes`)
    }
    seen.add(blob.digest)
  })
  const placed = placeBlobs(sized)
  checkOffsets(name, placed, table)
  const blobs = placed.map((blob) => ({
    ...blob,
    start: blob.start + blobSection,
    offset: blob.offset + blobSection,
    end: blob.end + blobSection,
  }))
  checkSize(access, blobs, archiveSize(blobSection, placed))
  return blobs
}

function checkOffsets(name: string, placed: readonly PlacedBlob[], table: BundleTable): void {
  const rows = { manifest: table.manifests, config: table.configs, layer: table.layers }
  const offsets = blobRoles.flatMap((role) => rows[role].map(({ offset }) => offset))
  const wrong = placed.find(({ offset }, index) => offset !== offsets[index])
  if (wrong !== undefined) throw bundleInvalid(name, `ropeway.json has ${wrong.digest} at another place than it stands`)
}

function checkSize({ name, size }: RandomAccess, blobs: readonly PlacedBlob[], needed: number): void {
  if (!Number.isSafeInteger(needed)) throw bundleInvalid(name, 'ropeway.json names more bytes than a file can have')
  if (size > needed) {
    const surplus = `is followed by ${size - needed} bytes that do not belong to it`
    throw bundleTampered(name, 'the end of the archive', surplus)
  }
  if (size < needed) {
    const cut = blobs.find(({ end }) => end > size)
    throw bundleTruncated(name, cut?.path ?? 'the end of the archive', size, needed)
  }
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && Buffer.compare(a, b) === 0
}
