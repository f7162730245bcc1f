import type { ArtifactKind, Content, Descriptor, LockedArtifact, PlannedArtifact, Referrer } from '@ropeway/core'
import {
  buildArtifact,
  canonicalJson,
  emptyConfig,
  encodeManifest,
  mediaTypes,
  parseReference,
  sha256,
} from '@ropeway/oci'
import type { ArchiveInput } from '@ropeway/bundle'

const encoder = new TextEncoder()

/** Bytes that look random and are the same on every run. */
export function noise(size: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(size)
  let state = seed * 2654435761 + 1
  for (let index = 0; index < size; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[index] = state >>> 24
  }
  return bytes
}

/** What one root consists of. */
interface Tree {
  readonly root: Descriptor
  readonly manifests: readonly Descriptor[]
  readonly blobs: readonly Descriptor[]
}

export interface Fixture {
  readonly input: ArchiveInput
  readonly content: Content
  readonly store: ReadonlyMap<string, Uint8Array>
}

export interface Member {
  readonly kind: ArtifactKind
  readonly name: string
  readonly version?: string
  readonly destinations: readonly string[]
  readonly tree: Tree
  readonly referrers?: readonly { readonly tree: Tree; readonly subject: string; readonly tag?: string }[]
  readonly platforms?: readonly string[]
}

/** Makes content and remembers it, and in the end the input of `planArchive`. */
export function createMaker() {
  const store = new Map<string, Uint8Array>()
  const manifestBytes = new Map<string, Uint8Array>()

  const blob = (bytes: Uint8Array | string, mediaType: string): Descriptor => {
    const content = typeof bytes === 'string' ? encoder.encode(bytes) : bytes
    const digest = sha256(content)
    store.set(digest, content)
    return { mediaType, digest, size: content.byteLength }
  }
  const manifest = (value: object, mediaType: string): Descriptor => {
    const { bytes, descriptor } = encodeManifest(value, mediaType)
    store.set(descriptor.digest, bytes)
    manifestBytes.set(descriptor.digest, bytes)
    return descriptor
  }
  const image = (layers: readonly Descriptor[], os = 'linux', architecture = 'amd64'): Tree => {
    const config = blob(
      JSON.stringify({ os, architecture, rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) } }),
      mediaTypes.ociConfig,
    )
    const root = manifest(
      { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers },
      mediaTypes.ociManifest,
    )
    return { root, manifests: [root], blobs: [config, ...layers] }
  }
  const layer = (bytes: Uint8Array | string): Descriptor => blob(bytes, mediaTypes.ociLayerGzip)
  const index = (children: readonly { readonly tree: Tree; readonly platform?: string }[]): Tree => {
    const manifests = children.map(({ tree, platform }) => {
      const [os = '', architecture = ''] = platform?.split('/') ?? []
      return { ...tree.root, ...(platform === undefined ? {} : { platform: { os, architecture } }) }
    })
    const root = manifest({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }, mediaTypes.ociIndex)
    return {
      root,
      manifests: [...children.flatMap(({ tree }) => tree.manifests), root],
      blobs: children.flatMap(({ tree }) => tree.blobs),
    }
  }
  const artifact = (artifactType: string, content: string, subject?: Descriptor): Tree => {
    const config = blob(emptyConfig.bytes, mediaTypes.ociEmpty)
    const layers = [blob(content, 'application/octet-stream')]
    const made = buildArtifact({ artifactType, layers, subject })
    store.set(made.descriptor.digest, made.bytes)
    manifestBytes.set(made.descriptor.digest, made.bytes)
    const root = { ...made.descriptor, artifactType }
    return { root, manifests: [root], blobs: [config, ...layers] }
  }
  const build = (members: readonly Member[], platforms: readonly string[] = []): Fixture => {
    const chain = { name: 'platform', version: '1.4.74' }
    const artifacts = members.map(planned)
    const locked = members.map(lockedOf).sort((a, b) => (a.id < b.id ? -1 : 1))
    const lock = encoder.encode(
      canonicalJson({ lockVersion: 1, chain, platforms, steps: [], inputs: {}, artifacts: locked }),
    )
    return { input: { chain, lock, artifacts, manifests: manifestBytes }, content: storeContent(store), store }
  }
  return { blob, layer, manifest, image, index, artifact, build, store }
}

export function idOf({ kind, name, version }: Member): string {
  return `${kind}:${name}${version === undefined ? '' : `:${version}`}`
}

