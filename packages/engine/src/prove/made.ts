import type { Descriptor } from '@ropeway/core'

/** An artifact that was made here, whole. */
export interface Made {
  readonly root: Descriptor
  readonly manifest: Uint8Array
  /** Config and layers. */
  readonly blobs: readonly { readonly descriptor: Descriptor; readonly bytes: Uint8Array }[]
}

/** Bytes of everything in it, by digest. */
export function bytesOf(made: readonly Made[]): ReadonlyMap<string, Uint8Array> {
  return new Map(
    made.flatMap(({ root, manifest, blobs }) => [
      [root.digest, manifest] as const,
      ...blobs.map(({ descriptor, bytes }) => [descriptor.digest, bytes] as const),
    ]),
  )
}
