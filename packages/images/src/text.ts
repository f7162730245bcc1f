import { textNotUtf8 } from './errors.js'

const byteOrderMark = '\uFEFF'

/** The text of a list or manifest file, without a byte order mark. Throws `TEXT_NOT_UTF8`. */
export function decodeText(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw textNotUtf8(file, error)
  }
}

/** The text without a byte order mark, which editors on Windows put at the start. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith(byteOrderMark) ? text.slice(1) : text
}
