import type { Descriptor, Platform } from '@ropeway/core'
import { isImageConfig, matchesPlatform, parsePlatform, type ParsedImage, type ParsedManifest } from '@ropeway/oci'
import { blobPath, compareText } from '../format.js'
import type { BundleLock } from '../lock.js'
import { tagNames } from './names.js'

/** What an image is chosen among: its runnable manifests, each with the platform that its index names. */
interface Candidate {
  readonly digest: string
  readonly manifest: ParsedImage
  readonly platform: Platform | undefined
}

const usual: Platform = { os: 'linux', architecture: 'amd64' }

/**
 * `manifest.json`, which `docker load` without the containerd store reads: one entry for each image, and of each image one
 * platform: the first selected one that it has, else linux/amd64, else its first. Images that are not whole in the
 * archive (foreign layers) and artifacts that cannot run are left out.
 */
export function encodeDockerManifest(
  lock: BundleLock,
  parsed: ReadonlyMap<string, ParsedManifest>,
  holds: (digest: string) => boolean,
): string {
  const entries = new Map<string, { manifest: ParsedImage; tags: Set<string> }>()
  for (const artifact of lock.artifacts) {
    if (artifact.kind !== 'image') continue
    const candidates = runnable(artifact.root, parsed, holds, new Set())
    const chosen = choose(candidates, artifact.platforms ?? lock.platforms)
    if (chosen === undefined) continue
    const entry = entries.get(chosen.digest) ?? { manifest: chosen.manifest, tags: new Set() }
    for (const tag of tagNames(artifact)) entry.tags.add(tag)
    entries.set(chosen.digest, entry)
  }
  return JSON.stringify([...entries.values()].map(({ manifest, tags }) => encodeEntry(manifest, tags)))
}

function encodeEntry(manifest: ParsedImage, tags: ReadonlySet<string>): object {
  return {
    Config: blobPath(manifest.config.digest),
    RepoTags: tags.size === 0 ? null : [...tags].sort(compareText),
    Layers: manifest.layers.map(({ digest }) => blobPath(digest)),
  }
}

function runnable(
  descriptor: Descriptor,
  parsed: ReadonlyMap<string, ParsedManifest>,
  holds: (digest: string) => boolean,
  seen: Set<string>,
): Candidate[] {
  const manifest = parsed.get(descriptor.digest)
  if (manifest === undefined || seen.has(descriptor.digest)) return []
  seen.add(descriptor.digest)
  if (manifest.type === 'index') {
    return manifest.manifests.flatMap((child) => runnable(child, parsed, holds, seen))
  }
  if (manifest.type !== 'image' || !isWholeImage(descriptor, manifest, holds)) return []
  return [{ digest: descriptor.digest, manifest, platform: descriptor.platform }]
}

function isWholeImage(descriptor: Descriptor, manifest: ParsedImage, holds: (digest: string) => boolean): boolean {
  return (
    isImageConfig(manifest.config.mediaType) &&
    descriptor.platform?.os !== 'unknown' &&
    descriptor.annotations?.['vnd.docker.reference.type'] === undefined &&
    [manifest.config, ...manifest.layers].every(({ digest }) => holds(digest))
  )
}

function choose(candidates: readonly Candidate[], platforms: readonly string[]): Candidate | undefined {
  const wanted = [...platforms.filter((platform) => platform.includes('/')).map(parsePlatform), usual]
  for (const platform of wanted) {
    const match = candidates.find((candidate) => candidate.platform && matchesPlatform(platform, candidate.platform))
    if (match !== undefined) return match
  }
  return candidates[0]
}
