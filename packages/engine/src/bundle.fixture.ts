import { writeFile } from 'node:fs/promises'
import { planArchive, type Archive } from '@ropeway/bundle'
import type { LockedArtifact } from '@ropeway/core'
import { canonicalJson, collect, formatReference } from '@ropeway/oci'
import { sampleFile, sampleIndex, sampleOf, signed } from '@ropeway/testkit'

/** What a sample bundle holds: a signed image of two platforms and a file. */
const samples = [
  sampleOf('image', 'kit.test/app/web:1.2.3', signed(sampleIndex(1), 1), [
    { registry: 'kit.test', repository: 'app/web', tag: '1.2.3' },
  ]),
  sampleOf('file', 'install.sh', sampleFile(4, 'install.sh', 20_000), [
    { registry: 'kit.test', repository: 'kit/install.sh', tag: '1.0.0' },
  ]),
]

/** Writes a bundle `kit` `1.0.0`, and tells how it is laid out. */
export async function writeSampleBundle(path: string): Promise<Archive> {
  const chain = { name: 'kit', version: '1.0.0' }
  const artifacts = samples
    .map(({ planned: { id, kind, name, root, destinations, referrers } }): LockedArtifact => ({
      id,
      kind,
      name,
      source: { adapter: 'images', step: 'sources[0]', location: name },
      published: root,
      root,
      naming: { path: name, tags: [] },
      destinations: destinations.map(formatReference),
      referrers,
      class: 'declared',
      signatures: referrers.length > 0 ? 'carried' : 'none',
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  const lock = canonicalJson({ lockVersion: 1, chain, platforms: [], steps: {}, inputs: {}, artifacts })
  const archive = planArchive({
    chain,
    lock: Buffer.from(lock),
    artifacts: samples.map(({ planned }) => planned),
    manifests: new Map(samples.flatMap(({ tree }) => tree.manifests).map((one) => [one.descriptor.digest, one.bytes])),
  })
  const blobs = new Map(samples.flatMap(({ tree }) => tree.blobs).map((blob) => [blob.descriptor.digest, blob.bytes]))
  async function* open({ digest }: { digest: string }, { offset = 0, end = Infinity } = {}) {
    yield blobs.get(digest)?.subarray(offset, end) ?? new Uint8Array()
  }
  const content = { open: open as Parameters<Archive['read']>[1]['open'] }
  await writeFile(path, await collect(archive.read({ start: 0, end: archive.size }, content), archive.size))
  return archive
}
