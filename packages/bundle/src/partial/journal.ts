import { open, readFile, rename, rm } from 'node:fs/promises'
import type { ByteRange } from '@ropeway/core'
import { z } from 'zod'
import { rangeSet, type RangeSet } from '../ranges.js'
import { ownerSchema, type Owner } from './owner.js'

const journalVersion = 1

const rangeSchema = z.tuple([z.int().nonnegative(), z.int().nonnegative()])
const headerSchema = z.object({
  journal: z.literal(journalVersion),
  identity: z.string(),
  size: z.int().nonnegative(),
  owner: ownerSchema,
})
const markSchema = z.union([
  z.strictObject({ written: z.array(rangeSchema) }),
  z.strictObject({ sealed: z.array(rangeSchema) }),
  z.strictObject({ closed: z.literal(true) }),
])

/** What a partial file is of. */
export interface JournalHeader {
  readonly identity: string
  readonly size: number
  readonly owner: Owner
}

/** What a journal says: the header, the marks, and whether its owner gave the file up. */
export interface JournalState extends JournalHeader {
  readonly written: RangeSet
  readonly sealed: RangeSet
  readonly closed: boolean
}

/** A journal that is being appended to: one JSON document a line. */
export interface Journal {
  mark(kind: 'written' | 'sealed', ranges: readonly ByteRange[]): Promise<void>
  /** Says that the owner no longer writes. */
  release(): Promise<void>
  close(): Promise<void>
}

/**
 * Reads a journal; `undefined` when there is none, or none that can be understood. A torn line and everything after it
 * does not count: that work is done again.
 */
export async function readJournal(path: string): Promise<JournalState | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  // What follows the last newline is torn, even if it can be read.
  const [first, ...rest] = text?.split('\n').slice(0, -1) ?? []
  const header = headerSchema.safeParse(parseLine(first))
  if (!header.success) return undefined
  const written = rangeSet()
  const sealed = rangeSet()
  let closed = false
  for (const line of rest) {
    const mark = markSchema.safeParse(parseLine(line))
    if (!mark.success) break
    if ('closed' in mark.data) closed = true
    else if ('written' in mark.data) mark.data.written.forEach(([start, end]) => written.add({ start, end }))
    else {
      for (const [start, end] of mark.data.sealed) {
        sealed.add({ start, end })
        written.add({ start, end })
      }
    }
  }
  const { identity, size, owner } = header.data
  return { identity, size, owner, written, sealed, closed }
}

function parseLine(line: string | undefined): unknown {
  try {
    return line === undefined ? undefined : JSON.parse(line)
  } catch {
    return undefined
  }
}

/** Starts a journal that holds what is known already, in place of an older one. */
export async function startJournal(
  path: string,
  { identity, size, owner }: JournalHeader,
  known: Pick<JournalState, 'written' | 'sealed'> | undefined,
): Promise<Journal> {
  const lines = [JSON.stringify({ journal: journalVersion, identity, size, owner })]
  if (known !== undefined)
    lines.push(markLine('written', known.written.ranges), markLine('sealed', known.sealed.ranges))
  const fresh = `${path}.new`
  const handle = await open(fresh, 'w')
  try {
    await handle.writeFile(`${lines.join('\n')}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(fresh, path)
  return appendTo(path)
}

async function appendTo(path: string): Promise<Journal> {
  const handle = await open(path, 'a')
  // Lines must not mix, so each waits for the one before; a line that failed is reported to who wrote it.
  let last: Promise<unknown> = Promise.resolve()
  const append = (line: string): Promise<void> => {
    const appended = last.then(() => handle.appendFile(`${line}\n`))
    last = appended.catch(() => undefined)
    return appended
  }
  return {
    mark: (kind, ranges) => append(markLine(kind, ranges)),
    release: () => append(JSON.stringify({ closed: true })),
    async close() {
      await last
      await handle.close()
    },
  }
}

function markLine(kind: 'written' | 'sealed', ranges: readonly ByteRange[]): string {
  return JSON.stringify({ [kind]: ranges.map(({ start, end }) => [start, end]) })
}

export async function removeJournal(path: string): Promise<void> {
  await rm(path, { force: true })
  await rm(`${path}.new`, { force: true })
}
