/** An entry as any tar reader sees it. */
export interface TinyEntry {
  readonly path: string
  readonly type: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly mtime: number
  readonly bytes: Uint8Array
}

/**
 * A second tar reader, written apart from the one that is tested: ustar and PAX `path` and `size`, nothing else, and strict
 * about the two zero blocks at the end.
 */
export function readTar(archive: Uint8Array): TinyEntry[] {
  const latin = (start: number, length: number): string =>
    Buffer.from(archive).toString('latin1', start, start + length)
  const field = (start: number, length: number): string => latin(start, length).replace(/\0.*$/s, '')
  const octal = (start: number, length: number): number => Number.parseInt(field(start, length).trim() || '0', 8)
  const entries: TinyEntry[] = []
  let pax: Record<string, string> = {}
  let position = 0
  while (archive.subarray(position, position + 512).some((byte) => byte !== 0)) {
    if (latin(position + 257, 8) !== 'ustar\x0000') throw new Error(`no ustar header at ${position}`)
    const sum = archive.subarray(position, position + 512).reduce((total, byte) => total + byte, 0)
    const own = archive.subarray(position + 148, position + 156).reduce((total, byte) => total + byte, 0)
    if (sum - own + 8 * 32 !== octal(position + 148, 8)) throw new Error(`wrong checksum at ${position}`)
    const type = latin(position + 156, 1)
    const size = Number(pax['size'] ?? octal(position + 124, 12))
    const bytes = archive.slice(position + 512, position + 512 + size)
    if (bytes.byteLength !== size) throw new Error(`cut off at ${position}`)
    if (type === 'x') {
      const records = [
        ...Buffer.from(bytes)
          .toString()
          .matchAll(/\d+ ([^=]+)=([^\n]*)\n/g),
      ]
      pax = Object.fromEntries(records.map(([, key = '', value = '']) => [key, value] as const))
    } else {
      entries.push({
        path: pax['path'] ?? field(position, 100),
        type,
        mode: octal(position + 100, 8),
        uid: octal(position + 108, 8),
        gid: octal(position + 116, 8),
        mtime: octal(position + 136, 12),
        bytes,
      })
      pax = {}
    }
    position += 512 + Math.ceil(size / 512) * 512
  }
  const rest = archive.subarray(position)
  if (rest.byteLength !== 1024 || rest.some((byte) => byte !== 0)) throw new Error('the end is not two zero blocks')
  return entries
}
