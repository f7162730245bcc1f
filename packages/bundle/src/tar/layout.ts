import { headerLength, padded } from './header.js'

/** An entry that is to stand in a tar. */
export interface TarFile {
  readonly path: string
  readonly size: number
}

/** An entry with its place: header from `start`, content from `offset`, padding after it up to `end`. In bytes. */
export interface PlacedFile extends TarFile {
  readonly start: number
  readonly offset: number
  readonly end: number
}

/** Gives the entries their places, one after the other from `start`, in the order given. */
export function placeFiles<File extends TarFile>(files: readonly File[], start: number): (File & PlacedFile)[] {
  let position = start
  return files.map((file) => {
    const offset = position + headerLength(file.path, file.size)
    const placed = { ...file, start: position, offset, end: offset + padded(file.size) }
    position = placed.end
    return placed
  })
}

/** Index of the entry that holds the position, in a list that is sorted and without gaps; its length when none does. */
export function indexAt(tiles: readonly { readonly end: number }[], position: number): number {
  let low = 0
  let high = tiles.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((tiles[middle]?.end ?? 0) <= position) low = middle + 1
    else high = middle
  }
  return low
}
