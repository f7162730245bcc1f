import { posix } from 'node:path'
import type { OpenOptions } from '@ropeway/core'
import { openFile, readRange, type RandomAccess } from '../access.js'
import { compressionOf } from '../compression.js'
import { tarCompressed, tarHostile, tarInvalid, tarTooLarge, tarTruncated } from '../errors.js'
import { blockSize, padded } from './header.js'
import { isZero, parseHeader, type TarHeader } from './parse.js'
import { parsePax } from './pax.js'

/** A regular file in a tar: its content stands at `offset`. In bytes. */
export interface TarFileEntry {
  /** Without `./` in front. */
  readonly path: string
  readonly offset: number
  readonly size: number
}

/** A tar of another tool, indexed: no byte of its files was read. */
export interface TarIndex {
  readonly name: string
  /** Regular files by path, in the tar's order. */
  readonly files: ReadonlyMap<string, TarFileEntry>
  /** The file at a path, links followed within the tar; `undefined` when there is none. Throws `TAR_HOSTILE` for links in a circle. */
  find(path: string): TarFileEntry | undefined
  /** Streams a file or a part of it. */
  open(file: TarFileEntry, options?: OpenOptions): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

export interface IndexTarOptions {
  /** Entries that a tar may have. The default is 65536. */
  readonly limit?: number | undefined
}

const defaultLimit = 65_536
/** Largest PAX header or long name: they are read into memory. */
const longestExtension = 1024 * 1024
const deepestLink = 8
const windowSize = 64 * 1024

/**
 * Reads the headers of a tar: v7, ustar, GNU (long names, base 256) and PAX. Paths that are absolute or hold `..`, links
 * that lead out, devices, sparse files and a path that occurs twice are refused, because readers disagree on them.
 * Throws `TAR_INVALID`, `TAR_TRUNCATED`, `TAR_COMPRESSED`, `TAR_HOSTILE`, `TAR_TOO_LARGE`, `ARCHIVE_NOT_FOUND`,
 * `ARCHIVE_UNREADABLE`.
 */
export async function indexTar(file: string | RandomAccess, options: IndexTarOptions = {}): Promise<TarIndex> {
  const access = typeof file === 'string' ? await openFile(file) : file
  const files = new Map<string, TarFileEntry>()
  const links = new Map<string, string>()
  const limit = options.limit ?? defaultLimit
  let count = 0
  for await (const { header, offset } of readHeaders(access)) {
    if (++count > limit) throw tarTooLarge(access.name, `more than ${limit} entries`, limit)
    const path = safePath(access.name, header)
    if (header.type === '5') continue
    if (path === '') throw tarHostile(access.name, header.path, 'has no name')
    if (files.has(path) || links.has(path)) throw tarHostile(access.name, header.path, 'is there twice')
    if (header.type === '0') files.set(path, { path, offset, size: header.size })
    else links.set(path, linkTarget(access.name, path, header))
  }
  return {
    name: access.name,
    files,
    find: (path) => follow(access.name, files, links, path),
    open: (entry, open = {}) => {
      const end = Math.min(open.end ?? entry.size, entry.size)
      const start = Math.min(open.offset ?? 0, end)
      return access.open({ start: entry.offset + start, end: entry.offset + end }, { signal: open.signal })
    },
    close: async () => access.close?.(),
  }
}

interface Located {
  readonly header: TarHeader
  readonly offset: number
}

/** Headers of files, folders and links, with what PAX and GNU say of them applied. */
async function* readHeaders(access: RandomAccess): AsyncIterable<Located> {
  const read = windowed(access)
  let extension: Partial<TarHeader> = {}
  let position = 0
  for (;;) {
    const block = await read(position, blockSize)
    if (position === 0) refuseCompressed(access, block)
    if (block.byteLength < blockSize)
      throw tarTruncated(access.name, 'the end of the archive', access.size, position + 2 * blockSize)
    if (isZero(block)) return
    const header = parseHeader(block)
    if (header === undefined) {
      throw tarInvalid(access.name, position === 0 ? 'it has no header' : `the header at byte ${position} is damaged`)
    }
    const full = { ...header, ...extension }
    const size = hasContent(full) ? full.size : 0
    const offset = position + blockSize
    position = offset + padded(size)
    if (offset + size > access.size) throw tarTruncated(access.name, full.path, access.size, offset + size)
    if (isExtension(header)) {
      extension = { ...extension, ...(await readExtension(access, header, offset, read)) }
      continue
    }
    extension = {}
    refuseKinds(access.name, full)
    yield { header: full, offset }
  }
}

function refuseCompressed(access: RandomAccess, head: Uint8Array): void {
  const compression = compressionOf(head)
  if (compression !== undefined) throw tarCompressed(access.name, compression.format, compression.command)
  if (head.byteLength < blockSize) throw tarInvalid(access.name, 'it is too short')
}

/** PAX for the next entry or for all, GNU's long name and long link. */
function isExtension({ type }: TarHeader): boolean {
  return 'xgLK'.includes(type)
}

function hasContent(header: TarHeader): boolean {
  return !'123456'.includes(header.type)
}

async function readExtension(
  access: RandomAccess,
  { type, size }: TarHeader,
  offset: number,
  read: (position: number, length: number) => Promise<Uint8Array>,
): Promise<Partial<TarHeader>> {
  if (size > longestExtension) {
    throw tarTooLarge(access.name, `a header of ${size} bytes at byte ${offset}`, longestExtension)
  }
  const bytes = await read(offset, size)
  if (type === 'g') return {}
  if (type === 'x') {
    const extension = parsePax(bytes)
    if (extension === undefined) throw tarInvalid(access.name, `the PAX header at byte ${offset} is damaged`)
    return extension
  }
  const text = new TextDecoder().decode(bytes).replace(/\0.*$/s, '')
  return type === 'L' ? { path: text } : { target: text }
}

function refuseKinds(name: string, { type, path }: TarHeader): void {
  if (type === 'S') throw tarHostile(name, path, 'is a sparse file')
  if ('346'.includes(type)) throw tarHostile(name, path, 'is a device or a pipe')
  if (!'0125'.includes(type)) throw tarHostile(name, path, `is of the unknown type ${JSON.stringify(type)}`)
}

function safePath(name: string, { path }: TarHeader): string {
  if (path.startsWith('/')) throw tarHostile(name, path, 'has an absolute path')
  if (path.split('/').includes('..')) throw tarHostile(name, path, 'has ".." in its path')
  return normalized(path)
}

function normalized(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
}

/** Where a link leads: a hard link's target counts from the top, a symbolic link's from its folder. */
function linkTarget(name: string, path: string, { type, target }: TarHeader): string {
  const joined = type === '1' ? target : posix.join(posix.dirname(path), target)
  const resolved = posix.normalize(joined)
  if (target === '' || target.startsWith('/') || resolved === '..' || resolved.startsWith('../')) {
    throw tarHostile(name, path, `is a link that leads out of the archive, to ${JSON.stringify(target)}`)
  }
  return normalized(resolved)
}

function follow(
  name: string,
  files: ReadonlyMap<string, TarFileEntry>,
  links: ReadonlyMap<string, string>,
  path: string,
): TarFileEntry | undefined {
  let current = normalized(path)
  for (let depth = 0; depth <= deepestLink; depth++) {
    const target = links.get(current)
    if (target === undefined) return files.get(current)
    current = target
  }
  throw tarHostile(name, path, `is a link to a link, more than ${deepestLink} times`)
}

/** Reads through a window, so that many small entries cost few reads. Fewer bytes at the end of the file. */
function windowed(access: RandomAccess): (position: number, length: number) => Promise<Uint8Array> {
  let start = 0
  let held: Uint8Array = new Uint8Array()
  return async (position, length) => {
    const end = Math.min(position + length, access.size)
    if (position < start || end > start + held.byteLength) {
      start = position
      const until = Math.min(position + Math.max(length, windowSize), access.size)
      held = until > position ? await readRange(access, { start: position, end: until }) : new Uint8Array()
    }
    return held.subarray(position - start, Math.max(end, position) - start)
  }
}
