import {
  defineSink,
  type ByteRange,
  type BytesDelivery,
  type Context,
  type DeliveryPlan,
  type Json,
  type Sink,
  type StoredRange,
} from '@ropeway/core'
import { z } from 'zod'
import { archiveIncomplete, fakeUnauthorized, partMisaligned } from '../errors.js'
import type { BytesTarget } from '../suites/sink.js'

/** Length of every part but the last, in bytes. */
export const paperPart = 5 * 1024 * 1024

interface PaperUpload {
  readonly identity: string
  /** By part number, from 0. */
  readonly parts: Map<number, Uint8Array>
}

/** An object store on paper: objects appear when their upload is completed, parts of uploads can be listed but not read. */
export interface PaperBucket {
  readonly objects: Map<string, { readonly identity: string; readonly bytes: Uint8Array }>
  /** Uploads that were begun, by key and archive. */
  readonly uploads: Map<string, PaperUpload>
  /** A target that looks at one object. */
  target(key: string): BytesTarget
}

export function paperBucket(): PaperBucket {
  const objects: PaperBucket['objects'] = new Map()
  return {
    objects,
    uploads: new Map(),
    target: (key) => ({ type: 'bytes', read: async () => objects.get(key)?.bytes }),
  }
}

const PaperMultipartOptions = z.strictObject({
  key: z.string().describe('Name of the object.'),
  service: z.string().default('paper-bucket.test').describe('Host of the service, for credentials.'),
})
type PaperMultipartOptions = z.output<typeof PaperMultipartOptions>

/**
 * A bytes sink like an S3 multipart upload: parts of equal length in any order, no reading back, and after a crash nothing
 * but the list of the parts and the state that was kept of what was sealed. `at` gives the bucket of a service.
 */
export function paperMultipart(at: (service: string) => PaperBucket): Sink<PaperMultipartOptions> {
  return defineSink({
    name: 'paper-multipart',
    summary: 'a multipart upload that exists on paper',
    shorthand: 'key',
    accepts: ['image', 'chart', 'manifests', 'file', 'artifact'],
    takes: 'bytes',
    options: PaperMultipartOptions,
    async survey(plan, options, context) {
      await authorize(options, context)
      return {
        location: `${options.service}/${options.key}`,
        complete: at(options.service).objects.get(options.key)?.identity === archiveOf(plan).identity,
        existing: 'overwrite',
      }
    },
    check: (_plan, options, context) => authorize(options, context),
    async open(plan, _survey, options, context) {
      await authorize(options, context)
      return delivery(at(options.service), archiveOf(plan), options, context)
    },
  })
}

async function authorize({ service }: PaperMultipartOptions, context: Context): Promise<void> {
  context.signal.throwIfAborted()
  if ((await context.credential(service, 'sink')) === undefined) throw fakeUnauthorized('sink', service)
}

function archiveOf({ archive }: DeliveryPlan): NonNullable<DeliveryPlan['archive']> {
  return archive ?? { size: 0, identity: '' }
}

function delivery(
  bucket: PaperBucket,
  { size, identity }: NonNullable<DeliveryPlan['archive']>,
  { key, service }: PaperMultipartOptions,
  { state }: Context,
): BytesDelivery {
  const location = `${service}/${key}`
  const name = `${key} ${identity}`
  const stateKey = `paper-multipart ${location} ${identity}`
  const parts = bucket.uploads.get(name)?.parts ?? new Map<number, Uint8Array>()
  bucket.uploads.set(name, { identity, parts })
  const count = Math.ceil(size / paperPart)
  let sealing: Promise<void> = Promise.resolve()

  return {
    type: 'bytes',
    unit: paperPart,
    async stored() {
      const sealed = sealedIn(await state.get(stateKey))
      return [...parts.keys()]
        .sort((a, b) => a - b)
        .map((part): StoredRange => {
          const range = rangeOf(part, size)
          return { ...range, sealed: sealed.some(({ start, end }) => start <= range.start && range.end <= end) }
        })
    },
    async write(range, bytes) {
      const part = range.start / paperPart
      const wanted = rangeOf(part, size)
      if (!Number.isInteger(part) || range.end !== wanted.end || bytes.byteLength !== range.end - range.start) {
        throw partMisaligned(paperPart, range.start, range.end)
      }
      parts.set(part, bytes)
    },
    seal(range) {
      sealing = sealing.then(async () => {
        await state.set(stateKey, [...sealedIn(await state.get(stateKey)), { start: range.start, end: range.end }])
      })
      return sealing
    },
    async close() {
      const absent = Array.from({ length: count }, (_, part) => part).find((part) => !parts.has(part))
      if (absent !== undefined) throw archiveIncomplete(location, `part ${absent + 1} of ${count}`)
      bucket.objects.set(key, { identity, bytes: joinedParts(parts, size) })
      bucket.uploads.delete(name)
      await state.delete(stateKey)
      return { location, facts: { parts: String(count) } }
    },
    abort: async () => undefined,
  }
}

function rangeOf(part: number, size: number): ByteRange {
  return { start: part * paperPart, end: Math.min((part + 1) * paperPart, size) }
}

const SealedRanges = z.array(z.object({ start: z.number(), end: z.number() }))

function sealedIn(value: Json | undefined): readonly { readonly start: number; readonly end: number }[] {
  return SealedRanges.safeParse(value).data ?? []
}

function joinedParts(parts: ReadonlyMap<number, Uint8Array>, size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  for (const [part, content] of parts) bytes.set(content, part * paperPart)
  return bytes
}
