import { defineSink, type ByteRange, type BytesDelivery, type Sink, type StoredRange } from '@ropeway/core'
import { z } from 'zod'
import { bytesContent } from '../context/bytes-content.js'
import { archiveIncomplete, fakeUnauthorized } from '../errors.js'
import { joined } from '../suites/ranges.js'
import type { BytesTarget } from '../suites/sink.js'

interface PaperPartial {
  readonly bytes: Uint8Array
  readonly written: ByteRange[]
  readonly sealed: ByteRange[]
}

/** A disk on paper. */
export interface PaperDisk {
  readonly files: Map<string, { readonly identity: string; readonly bytes: Uint8Array }>
  /** Partial files, by path and archive; with each what a journal beside it would hold. */
  readonly partials: Map<string, PaperPartial>
  /** True: nothing can be written. */
  readOnly: boolean
  /** A target that looks at one file. */
  target(path: string): BytesTarget
}

export function paperDisk(): PaperDisk {
  const files: PaperDisk['files'] = new Map()
  return {
    files,
    partials: new Map(),
    readOnly: false,
    target: (path) => ({ type: 'bytes', read: async () => files.get(path)?.bytes }),
  }
}

const PaperFileOptions = z.strictObject({
  path: z.string().describe('Where the file goes.'),
  disk: z.string().default('disk').describe('Name of the disk.'),
})
type PaperFileOptions = z.output<typeof PaperFileOptions>

/**
 * A bytes sink like a file: any range in any order, with reading back, and a rename at the end. `at` gives the disk of a
 * name.
 */
export function paperFile(at: (disk: string) => PaperDisk): Sink<PaperFileOptions> {
  return defineSink({
    name: 'paper-file',
    summary: 'a file that exists on paper',
    shorthand: 'path',
    accepts: ['image', 'chart', 'manifests', 'file', 'artifact'],
    takes: 'bytes',
    options: PaperFileOptions,
    async survey(plan, { disk, path }, { signal }) {
      signal.throwIfAborted()
      return {
        location: path,
        complete: plan.archive !== undefined && at(disk).files.get(path)?.identity === plan.archive.identity,
        space: { free: 1e12, needed: plan.archive?.size ?? 0 },
        existing: 'overwrite',
      }
    },
    async check(_plan, { disk, path }) {
      if (at(disk).readOnly) throw fakeUnauthorized('sink', path)
    },
    async open({ archive = { size: 0, identity: '' } }, _survey, { disk, path }) {
      if (at(disk).readOnly) throw fakeUnauthorized('sink', path)
      return delivery(at(disk), path, archive)
    },
  })
}

function delivery(
  disk: PaperDisk,
  path: string,
  archive: { readonly size: number; readonly identity: string },
): BytesDelivery {
  const { size, identity } = archive
  const name = `${path} ${identity}`
  const partial = disk.partials.get(name) ?? { bytes: new Uint8Array(size), written: [], sealed: [] }
  disk.partials.set(name, partial)
  return {
    type: 'bytes',
    async stored() {
      const sealed = joined(partial.sealed).map((range): StoredRange => ({ ...range, sealed: true }))
      const open = without(joined(partial.written), joined(partial.sealed))
      return [...sealed, ...open.map((range): StoredRange => ({ ...range, sealed: false }))]
    },
    async write(range, bytes) {
      partial.bytes.set(bytes, range.start)
      partial.written.push(range)
    },
    async seal(range) {
      partial.sealed.push(range)
    },
    read: ({ start, end }) => bytesContent(partial.bytes, { offset: start, end }),
    async close() {
      const [whole, ...rest] = joined(partial.sealed)
      const complete = size === 0 || (rest.length === 0 && whole?.start === 0 && whole.end === size)
      if (!complete) throw archiveIncomplete(path, `a part of the ${size} bytes`)
      disk.files.set(path, { identity, bytes: partial.bytes })
      disk.partials.delete(name)
      return { location: path, next: [`ropeway import ${path}`] }
    },
    abort: async () => undefined,
  }
}

/** What of the ranges is in none of the others; both in order and joined. */
function without(ranges: readonly ByteRange[], others: readonly ByteRange[]): readonly ByteRange[] {
  return others.reduce(
    (left, { start, end }) =>
      left.flatMap((range) => [
        ...(range.start < start ? [{ start: range.start, end: Math.min(range.end, start) }] : []),
        ...(range.end > end ? [{ start: Math.max(range.start, end), end: range.end }] : []),
      ]),
    ranges,
  )
}
