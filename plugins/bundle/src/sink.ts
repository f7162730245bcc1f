import {
  artifactKinds,
  defineSink,
  isRopewayError,
  type BytesDelivery,
  type Closing,
  type Context,
  type DeliveryPlan,
} from '@ropeway/core'
import {
  checkTarget,
  freeSpace,
  inspectPartialFile,
  openBundle,
  openFile,
  openPartialFile,
  type PartialFile,
} from '@ropeway/bundle'
import { z } from 'zod'
import { tarballWithoutArchive } from './errors.js'

const options = z.strictObject({
  path: z
    .string()
    .min(1)
    .describe('Where the bundle goes, relative to the chain file; `{name}` and `{version}` are those of the chain.'),
})

interface Target {
  /** For people: the path as it was written, filled in. */
  readonly location: string
  readonly path: string
  readonly archive: { readonly size: number; readonly identity: string }
}

/** One tar that holds everything, written to its final place as it comes. */
export const tarballSink = defineSink<z.output<typeof options>>({
  name: 'tarball',
  summary: 'A bundle: everything in one tar, byte-identical for the same lock.',
  shorthand: 'path',
  options,
  accepts: artifactKinds,
  takes: 'bytes',
  async survey(plan, { path }, context) {
    context.signal.throwIfAborted()
    const target = targetOf(plan, path, context)
    await checkTarget(target.path, target.location)
    const there = await fileAt(target, context.signal)
    const free = await freeSpace(target.path)
    const left = there === 'complete' ? undefined : await inspectPartialFile(target.path, target.archive)
    const needed = there === 'complete' ? 0 : target.archive.size - (left?.allocated ?? 0)
    return {
      location: target.location,
      existing: 'overwrite',
      complete: there === 'complete',
      ...(free === undefined ? {} : { space: { free, needed } }),
      notes: [
        ...(there === 'damaged' ? [`${target.location} is damaged and is written again`] : []),
        ...(left === undefined ? [] : [`goes on where it stopped: ${left.stored} of ${target.archive.size} bytes`]),
      ],
    }
  },
  async check(plan, { path }, context) {
    context.signal.throwIfAborted()
    const target = targetOf(plan, path, context)
    await checkTarget(target.path, target.location)
  },
  async open(plan, survey, { path }, context) {
    const target = targetOf(plan, path, context)
    if (survey.complete === true) return finished(target)
    const { archive, location } = target
    return delivery(target, await openPartialFile({ path: target.path, name: location, ...archive }))
  },
})

function targetOf({ archive }: DeliveryPlan, written: string, { chain, resolvePath }: Context): Target {
  const plain = (value: string): string => value.replaceAll(/[/\\]/g, '-')
  const location = written.replaceAll('{name}', plain(chain.name)).replaceAll('{version}', plain(chain.version))
  if (archive === undefined) throw tarballWithoutArchive(location)
  return { location, path: resolvePath(location), archive }
}

/** Whether the file is exactly the archive, by every byte; one that only says so of itself is damaged. */
async function fileAt(
  { path, location, archive }: Target,
  signal: AbortSignal,
): Promise<'complete' | 'damaged' | 'other'> {
  let same = false
  try {
    const bundle = await openBundle(await openFile(path, location))
    same = bundle.identity === archive.identity
    if (!same) return 'other'
    await bundle.verify(undefined, signal)
    return 'complete'
  } catch (error) {
    signal.throwIfAborted()
    if (!isRopewayError(error)) throw error
    return same ? 'damaged' : 'other'
  }
}

function delivery(target: Target, file: PartialFile): BytesDelivery {
  return {
    type: 'bytes',
    stored: async () => file.stored(),
    write: (range, bytes) => file.write(range, bytes),
    seal: (range) => file.seal(range),
    read: (range) => file.read(range),
    async close() {
      await file.close()
      return closing(target)
    },
    abort: () => file.abort(),
  }
}

/** The delivery of what is there already. */
function finished(target: Target): BytesDelivery {
  return {
    type: 'bytes',
    stored: async () => [{ start: 0, end: target.archive.size, sealed: true }],
    write: async () => undefined,
    seal: async () => undefined,
    close: async () => closing(target),
    abort: async () => undefined,
  }
}

function closing({ location, archive }: Target): Closing {
  const file = /^[\w./:@%+=,-]+$/.test(location) ? location : `'${location.replaceAll("'", `'\\''`)}'`
  return {
    location,
    next: [`ropeway verify ${file}`, `ropeway import ${file} --registry HOST[/prefix]`],
    facts: { size: String(archive.size), identity: archive.identity },
  }
}
