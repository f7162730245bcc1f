import type {
  ArtifactKind,
  Content,
  Descriptor,
  ManifestContent,
  PlannedArtifact,
  Reference,
  Referrer,
} from '@ropeway/core'
import { buildArtifact, childrenOf, cosignTags, encodeManifest, mediaTypes, parseManifest, sha256 } from '@ropeway/oci'
import { memoryContent } from '../context/bytes-content.js'
import { makeChart } from '../fixtures/chart.js'

/** Bytes that depend on the seed alone and do not compress. */
export function sampleBytes(seed: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = (seed * 2654435761 + 1) >>> 0
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[index] = state >>> 24
  }
  return bytes
}

/** A small tree of content with everything that refers to it. */
export interface SampleTree {
  readonly root: Descriptor
  /** Children before parents, the root last of its tree, then referrers. */
  readonly manifests: readonly ManifestContent[]
  readonly blobs: readonly { readonly descriptor: Descriptor; readonly bytes: Uint8Array }[]
  readonly referrers: readonly Referrer[]
}

interface Blob {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
}

function blobOf(bytes: Uint8Array, mediaType: string, annotations?: Readonly<Record<string, string>>): Blob {
  const descriptor = { mediaType, digest: sha256(bytes), size: bytes.byteLength }
  return { bytes, descriptor: annotations === undefined ? descriptor : { ...descriptor, annotations } }
}

function jsonBlob(value: object, mediaType: string): Blob {
  return blobOf(new TextEncoder().encode(JSON.stringify(value)), mediaType)
}

/** An image of two layers; `shared` gives every image of that number a common first layer. */
export function sampleImage(
  seed: number,
  options: { readonly architecture?: string; readonly shared?: number } = {},
): SampleTree {
  const { architecture = 'amd64', shared = seed } = options
  const layers = [
    blobOf(sampleBytes(1000 + shared, 6000), mediaTypes.ociLayer),
    blobOf(sampleBytes(seed, 3000), mediaTypes.ociLayer),
  ]
  const config = jsonBlob(
    {
      os: 'linux',
      architecture,
      rootfs: { type: 'layers', diff_ids: layers.map(({ descriptor }) => descriptor.digest) },
      config: { Labels: { seed: String(seed) } },
    },
    mediaTypes.ociConfig,
  )
  const manifest = encodeManifest(
    {
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: config.descriptor,
      layers: layers.map(({ descriptor }) => descriptor),
    },
    mediaTypes.ociManifest,
  )
  return { root: manifest.descriptor, manifests: [manifest], blobs: [config, ...layers], referrers: [] }
}

/** An index of two images that share a layer. */
export function sampleIndex(seed: number): SampleTree {
  const images = ['amd64', 'arm64'].map((architecture, index) => ({
    architecture,
    tree: sampleImage(seed * 10 + index, { architecture, shared: seed }),
  }))
  const index = encodeManifest(
    {
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: images.map(({ tree, architecture }) => ({ ...tree.root, platform: { os: 'linux', architecture } })),
    },
    mediaTypes.ociIndex,
  )
  return {
    root: index.descriptor,
    manifests: [...images.flatMap(({ tree }) => tree.manifests), index],
    blobs: eachOnce(images.flatMap(({ tree }) => tree.blobs)),
    referrers: [],
  }
}

/** The tree with two signatures: one that refers by its subject, one that is found by cosign's tag. */
export function signed(tree: SampleTree, seed: number): SampleTree {
  const layer = blobOf(sampleBytes(2000 + seed, 300), 'application/vnd.example.signature')
  const subject = { mediaType: tree.root.mediaType, digest: tree.root.digest, size: tree.root.size }
  const artifactType = 'application/vnd.example.signature'
  const referring = buildArtifact({ artifactType, layers: [layer.descriptor], subject })
  const config = jsonBlob({ signature: seed }, mediaTypes.ociConfig)
  const tagged = encodeManifest(
    { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config: config.descriptor, layers: [layer.descriptor] },
    mediaTypes.ociManifest,
  )
  const empty = blobOf(new TextEncoder().encode('{}'), mediaTypes.ociEmpty)
  return {
    root: tree.root,
    manifests: [...tree.manifests, referring, tagged],
    blobs: eachOnce([...tree.blobs, layer, empty, config]),
    referrers: [
      { descriptor: { ...referring.descriptor, artifactType }, subject: subject.digest },
      { descriptor: tagged.descriptor, subject: subject.digest, tag: cosignTags(subject.digest).sig },
    ],
  }
}

