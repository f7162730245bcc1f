import type { Descriptor, LockedArtifact, Referrer } from '@ropeway/core'
import { mediaTypes } from '@ropeway/oci'
import { annotations, compareText } from '../format.js'
import { loaderNames } from './names.js'

interface NamedDescriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

/**
 * `index.json`: images alone, because containerd refuses a layout that names anything else. One descriptor for each name,
 * then what refers to the images, which containerd stores without a name.
 */
export function encodeIndex(artifacts: readonly LockedArtifact[]): string {
  return encode(artifacts.filter(({ kind }) => kind === 'image').map((image) => ({ artifact: image, facts: {} })))
}

/** `artifacts.json`: an index of everything else, each descriptor with kind, name and version. */
export function encodeArtifacts(artifacts: readonly LockedArtifact[]): string {
  return encode(
    artifacts
      .filter(({ kind }) => kind !== 'image')
      .map((artifact) => ({
        artifact,
        facts: {
          [annotations.kind]: artifact.kind,
          [annotations.name]: artifact.name,
          ...(artifact.version === undefined ? {} : { [annotations.version]: artifact.version }),
        },
      })),
  )
}

interface Described {
  readonly artifact: LockedArtifact
  readonly facts: Readonly<Record<string, string>>
}

function encode(described: readonly Described[]): string {
  const roots = described.flatMap(({ artifact, facts }) => rootDescriptors(artifact, facts))
  const referrers = described.flatMap(({ artifact }) => artifact.referrers.map(referrerDescriptor))
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [...inOrder(roots), ...inOrder(referrers)],
  })
}

function rootDescriptors(artifact: LockedArtifact, facts: Readonly<Record<string, string>>): NamedDescriptor[] {
  const names = loaderNames(artifact)
  if (names.length === 0) return [named(artifact.root, facts)]
  return names.map((name) => named(artifact.root, { ...facts, ...nameAnnotations(artifact, name) }))
}

function nameAnnotations(artifact: LockedArtifact, name: string): Record<string, string> {
  return artifact.kind === 'image'
    ? { [annotations.imageName]: name, [annotations.refName]: name }
    : { [annotations.refName]: name }
}

function referrerDescriptor({ descriptor, subject }: Referrer): NamedDescriptor {
  return named(descriptor, { [annotations.subject]: subject })
}

function named(descriptor: Descriptor, facts: Readonly<Record<string, string>>): NamedDescriptor {
  const { mediaType, digest, size, artifactType } = descriptor
  return {
    mediaType,
    digest,
    size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(Object.keys(facts).length === 0 ? {} : { annotations: facts }),
  }
}

/** Sorted by name or subject, then by digest; equal ones once. */
function inOrder(descriptors: readonly NamedDescriptor[]): NamedDescriptor[] {
  const byText = new Map(descriptors.map((descriptor) => [JSON.stringify(descriptor), descriptor]))
  return [...byText]
    .sort(
      ([aText, a], [bText, b]) =>
        compareText(nameIn(a), nameIn(b)) || compareText(a.digest, b.digest) || compareText(aText, bText),
    )
    .map(([, descriptor]) => descriptor)
}

function nameIn({ annotations: facts }: NamedDescriptor): string {
  return facts?.[annotations.refName] ?? facts?.[annotations.subject] ?? ''
}
