import { defineTransform, type Artifact, type Content, type Reference } from '@ropeway/core'
import { collect, encodeManifest, formatReference, manifestLimit, verified } from '@ropeway/oci'
import { z } from 'zod'
import { bytesContent } from '../context/bytes-content.js'
import { destinationTaken } from '../errors.js'

/** A transform of the stage "name" on paper: everything goes to one registry, under the path that its source gave it. */
export const paperRename = defineTransform({
  name: 'paper-rename',
  summary: 'names everything for a registry on paper',
  shorthand: 'registry',
  stage: 'name',
  options: z.strictObject({ registry: z.string().describe('Host of the registry.') }),
  async apply(artifacts, { registry }) {
    const named = artifacts.map((artifact) => ({ ...artifact, destinations: [destinationOf(artifact, registry)] }))
    refuseCollisions(named)
    const unnamed = named.filter(({ naming }) => naming.tags.length === 0)
    return {
      artifacts: named,
      findings: unnamed.map(({ name }) => ({
        severity: 'warning',
        code: 'PAPER_NO_TAG',
        message: `${name} has no tag and is delivered by digest alone`,
        about: name,
      })),
    }
  },
})

function destinationOf({ naming, root }: Artifact, registry: string): Reference {
  const [tag] = naming.tags
  const reference = { registry, repository: naming.path }
  return tag === undefined ? { ...reference, digest: root.digest } : { ...reference, tag }
}

function refuseCollisions(artifacts: readonly (Artifact & { readonly destinations: readonly Reference[] })[]): void {
  const taken = new Map<string, Artifact>()
  for (const artifact of artifacts) {
    for (const destination of artifact.destinations.map(formatReference)) {
      const first = taken.get(destination) ?? artifact
      if (first.root.digest !== artifact.root.digest) throw destinationTaken(destination, first.name, artifact.name)
      taken.set(destination, first)
    }
  }
}

const Manifest = z.looseObject({ mediaType: z.string(), annotations: z.record(z.string(), z.string()).optional() })

/** A transform of the stage "edit" on paper: it writes an annotation into the root of every image. */
export const paperLabel = defineTransform({
  name: 'paper-label',
  summary: 'writes an annotation into images on paper',
  shorthand: 'label',
  stage: 'edit',
  options: z.strictObject({ label: z.string().describe('Text of the annotation `test.paper.label`.') }),
  async apply(artifacts, { label }) {
    const edited = await Promise.all(artifacts.map((artifact) => labelled(artifact, label)))
    return {
      artifacts: edited,
      findings: edited
        .filter(({ root }, index) => root.digest !== artifacts[index]?.root.digest)
        .map(({ name }) => ({
          severity: 'warning',
          code: 'PAPER_UNSIGNED',
          message: `${name} was labelled, and its signatures stay behind`,
          about: name,
        })),
    }
  },
})

async function labelled(artifact: Artifact, label: string): Promise<Artifact> {
  if (artifact.kind !== 'image') return artifact
  const { content, root } = artifact
  const bytes = await collect(verified(content.open(root), root), manifestLimit)
  const manifest = Manifest.parse(JSON.parse(new TextDecoder().decode(bytes)))
  const annotations = { ...manifest.annotations, 'test.paper.label': label }
  const made = encodeManifest({ ...manifest, annotations }, manifest.mediaType)
  return {
    ...artifact,
    root: made.descriptor,
    content: withManifest(content, made.descriptor.digest, made.bytes),
    derived: [
      ...(artifact.derived ?? []),
      { digest: made.descriptor.digest, recipe: { type: 'paper.label/1', label } },
    ],
  }
}

/** The content with one more manifest; signatures of the root that it replaces are no longer its own. */
function withManifest(content: Content, digest: string, bytes: Uint8Array): Content {
  return {
    open: (descriptor, options) =>
      descriptor.digest === digest ? bytesContent(bytes, options) : content.open(descriptor, options),
  }
}
