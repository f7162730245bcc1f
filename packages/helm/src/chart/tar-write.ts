const block = 512

/** One file of a tar that is written here. */
export interface TarFile {
  /** `/` separated. */
  readonly name: string
  readonly bytes: Uint8Array
}

/**
 * A tar of files in the order given, with nothing from the host: mode 0644, owner 0, time 0. Names that do not fit ustar
 * get a pax header. Equal files give equal bytes.
 */
export function writeTar(files: readonly TarFile[]): Uint8Array {
  const parts: Uint8Array[] = []
  for (const { name, bytes } of files) {
    const split = splitName(name)
    if (split === undefined) {
      const record = paxRecord('path', name)
      parts.push(header({ name: 'pax', prefix: '' }, record.byteLength, 'x'), ...padded(record))
    }
    parts.push(header(split ?? { name: shortened(name), prefix: '' }, bytes.byteLength, '0'), ...padded(bytes))
  }
  parts.push(new Uint8Array(2 * block))
  return Buffer.concat(parts)
}

interface SplitName {
  readonly name: string
  readonly prefix: string
}

function splitName(name: string): SplitName | undefined {
  if (Buffer.byteLength(name) <= 100) return { name, prefix: '' }
  for (let slash = name.lastIndexOf('/'); slash > 0; slash = name.lastIndexOf('/', slash - 1)) {
    const prefix = name.slice(0, slash)
    const rest = name.slice(slash + 1)
    if (Buffer.byteLength(rest) > 100) return undefined
    if (Buffer.byteLength(prefix) <= 155) return { name: rest, prefix }
  }
  return undefined
}

/** What readers without pax see. */
function shortened(name: string): string {
  return Buffer.from(name)
    .subarray(-100)
    .toString('latin1')
    .replace(/[^ -~]/g, '_')
}

function header({ name, prefix }: SplitName, size: number, type: string): Uint8Array {
  const bytes = Buffer.alloc(block)
  bytes.write(name, 0)
  bytes.write('0000644\0', 100)
  bytes.write('0000000\0', 108)
  bytes.write('0000000\0', 116)
  bytes.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  bytes.write('00000000000\0', 136)
  bytes.write('        ', 148)
  bytes.write(type, 156)
  bytes.write('ustar\x0000', 257)
  bytes.write(prefix, 345)
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return bytes
}

function padded(bytes: Uint8Array): Uint8Array[] {
  const rest = bytes.byteLength % block
  return rest === 0 ? [bytes] : [bytes, new Uint8Array(block - rest)]
}

/** `length key=value\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): Uint8Array {
  const body = Buffer.byteLength(` ${key}=${value}\n`)
  let length = body + String(body).length
  if (String(length).length !== String(body).length) length = body + String(length).length
  return Buffer.from(`${String(length)} ${key}=${value}\n`)
}
