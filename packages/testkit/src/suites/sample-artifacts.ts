import type { Artifact, ArtifactKind, Reference } from '@ropeway/core'
import { formatReference } from '@ropeway/oci'
import { sampleFor, sampleImage, sampleOf, type Sample, type SampleTree } from './samples.js'

/** An image by tag, one by digest, a chart and a file, as sources resolve them. */
export function sampleArtifacts(): readonly Artifact[] {
  const registry = 'registry.test'
  const byDigest = sampleImage(12)
  return [
    resolved('image', 11, { registry, repository: 'team/app', tag: '1.2.3' }),
    imageAt({ registry, repository: 'team/db', digest: byDigest.root.digest }, byDigest),
    { ...resolved('chart', 13, { registry, repository: 'charts/app', tag: '1.2.3' }), name: 'app', version: '1.2.3' },
    resolved('file', 14, { registry, repository: 'kit/install', tag: '1.0.0' }),
  ]
}

/** Two images whose references differ in their registry alone. */
export function collidingArtifacts(): readonly [Artifact, Artifact] {
  const at = (registry: string, seed: number): Artifact =>
    imageAt({ registry, repository: 'team/app', tag: '1' }, sampleImage(seed))
  return [at('one.test', 21), at('other.test', 22)]
}

function imageAt(reference: Reference, tree: SampleTree): Artifact {
  return artifactOf(sampleOf('image', formatReference(reference), tree, [reference]), reference)
}

function resolved(kind: ArtifactKind, seed: number, reference: Reference): Artifact {
  const sample = sampleFor(kind, seed, reference)
  const published = kind === 'image' || kind === 'chart' ? reference : undefined
  return artifactOf(
    { ...sample, planned: { ...sample.planned, name: formatReference(reference) } },
    reference,
    published,
  )
}

function artifactOf(
  { planned, content }: Sample,
  named: Reference,
  reference: Reference | undefined = named,
): Artifact {
  const { kind, name, root } = planned
  return {
    kind,
    name,
    source: { reference, location: formatReference(named) },
    root,
    content,
    naming: { path: named.repository, tags: named.tag === undefined ? [] : [named.tag] },
  }
}
