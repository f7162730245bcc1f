import { writeFile } from 'node:fs/promises'
import type { Content, LockedArtifact } from '@ropeway/core'
import { planArchive, type Archive } from '@ropeway/bundle'
import { canonicalJson, collect, formatReference } from '@ropeway/oci'
import { sampleChart, sampleFile, sampleImage, sampleIndex, sampleOf, signed, type Sample } from '@ropeway/testkit'

const chain = { name: 'kit', version: '1.0.0' }
const registry = 'kit.test'

/** A signed image of two platforms, an image by digest, a chart and a file; another seed gives other content. */
export function samples(seed = 1): readonly Sample[] {
  const byDigest = sampleImage(seed * 100 + 2)
  return [
    sampleOf('image', `${registry}/app/web:1.2.3`, signed(sampleIndex(seed), seed), [
      { registry, repository: 'app/web', tag: '1.2.3' },
    ]),
    sampleOf('image', `${registry}/app/db@${byDigest.root.digest}`, byDigest, [
      { registry, repository: 'app/db', digest: byDigest.root.digest },
    ]),
    sampleOf('chart', 'podinfo', sampleChart(seed * 100 + 3, 'podinfo', '6.7.1'), [
      { registry, repository: 'charts/podinfo', tag: '6.7.1' },
    ]),
    sampleOf('file', 'install.sh', sampleFile(seed * 100 + 4, 'install.sh', 150_000), [
      { registry, repository: 'kit/install.sh', tag: '1.0.0' },
    ]),
  ]
}

/** The archive of samples, with the lock that the engine would write for them. */
export function archiveOf(all: readonly Sample[]): { readonly archive: Archive; readonly content: Content } {
  const lock = canonicalJson({
    lockVersion: 1,
    chain,
    platforms: [],
    steps: {},
    inputs: {},
    artifacts: all.map(lockedOf).sort((a, b) => (a.id < b.id ? -1 : 1)),
  })
  const archive = planArchive({
    chain,
    lock: new TextEncoder().encode(lock),
    artifacts: all.map(({ planned }) => planned),
    manifests: new Map(all.flatMap(({ tree }) => tree.manifests).map((one) => [one.descriptor.digest, one.bytes])),
  })
  const bytes = new Map(all.flatMap(({ tree }) => tree.blobs).map((blob) => [blob.descriptor.digest, blob.bytes]))
  return {
    archive,
    content: {
      async *open({ digest }, { offset, end } = {}) {
        yield bytes.get(digest)?.subarray(offset, end) ?? new Uint8Array()
      },
    },
  }
}

/** The whole bundle of samples. */
export async function bundleBytes(all: readonly Sample[]): Promise<{ bytes: Uint8Array; archive: Archive }> {
  const { archive, content } = archiveOf(all)
  return { archive, bytes: await collect(archive.read({ start: 0, end: archive.size }, content), archive.size) }
}

export async function writeBundle(path: string, all: readonly Sample[]): Promise<Archive> {
  const { bytes, archive } = await bundleBytes(all)
  await writeFile(path, bytes)
  return archive
}

function lockedOf({ planned }: Sample): LockedArtifact {
  const { id, kind, name, root, destinations, referrers } = planned
  const [reference] = destinations
  return {
    id,
    kind,
    name,
    version: kind === 'chart' ? '6.7.1' : undefined,
    source: {
      adapter: 'oci',
      step: 'sources[0]',
      reference: kind === 'image' && reference ? formatReference(reference) : undefined,
      location: name,
    },
    published: root,
    root,
    naming: { path: reference?.repository ?? name, tags: reference?.tag === undefined ? [] : [reference.tag] },
    destinations: destinations.map(formatReference),
    referrers,
    requiredBy: ['images.txt:3'],
    class: 'declared',
    signatures: referrers.length > 0 ? 'carried' : 'none',
    annotations: { team: 'blue' },
  }
}
