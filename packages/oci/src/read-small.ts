import type { Content, Context, Descriptor } from '@ropeway/core'
import { collect, verified } from './verify.js'

/** The most that small content may have, in bytes: charts and files above it are not read into memory. */
export const smallContentLimit = 64 * 1024 * 1024

/** Small content whole and verified, from the run's cache when it is there. Throws `CONTENT_TOO_LARGE`. */
export async function readSmall(
  content: Content,
  descriptor: Descriptor,
  { cache, signal }: Pick<Context, 'cache' | 'signal'>,
): Promise<Uint8Array> {
  const kept = await cache.read(descriptor.digest)
  if (kept?.byteLength === descriptor.size) return kept
  const bytes = await collect(verified(content.open(descriptor, { signal }), descriptor), smallContentLimit)
  await cache.write(descriptor.digest, bytes)
  return bytes
}
