import type { Content, Context, Descriptor, OpenOptions, Reference } from '@ropeway/core'
import { isManifestType, manifestLimit } from '@ropeway/oci'

export interface RegistryContentOptions {
  /** Whether what refers to the content (signatures, SBOMs, attestations) is its content too. The default is true. */
  readonly referrers?: boolean | undefined
}

/**
 * The content of one repository. Manifests come from the run's content cache when it has them, blobs stream from the
 * registry.
 */
export function registryContent(
  reference: Pick<Reference, 'registry' | 'repository'>,
  context: Pick<Context, 'registry' | 'cache' | 'signal'>,
  options: RegistryContentOptions = {},
): Content {
  const { repository } = reference
  const registry = context.registry(reference.registry, 'source')
  const open = (descriptor: Descriptor, openOptions: OpenOptions = {}): AsyncIterable<Uint8Array> => {
    const { offset, end, signal = context.signal } = openOptions
    const stream = (range: OpenOptions): AsyncIterable<Uint8Array> =>
      registry.blob(repository, descriptor, { ...range, signal })
    const small = isManifestType(descriptor.mediaType) && descriptor.size <= manifestLimit
    if (!small) return stream({ offset, end })
    return part(() => context.cache.fetch(descriptor, () => stream({})), offset, end)
  }
  if (options.referrers === false) return { open }
  return {
    open,
    referrers: (subject, { signal = context.signal } = {}) =>
      registry.referrers(repository, subject.digest, { signal }),
  }
}

async function* part(read: () => Promise<Uint8Array>, offset = 0, end: number | undefined): AsyncGenerator<Uint8Array> {
  yield (await read()).subarray(offset, end)
}
