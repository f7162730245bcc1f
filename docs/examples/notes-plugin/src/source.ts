import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  RopewayError,
  defineSource,
  messageOf,
  type Artifact,
  type Content,
  type Context,
  type Failure,
} from '@ropeway/core'
import { buildArtifact, emptyConfig, sha256 } from '@ropeway/oci'
import { z } from 'zod'

const Options = z.strictObject({
  folder: z.string().describe('Folder with the notes, relative to the chain.'),
  names: z.array(z.string()).optional().describe('File names. The default is every `.txt` file of the folder.'),
})
type Options = z.output<typeof Options>

/** What the lock remembers of a note: enough to make its manifest again. */
const Note = z.object({ name: z.string(), digest: z.string(), size: z.number() })
type Note = z.infer<typeof Note>

export const notes = defineSource({
  name: 'notes',
  summary: 'text files of a folder, one artifact each',
  shorthand: 'folder',
  options: Options,
  async *resolve(options, context): AsyncIterable<Artifact | Failure> {
    for (const name of await namesOf(options, context)) {
      context.signal.throwIfAborted()
      yield await resolveNote(name, options, context)
    }
  },
  async reopen(locked, options, context) {
    return contentOf(Note.parse(locked.source.locator), options, context)
  },
  async inputs(options, context) {
    const digests: Record<string, string> = {}
    for (const name of await namesOf(options, context)) digests[name] = sha256(await readNote(name, options, context))
    return digests
  },
})

async function namesOf({ folder, names }: Options, context: Context): Promise<readonly string[]> {
  if (names !== undefined) return names
  const entries = await readdir(context.resolvePath(folder))
  return entries.filter((name) => name.endsWith('.txt')).sort()
}

async function readNote(name: string, { folder }: Options, context: Context): Promise<Uint8Array> {
  return await readFile(join(context.resolvePath(folder), name), { signal: context.signal })
}

/** One thing that is not there never stops the others: it is yielded as a failure. */
async function resolveNote(name: string, options: Options, context: Context): Promise<Artifact | Failure> {
  try {
    const bytes = await readNote(name, options, context)
    const note = { name, digest: sha256(bytes), size: bytes.byteLength }
    const { descriptor } = manifestOf(note)
    return {
      kind: 'file',
      name,
      version: context.chain.version,
      source: { location: `${options.folder}/${name}`, locator: note },
      root: descriptor,
      content: contentOf(note, options, context),
      naming: { path: `${context.chain.name}/${name}`, tags: [context.chain.version] },
      derived: [{ digest: descriptor.digest, recipe: { type: 'notes.note/1', name } }],
    }
  } catch (error) {
    context.signal.throwIfAborted()
    return { about: name, error: noteMissing(name, options.folder, error) }
  }
}

/** The manifest is made of nothing but what the lock remembers, so that it is the same when it is made again. */
function manifestOf({ name, digest, size }: Note) {
  const annotations = { 'org.opencontainers.image.title': name }
  const layer = { mediaType: 'text/plain', digest, size, annotations }
  return buildArtifact({ artifactType: 'application/vnd.example.note', layers: [layer] })
}

function contentOf(note: Note, options: Options, context: Context): Content {
  const { descriptor, bytes } = manifestOf(note)
  const made = new Map([
    [descriptor.digest, bytes],
    [emptyConfig.descriptor.digest, emptyConfig.bytes],
  ])
  return {
    async *open({ digest }, { offset = 0, end, signal } = {}) {
      signal?.throwIfAborted()
      if (digest !== note.digest && !made.has(digest)) throw noteMissing(digest, options.folder)
      const whole = made.get(digest) ?? (await readNote(note.name, options, context))
      yield whole.subarray(offset, end)
    },
  }
}

function noteMissing(name: string, folder: string, cause?: unknown): RopewayError {
  return new RopewayError({
    code: 'NOTE_MISSING',
    side: 'source',
    message: `the note ${name} cannot be read${cause === undefined ? '' : `: ${messageOf(cause)}`}`,
    operation: 'reading',
    about: name,
    hint: `look into the folder ${folder}, or leave the name out`,
    cause,
  })
}
