import {
  isRopewayError,
  messageOf,
  type Artifact,
  type Content,
  type Descriptor,
  type LockedArtifact,
  type OpenOptions,
  type Referrer,
  type Side,
} from '@ropeway/core'
import { collect, formatReference, verified, walkGraph } from '@ropeway/oci'
import { must } from './case.js'

/** More than any content of a suite has. */
const readLimit = 256 * 1024 * 1024

/** Reads content whole and verifies it. */
export function readVerified(content: Content, descriptor: Descriptor, options?: OpenOptions): Promise<Uint8Array> {
  const about = `${descriptor.mediaType} ${descriptor.digest}`
  return collect(verified(content.open(descriptor, options), descriptor, { about }), readLimit)
}

/** Reads content as it comes. */
export function readRaw(content: Content, descriptor: Descriptor, options?: OpenOptions): Promise<Uint8Array> {
  return collect(content.open(descriptor, options), readLimit)
}

/** Root, manifests, configs and layers of an artifact, each once; everything that is small enough is read to find them. */
export async function closureOf(content: Content, root: Descriptor): Promise<readonly Descriptor[]> {
  const graph = await walkGraph(root, (descriptor) => readVerified(content, descriptor))
  return [...graph.manifests, ...graph.blobs]
}

/** What refers to the artifact's manifests, and what refers to that. */
export async function referrersOf(content: Content, root: Descriptor): Promise<readonly Referrer[]> {
  const graph = await walkGraph(root, (descriptor) => readVerified(content, descriptor))
  const found = new Map<string, Referrer>()
  const subjects = [...graph.manifests]
  const asked = new Set<string>()
  for (let subject = subjects.pop(); subject !== undefined; subject = subjects.pop()) {
    if (asked.has(subject.digest)) continue
    asked.add(subject.digest)
    for (const referrer of (await content.referrers?.(subject)) ?? []) {
      found.set(`${referrer.subject} ${referrer.descriptor.digest} ${referrer.tag ?? ''}`, referrer)
      subjects.push(referrer.descriptor)
    }
  }
  return [...found.values()]
}

/** The artifact without its content, as plain data. */
export function factsOf(artifact: Partial<Artifact>): unknown {
  const { content: _content, ...facts } = artifact
  return JSON.parse(JSON.stringify(facts))
}

/** The value without fields that are `undefined`; anything that JSON cannot hold stays as it is. */
export function definedOnly(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(definedOnly)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .map(([key, field]) => [key, definedOnly(field)]),
  )
}

export function idOf({ kind, name, version }: Pick<Artifact, 'kind' | 'name' | 'version'>): string {
  return version === undefined ? `${kind}:${name}` : `${kind}:${name}:${version}`
}

/** The artifact as it stands in a lock, read back from JSON. */
export function lockedOf(artifact: Artifact, adapter: string, referrers: readonly Referrer[] = []): LockedArtifact {
  const { kind, name, version, source, root, naming, destinations, derived, requiredBy, reason, annotations } = artifact
  const locked: LockedArtifact = {
    id: idOf(artifact),
    kind,
    name,
    version,
    source: {
      adapter,
      step: 'sources[0]',
      reference: source.reference && formatReference(source.reference),
      location: source.location,
      locator: source.locator,
    },
    published: root,
    root,
    naming,
    destinations: (destinations ?? []).map(formatReference),
    referrers,
    derived,
    requiredBy,
    class: artifact.class ?? 'declared',
    reason,
    signatures: referrers.length > 0 ? 'carried' : 'none',
    annotations,
  }
  return JSON.parse(JSON.stringify(locked)) as LockedArtifact
}

/** Asserts that an error tells a user what the contract demands: a code, one of the sides, and what to do next. */
export function mustTell(error: unknown, sides: readonly Side[]): void {
  must(isRopewayError(error), `it is no RopewayError: ${messageOf(error)}`)
  must(/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/.test(error.code), `its code "${error.code}" is not UPPER_SNAKE`)
  must(error.message.trim() !== '', 'it has no message')
  must(sides.includes(error.side), `its side is "${error.side}", not ${sides.join(' or ')}: ${error.message}`)
  must(error.hint !== undefined && error.hint.trim() !== '', `it has no hint on what to do next: ${error.message}`)
}

/** Whether the error says that the run was stopped. */
export function isStop(error: unknown): boolean {
  if (isRopewayError(error) && error.code === 'ABORTED') return true
  return error instanceof Error && (error.name === 'AbortError' || (error.cause !== undefined && isStop(error.cause)))
}

/** Message and data of anything that was thrown. */
export function textOf(error: unknown): string {
  return error instanceof Error ? `${error.message} ${JSON.stringify(error)}` : String(error)
}

/** Asserts that none of the texts holds one of the secrets; the message shows neither. */
export function mustHide(secrets: readonly string[], texts: readonly string[]): void {
  const shown = secrets.some((secret) => texts.some((text) => text.includes(secret)))
  must(!shown, 'a secret shows in what is told or kept')
}
