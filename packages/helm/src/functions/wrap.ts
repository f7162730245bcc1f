import { fromBytes, toBytes } from '@ropeway/gotemplate'

/** One character per byte, since these functions count bytes. */
function binary(text: string): string {
  return Buffer.from(toBytes(text)).toString('latin1')
}

function fromBinary(text: string): string {
  return fromBytes(Buffer.from(text, 'latin1'))
}

/** goutils' abbreviation: at most `width` bytes, three of which are dots where something is left out. */
export function abbreviate(text: string, offset: number, width: number): string {
  return fromBinary(abbreviateBinary(binary(text), offset, width))
}

function abbreviateBinary(text: string, from: number, width: number): string {
  if (text.length <= width) return text
  let offset = Math.min(from, text.length)
  if (text.length - offset < width - 3) offset = text.length - (width - 3)
  if (offset <= 4) return `${text.slice(0, width - 3)}...`
  if (offset + width - 3 < text.length) return `...${abbreviateBinary(text.slice(offset), 0, width - 3)}`
  return `...${text.slice(text.length - (width - 3))}`
}

/** goutils' word wrap. */
export function wrapText(text: string, width: number, separator: string, cutWords: boolean): string {
  const source = binary(text)
  const newLine = separator === '' ? '\n' : binary(separator)
  const size = Math.max(width, 1)
  const lines: string[] = []
  let at = 0
  while (source.length - at > size) {
    if (source[at] === ' ') {
      at++
      continue
    }
    const blank = source.slice(at, at + size + 1).lastIndexOf(' ')
    const next = blank >= 0 ? at + blank : cutWords ? -1 : source.indexOf(' ', at + size)
    if (blank < 0 && cutWords) {
      lines.push(source.slice(at, at + size))
      at += size
    } else if (next < 0) {
      return fromBinary(lines.map((line) => line + newLine).join('') + source.slice(at))
    } else {
      lines.push(source.slice(at, next))
      at = next + 1
    }
  }
  return fromBinary(lines.map((line) => line + newLine).join('') + source.slice(at))
}
