import { Buffer } from 'node:buffer'

/** An entry for `makeTar`; `raw` fields overwrite what stands in the header. */
export interface TarMember {
  readonly path: string
  readonly data?: Uint8Array | string
  /** `0` file (the default), `1` hard link, `2` symbolic link, `5` folder, and what else there is. */
  readonly type?: string
  readonly target?: string
  readonly prefix?: string
  /** What the size field says, when it is not the truth. */
  readonly size?: string
  readonly magic?: string
}

/** A tar as other tools write them, also broken ones. Without `end`, the two zero blocks are missing. */
export function makeTar(members: readonly TarMember[], end = true): Uint8Array {
  const parts = members.flatMap((member) => {
    const data = Buffer.from(member.data ?? '')
    const block = Buffer.alloc(512)
    block.write(member.path.slice(0, 100), 0)
    block.write('0000755\x000001750\x000001750\0', 100)
    block.write(member.size ?? `${data.length.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
    block.write('14371573111\0', 136)
    block.write('        ', 148)
    block.write(member.type ?? '0', 156, 'latin1')
    block.write(member.target ?? '', 157)
    block.write(member.magic ?? 'ustar\x0000', 257, 'latin1')
    block.write(member.prefix ?? '', 345)
    const sum = block.reduce((total, byte) => total + byte, 0)
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    return [block, data, Buffer.alloc((512 - (data.length % 512)) % 512)]
  })
  return new Uint8Array(Buffer.concat([...parts, Buffer.alloc(end ? 1024 : 0)]))
}

/** A PAX header for the entry that follows. */
export function pax(records: Readonly<Record<string, string>>, type = 'x'): TarMember {
  const text = Object.entries(records).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`
    let length = rest.length + 1
    while (`${length}${rest}`.length !== length) length++
    return `${length}${rest}`
  })
  return { path: 'PaxHeaders/x', type, data: text.join('') }
}
