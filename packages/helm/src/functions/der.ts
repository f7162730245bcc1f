/** Makers of DER, as X.690 has it. */
export function tagged(tag: number, ...contents: Uint8Array[]): Uint8Array {
  const content = Buffer.concat(contents)
  return Buffer.concat([Buffer.of(tag, ...lengthOf(content.length)), content])
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length]
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return [0x80 | bytes.length, ...bytes]
}

export const sequence = (...contents: Uint8Array[]): Uint8Array => tagged(0x30, ...contents)
export const set = (...contents: Uint8Array[]): Uint8Array => tagged(0x31, ...contents)
export const octets = (content: Uint8Array): Uint8Array => tagged(0x04, content)
export const bits = (content: Uint8Array, unused = 0): Uint8Array => tagged(0x03, Buffer.of(unused), content)
export const truth = Buffer.of(0x01, 0x01, 0xff)
export const nothing = Buffer.of(0x05, 0x00)

/** A number that is not negative. */
export function integer(value: bigint): Uint8Array {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return tagged(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.of(0) : Buffer.alloc(0), bytes)
}

/** An object identifier such as `2.5.29.15`. */
export function identifier(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const number of rest) {
    const part = [number % 128]
    for (let high = Math.floor(number / 128); high > 0; high = Math.floor(high / 128)) part.unshift(0x80 | (high % 128))
    bytes.push(...part)
  }
  return tagged(0x06, Buffer.from(bytes))
}

/** A moment in UTC, given in milliseconds. */
export function time(milliseconds: number): Uint8Array {
  const text = new Date(milliseconds).toISOString().replace(/[-:T]|\.\d+/g, '')
  const year = Number(text.slice(0, 4))
  const short = year >= 1950 && year < 2050
  return tagged(short ? 0x17 : 0x18, Buffer.from(short ? text.slice(2) : text))
}

/** A text, printable or UTF-8. */
export function text(value: string): Uint8Array {
  return tagged(/^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value) ? 0x13 : 0x0c, Buffer.from(value))
}

export function pem(label: string, content: Uint8Array): string {
  const lines =
    Buffer.from(content)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