function referrersOf(member: Member): Referrer[] {
  return (member.referrers ?? []).map(({ tree, subject, tag }) => ({
    descriptor: tree.root,
    subject,
    ...(tag && { tag }),
  }))
}

function planned(member: Member): PlannedArtifact {
  const trees = [member.tree, ...(member.referrers ?? []).map(({ tree }) => tree)]
  return {
    id: idOf(member),
    kind: member.kind,
    name: member.name,
    version: member.version,
    root: member.tree.root,
    destinations: member.destinations.map(parseReference),
    manifests: trees.flatMap(({ manifests }) => manifests),
    blobs: trees.flatMap(({ blobs }) => blobs),
    referrers: referrersOf(member),
  }
}

function lockedOf(member: Member): LockedArtifact {
  return {
    id: idOf(member),
    kind: member.kind,
    name: member.name,
    version: member.version,
    source: { adapter: 'oci', step: 'sources[0]', reference: member.destinations[0], location: member.name },
    published: member.tree.root,
    root: member.tree.root,
    platforms: member.platforms,
    naming: { path: member.name, tags: [] },
    destinations: member.destinations,
    referrers: referrersOf(member),
    class: 'declared',
    signatures: 'none',
  }
}

/** Content out of a map; chunks of odd sizes. */
export function storeContent(store: ReadonlyMap<string, Uint8Array>): Content {
  return {
    async *open({ digest, size }, { offset = 0, end = size } = {}) {
      const bytes = store.get(digest)?.subarray(offset, end)
      if (bytes === undefined) throw new Error(`no content ${digest}`)
      for (let position = 0; position < bytes.byteLength; position += 1999) {
        yield bytes.subarray(position, position + 1999)
      }
    },
  }
}

/** A chain with all that occurs: shared layers, two platforms, attestation, signature, chart, file, digest-only image. */
export function platformFixture(order: (members: Member[]) => Member[] = (members) => members): Fixture {
  const maker = createMaker()
  const shared = maker.layer(noise(5000, 1))
  const web = maker.image([shared, maker.layer(noise(1024, 2))])
  const amd = maker.image([shared, maker.layer(noise(700, 3))])
  const arm = maker.image([shared, maker.layer(noise(512, 4))], 'linux', 'arm64')
  const attestation = maker.image([maker.blob('{"statement":1}', 'application/vnd.in-toto+json')], 'unknown', 'unknown')
  const db = maker.index([
    { tree: attestation, platform: 'unknown/unknown' },
    { tree: arm, platform: 'linux/arm64' },
    { tree: amd, platform: 'linux/amd64' },
  ])
  const signature = maker.artifact('application/vnd.dev.sigstore.bundle.v0.3+json', '{"signed":true}', web.root)
  const cosign = maker.image([maker.blob('{"critical":{}}', 'application/vnd.dev.cosign.simplesigning.v1+json')])
  const chart = maker.artifact('application/vnd.cncf.helm.config.v1+json', 'chart bytes')
  const chartSignature = maker.artifact('application/vnd.cncf.notary.signature', 'jws', chart.root)
  const file = maker.artifact('application/vnd.ropeway.file', '#!/bin/sh\n')
  const members: Member[] = [
    {
      kind: 'image',
      name: 'registry.example/app/web:1.2.3',
      destinations: ['harbor.corp:5000/mirror/app/web:1.2.3', 'harbor.corp:5000/mirror/app/web:stable'],
      tree: web,
      referrers: [
        { tree: signature, subject: web.root.digest },
        { tree: cosign, subject: web.root.digest, tag: `${web.root.digest.replace(':', '-')}.sig` },
      ],
    },
    {
      kind: 'image',
      name: 'registry.example/app/db:2',
      destinations: [`harbor.corp:5000/mirror/app/db:2@${db.root.digest}`],
      tree: db,
    },
    {
      kind: 'image',
      name: `registry.example/app/arm@${arm.root.digest}`,
      destinations: [`harbor.corp:5000/mirror/app/arm@${arm.root.digest}`],
      tree: arm,
    },
    {
      kind: 'chart',
      name: 'podinfo',
      version: '6.7.1',
      destinations: ['harbor.corp:5000/mirror/podinfo:6.7.1'],
      tree: chart,
      referrers: [{ tree: chartSignature, subject: chart.root.digest }],
    },
    { kind: 'file', name: 'install.sh', destinations: ['harbor.corp:5000/platform/install.sh:1.4.74'], tree: file },
  ]
  return maker.build(order(members))
}

export async function collectAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return new Uint8Array(Buffer.concat(chunks))
}
