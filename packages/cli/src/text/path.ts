import { relative } from 'node:path'

/** A path as people name it: relative to the folder that they are in, when it is below. */
export function shown(path: string): string {
  const near = relative(process.cwd(), path)
  return near === '' || near.startsWith('..') ? path : near
}
