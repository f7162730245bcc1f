import type { Descriptor } from '@ropeway/core'
import { contentTooLarge, graphTooLarge, manifestInvalid, type Subject } from './errors.js'
import { childrenOf, parseManifest, type ParsedManifest } from './manifest.js'
import { manifestLimit } from './media-types.js'
import { inlineData, verifyBytes } from './verify.js'

/** Reads the whole bytes of a manifest or of a small blob. */
export type ReadDescriptor = (descriptor: Descriptor) => Promise<Uint8Array>

/** Everything below one root. */
export interface Graph {
  /** Children before parents, the root last, each once. */
  readonly manifests: readonly Descriptor[]
  /** Configs and layers, each once, in the order of the manifests that name them. */
  readonly blobs: readonly Descriptor[]
  /** Foreign layers, each once: named, not carried. */
  readonly foreign: readonly Descriptor[]
  /** By digest. */
  readonly parsed: ReadonlyMap<string, ParsedManifest>
  /** Exact bytes of the manifests, by digest. */
  readonly bytes: ReadonlyMap<string, Uint8Array>
}

export interface WalkOptions extends Subject {
  /** Manifests that one root may have. The default is 4096. */
  readonly limit?: number | undefined
}

const defaultLimit = 4096
const deepest = 8
/** Bytes of all manifests of one root, which are held at once. */
const heldLimit = 64 * manifestLimit

/**
 * Reads all manifests below `root`, siblings at the same time, each once, and verifies them.
 * Throws `GRAPH_TOO_LARGE`, `CONTENT_TOO_LARGE`, `DIGEST_MISMATCH`, `SIZE_MISMATCH`, and what `parseManifest` throws.
 */
export async function walkGraph(root: Descriptor, read: ReadDescriptor, options: WalkOptions = {}): Promise<Graph> {
  const { limit = defaultLimit, ...subject } = options
  const parsed = new Map<string, ParsedManifest>()
  const bytes = new Map<string, Uint8Array>()
  let held = 0
  let level: Descriptor[] = [root]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) throw graphTooLarge(`indexes more than ${deepest} levels deep`, String(deepest), subject)
    if (parsed.size + level.length > limit) {
      throw graphTooLarge(`${parsed.size + level.length} manifests or more`, String(limit), subject)
    }
    held += level.reduce((sum, { size }) => sum + size, 0)
    if (held > heldLimit) throw graphTooLarge(`${held} bytes of manifests`, String(heldLimit), subject)
    const found = await Promise.all(level.map((descriptor) => readManifest(descriptor, read, subject)))
    for (const { descriptor, content, manifest } of found) {
      parsed.set(descriptor.digest, manifest)
      bytes.set(descriptor.digest, content)
    }
    level = unique(found.flatMap(({ manifest }) => childrenOf(manifest).manifests)).filter(
      ({ digest }) => !parsed.has(digest),
    )
  }
  return { ...ordered(root, parsed, subject), parsed, bytes }
}

/** Reads, verifies and parses one manifest. */
export async function readManifest(
  descriptor: Descriptor,
  read: ReadDescriptor,
  subject: Subject,
): Promise<{ descriptor: Descriptor; content: Uint8Array; manifest: ParsedManifest }> {
  if (descriptor.size > manifestLimit) {
    throw contentTooLarge(manifestLimit, { side: subject.side, about: named(descriptor, subject) })
  }
  const content = inlineData(descriptor) ?? (await read(descriptor))
  verifyBytes(content, descriptor, { about: named(descriptor, subject) })
  const manifest = parseManifest(content, descriptor.mediaType, {
    side: subject.side,
    about: named(descriptor, subject),
  })
  return { descriptor, content, manifest }
}

function named(descriptor: Descriptor, { about }: Subject): string {
  return about === undefined || about.endsWith(descriptor.digest)
    ? (about ?? descriptor.digest)
    : `${about} (${descriptor.digest})`
}

function unique(descriptors: readonly Descriptor[]): Descriptor[] {
  return [...new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor])).values()]
}

function ordered(
  root: Descriptor,
  parsed: ReadonlyMap<string, ParsedManifest>,
  subject: Subject,
): Pick<Graph, 'manifests' | 'blobs' | 'foreign'> {
  const manifests: Descriptor[] = []
  const blobs = new Map<string, Descriptor>()
  const foreign = new Map<string, Descriptor>()
  const seen = new Set<string>()
  const visit = (descriptor: Descriptor): void => {
    const manifest = parsed.get(descriptor.digest)
    if (manifest === undefined || seen.has(descriptor.digest)) return
    seen.add(descriptor.digest)
    const children = childrenOf(manifest)
    children.manifests.forEach(visit)
    manifests.push(descriptor)
    for (const blob of children.blobs) add(blobs, blob, subject)
    for (const layer of children.foreign) add(foreign, layer, subject)
  }
  visit(root)
  return { manifests, blobs: [...blobs.values()], foreign: [...foreign.values()] }
}

function add(into: Map<string, Descriptor>, descriptor: Descriptor, subject: Subject): void {
  const known = into.get(descriptor.digest)
  if (known !== undefined && known.size !== descriptor.size) {
    throw manifestInvalid(
      `${descriptor.digest} stands in it with ${known.size} and with ${descriptor.size} bytes`,
      subject,
    )
  }
  if (known === undefined) into.set(descriptor.digest, descriptor)
}
