import { defineSource, type Artifact, type Content, type LockedArtifact } from '@ropeway/core'
import type { Bundle } from '@ropeway/bundle'
import { collect, manifestLimit, parseReference } from '@ropeway/oci'
import { z } from 'zod'
import { bundleArtifactMissing } from './errors.js'
import { bundleAt, contentAt, nameOf } from './opened.js'

const options = z.strictObject({
  path: z.string().min(1).describe('The bundle, relative to the chain file.'),
})

/** A bundle as a source for any chain: everything that its lock names, read where it stands in the tar. */
export const bundleSource = defineSource<z.output<typeof options>>({
  name: 'bundle',
  summary: 'A bundle that was exported: everything in it, under the names that it had at its source.',
  shorthand: 'path',
  options,
  async *resolve({ path }, context) {
    context.signal.throwIfAborted()
    let bundle: Bundle
    try {
      bundle = await bundleAt(path, context)
    } catch (error) {
      yield { about: nameOf(path, context), error }
      return
    }
    const content = contentAt(path, bundle, context)
    for (const locked of bundle.artifacts) {
      context.signal.throwIfAborted()
      try {
        yield await artifactOf(locked, nameOf(path, context), content, context.signal)
      } catch (error) {
        context.signal.throwIfAborted()
        yield { about: locked.id, error }
      }
    }
  },
  async reopen({ id, published }, { path }, context) {
    context.signal.throwIfAborted()
    const bundle = await bundleAt(path, context)
    if (!bundle.blobs.has(published.digest)) throw bundleArtifactMissing(nameOf(path, context), id, published.digest)
    return contentAt(path, bundle, context)
  },
  async inputs({ path }, context) {
    context.signal.throwIfAborted()
    const { identity } = await bundleAt(path, context)
    return { [nameOf(path, context)]: identity }
  },
})

/** The artifact as it was locked, once its root was read and is what the lock says. */
async function artifactOf(
  locked: LockedArtifact,
  bundle: string,
  content: Content,
  signal: AbortSignal,
): Promise<Artifact> {
  const { kind, name, version, source, root, naming, requiredBy, reason, annotations, settings, discovered } = locked
  await collect(content.open(root, { signal }), manifestLimit, { about: `${bundle}: ${locked.id}` })
  return {
    kind,
    name,
    version,
    source: {
      ...(source.reference === undefined ? {} : { reference: parseReference(source.reference) }),
      location: bundle,
    },
    root,
    content,
    naming,
    requiredBy,
    class: locked.class,
    reason,
    annotations,
    settings,
    discovered,
  }
}
