import { messageOf, type Reference, type RopewayError } from '@ropeway/core'
import { parseReference } from '@ropeway/oci'

import { imageListInvalid } from './errors.js'
import { withoutByteOrderMark } from './text.js'

/** One image of a list. */
export interface ListedImage {
  readonly reference: Reference
  /** As the list has it. */
  readonly text: string
  /** Line in the file; the first is 1. */
  readonly line: number
  /** What follows the `#` on the line. */
  readonly comment?: string | undefined
}

export interface ImageList {
  readonly images: readonly ListedImage[]
  /** One `IMAGE_LIST_INVALID` for each line that is no reference. */
  readonly invalid: readonly RopewayError[]
}

/** A comment starts a line or follows a blank, so that a `#` inside a word is not taken for one. */
const commentStart = /(?:^|[ \t])#/

/** Reads a list of images: one reference a line, `#` comments, any line ends. Never throws: bad lines are told one by one. */
export function parseImageList(text: string, file: string): ImageList {
  const images: ListedImage[] = []
  const invalid: RopewayError[] = []
  for (const [index, source] of withoutByteOrderMark(text)
    .split(/\r\n|\n|\r/)
    .entries()) {
    const line = index + 1
    const { value, comment } = splitComment(source)
    if (value === '') continue
    const words = value.split(/[ \t]+/).length
    if (words > 1) {
      invalid.push(
        imageListInvalid({
          file,
          line,
          text: withoutUser(value),
          problem: `${words} words where one reference belongs`,
        }),
      )
      continue
    }
    try {
      images.push({ reference: parseReference(value), text: value, line, comment })
    } catch (error) {
      invalid.push(imageListInvalid({ file, line, text: withoutUser(value), problem: messageOf(error), cause: error }))
    }
  }
  return { images, invalid }
}

function splitComment(line: string): { readonly value: string; readonly comment?: string } {
  const start = commentStart.exec(line)
  if (start === null) return { value: line.trim() }
  return { value: line.slice(0, start.index).trim(), comment: line.slice(start.index + start[0].length).trim() }
}

/** Somebody may have put an address with a password where a reference belongs. */
function withoutUser(text: string): string {
  return text.replace(/\/\/[^/\s]*@/g, '//')
}
