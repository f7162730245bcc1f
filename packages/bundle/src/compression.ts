/** How a file is compressed as a whole, and the command that undoes it. */
export interface Compression {
  readonly format: string
  readonly command: string
}

const magics: readonly (Compression & { readonly magic: readonly number[] })[] = [
  { format: 'gzip', command: 'gunzip', magic: [0x1f, 0x8b] },
  { format: 'zstd', command: 'unzstd', magic: [0x28, 0xb5, 0x2f, 0xfd] },
  { format: 'xz', command: 'unxz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { format: 'bzip2', command: 'bunzip2', magic: [0x42, 0x5a, 0x68] },
]

/** The compression that the first bytes of a file show. */
export function compressionOf(head: Uint8Array): Compression | undefined {
  return magics.find(({ magic }) => magic.every((byte, index) => head[index] === byte))
}