/** A chart as Helm publishes it in registries; the archive's bytes are none. */
export function sampleChart(seed: number, name: string, version: string): SampleTree {
  const config = jsonBlob({ apiVersion: 'v2', name, version }, mediaTypes.helmConfig)
  const { tgz } = makeChart({
    name,
    version,
    files: { 'seed.txt': Buffer.from(sampleBytes(seed, 3000)).toString('hex') },
  })
  const layer = blobOf(tgz, mediaTypes.helmChart)
  const manifest = encodeManifest(
    {
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: config.descriptor,
      layers: [layer.descriptor],
      annotations: { 'org.opencontainers.image.title': name, 'org.opencontainers.image.version': version },
    },
    mediaTypes.ociManifest,
  )
  return { root: manifest.descriptor, manifests: [manifest], blobs: [config, layer], referrers: [] }
}

/** A file as an artifact: one layer with its name as title. */
export function sampleFile(seed: number, name: string, length = 5000): SampleTree {
  const title = { 'org.opencontainers.image.title': name }
  const layer = blobOf(sampleBytes(seed, length), 'application/octet-stream', title)
  const empty = blobOf(new TextEncoder().encode('{}'), mediaTypes.ociEmpty)
  const manifest = buildArtifact({ artifactType: 'application/vnd.example.file', layers: [layer.descriptor] })
  return { root: manifest.descriptor, manifests: [manifest], blobs: [empty, layer], referrers: [] }
}

function eachOnce(blobs: readonly Blob[]): readonly Blob[] {
  return [...new Map(blobs.map((blob) => [blob.descriptor.digest, blob])).values()]
}

/** One artifact of a plan with its bytes. */
export interface Sample {
  readonly planned: PlannedArtifact
  readonly tree: SampleTree
  readonly content: Content
}

/** A planned artifact for a tree, and content that holds all of it. */
export function sampleOf(
  kind: ArtifactKind,
  name: string,
  tree: SampleTree,
  destinations: readonly Reference[],
): Sample {
  const bytes = new Map<string, Uint8Array>()
  for (const blob of tree.blobs) bytes.set(blob.descriptor.digest, blob.bytes)
  for (const manifest of tree.manifests) bytes.set(manifest.descriptor.digest, manifest.bytes)
  return {
    tree,
    content: {
      ...memoryContent(bytes),
      referrers: async ({ digest }) => tree.referrers.filter(({ subject }) => subject === digest),
    },
    planned: {
      id: `${kind}:${name}`,
      kind,
      name,
      root: tree.root,
      destinations,
      manifests: tree.manifests.map(({ descriptor }) => descriptor),
      blobs: tree.blobs.map(({ descriptor }) => descriptor),
      referrers: tree.referrers,
    },
  }
}

/** A sample of a kind; `seed` decides its bytes. Images are signed indexes. */
export function sampleFor(kind: ArtifactKind, seed: number, destination: Reference): Sample {
  const name = destination.repository.split('/').at(-1) ?? kind
  const trees: Readonly<Record<ArtifactKind, () => SampleTree>> = {
    image: () => signed(sampleIndex(seed), seed),
    chart: () => sampleChart(seed, name, destination.tag ?? '1.0.0'),
    manifests: () => sampleFile(seed, `${name}.yaml`),
    file: () => sampleFile(seed, `${name}.bin`),
    artifact: () => sampleFile(seed, name),
  }
  return sampleOf(kind, name, trees[kind](), [destination])
}

/** Blobs that a manifest of the tree names. */
export function blobsOf(manifest: ManifestContent): readonly Descriptor[] {
  return childrenOf(parseManifest(manifest.bytes, manifest.descriptor.mediaType)).blobs
}
