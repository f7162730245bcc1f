import { parseDigest } from '@ropeway/oci'
import { z } from 'zod'
import { blockSize, padded } from './tar/header.js'
import { placeFiles, type PlacedFile } from './tar/layout.js'

/** Version of the bundle format (docs/bundle-format.md). */
export const formatVersion = 1

/** The entries of the metadata block, in their order. */
export const metadataPaths = [
  'oci-layout',
  'index.json',
  'manifest.json',
  'artifacts.json',
  'ropeway.json',
  'ropeway.lock',
] as const
export type MetadataPath = (typeof metadataPaths)[number]

/** The metadata entries whose digests stand in `ropeway.json`. */
export const describedPaths = ['oci-layout', 'index.json', 'manifest.json', 'artifacts.json'] as const

/** Largest metadata entry that is read: they are held in memory. */
export const metadataLimit = 256 * 1024 * 1024

export const ociLayoutText = '{"imageLayoutVersion":"1.0.0"}'

/** Annotations of Ropeway's own, on the descriptors of `artifacts.json`. */
export const annotations = {
  kind: 'vnd.ropeway.kind',
  name: 'vnd.ropeway.name',
  version: 'vnd.ropeway.version',
  imageName: 'io.containerd.image.name',
  refName: 'org.opencontainers.image.ref.name',
  subject: 'io.containerd.manifest.subject',
} as const

/** What a blob is for. One digest has one role: a manifest before a config before a layer. */
export const blobRoles = ['manifest', 'config', 'layer'] as const
export type BlobRole = (typeof blobRoles)[number]

export interface SizedBlob {
  readonly digest: string
  readonly size: number
  readonly role: BlobRole
}

export interface PlacedBlob extends SizedBlob, PlacedFile {}

/** Path of a blob in an OCI layout. */
export function blobPath(digest: string): string {
  const { algorithm, encoded } = parseDigest(digest)
  return `blobs/${algorithm}/${encoded}`
}

/** The blob section: all blobs in their order, their places relative to the section's start. */
export function placeBlobs(blobs: readonly SizedBlob[]): PlacedBlob[] {
  return placeFiles(
    blobs.map((blob) => ({ ...blob, path: blobPath(blob.digest) })),
    0,
  )
}

/** Order of blobs within the archive: by role, then by digest. */
export function compareBlobs(a: SizedBlob, b: SizedBlob): number {
  return blobRoles.indexOf(a.role) - blobRoles.indexOf(b.role) || compareText(a.digest, b.digest)
}

/** Order by code unit, which no locale changes. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Size of a whole archive. */
export function archiveSize(blobSection: number, blobs: readonly PlacedBlob[]): number {
  return blobSection + (blobs.at(-1)?.end ?? 0) + 2 * blockSize
}

/** Whether the number is where a section or entry may start. */
export function isAligned(position: number): boolean {
  return padded(position) === position
}

const tableRow = z.object({ digest: z.string(), size: z.int().nonnegative(), offset: z.int().nonnegative() })

/** What every version of `ropeway.json` has. */
export const formatVersionSchema = z.object({ formatVersion: z.int().positive() })

/** `ropeway.json` of format version 1. */
export const bundleTableSchema = z.object({
  formatVersion: z.literal(formatVersion),
  chain: z.object({ name: z.string(), version: z.string() }),
  lock: z.object({ digest: z.string(), size: z.int().nonnegative() }),
  metadata: z.object({
    'oci-layout': z.string(),
    'index.json': z.string(),
    'manifest.json': z.string(),
    'artifacts.json': z.string(),
  }),
  manifests: z.array(tableRow),
  configs: z.array(tableRow),
  layers: z.array(tableRow),
})
export type BundleTable = z.output<typeof bundleTableSchema>

/** The text of `ropeway.json`: compact JSON, keys in this order. */
export function encodeTable(
  table: Omit<BundleTable, 'manifests' | 'configs' | 'layers'>,
  blobs: readonly PlacedBlob[],
): string {
  const rows = (role: BlobRole): BundleTable['layers'] =>
    blobs.filter((blob) => blob.role === role).map(({ digest, size, offset }) => ({ digest, size, offset }))
  const { chain, lock, metadata } = table
  return JSON.stringify({
    formatVersion,
    chain: { name: chain.name, version: chain.version },
    lock: { digest: lock.digest, size: lock.size },
    metadata: Object.fromEntries(describedPaths.map((path) => [path, metadata[path]])),
    manifests: rows('manifest'),
    configs: rows('config'),
    layers: rows('layer'),
  })
}

/** The blobs of a table, in archive order. */
export function tableBlobs(table: BundleTable): SizedBlob[] {
  const rows = { manifest: table.manifests, config: table.configs, layer: table.layers }
  return blobRoles.flatMap((role) => rows[role].map(({ digest, size }) => ({ digest, size, role })))
}
