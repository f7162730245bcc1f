import type { Descriptor, LockedArtifact } from '@ropeway/core'
import type { Bundle } from '@ropeway/bundle'
import { collect, isRepository, isTag, manifestLimit, parseReference, walkGraph, type Graph } from '@ropeway/oci'
import type { Storage, StoredManifest } from './storage.js'

interface KnownManifest {
  readonly descriptor: Descriptor
  readonly subject: string | undefined
}

interface Repository {
  readonly manifests: Map<string, KnownManifest>
  readonly blobs: Set<string>
  readonly tags: Map<string, string>
}

/** A name of an artifact: repository with tags. */
interface Name {
  readonly repository: string
  readonly tags: readonly string[]
}

function destinationsOf(artifact: LockedArtifact): Name[] {
  return artifact.destinations.map((text) => {
    const { repository, tag, digest } = parseReference(text)
    const tags = tag === undefined ? (digest === undefined ? ['latest'] : []) : [tag]
    return { repository, tags }
  })
}

/** The source path, which is a wish of the source and need not be a name that a registry has. */
function sourceNamesOf({ naming }: LockedArtifact): Name[] {
  return isRepository(naming.path) ? [{ repository: naming.path, tags: naming.tags.filter(isTag) }] : []
}

/** What an artifact consists of, its referrers included. */
async function graphsOf(bundle: Bundle, artifact: LockedArtifact): Promise<Graph[]> {
  const read = (descriptor: Descriptor) => collect(bundle.content.open(descriptor), manifestLimit)
  const graphs: Graph[] = []
  for (const root of [artifact.root, ...artifact.referrers.map(({ descriptor }) => descriptor)]) {
    graphs.push(await walkGraph(root, read, { side: 'source', about: artifact.id }))
  }
  return graphs
}

function addContent(repository: Repository, graphs: readonly Graph[]): void {
  for (const { manifests, blobs, parsed } of graphs) {
    for (const descriptor of manifests) {
      const subject = parsed.get(descriptor.digest)?.subject?.digest
      repository.manifests.set(descriptor.digest, { descriptor, subject })
    }
    for (const { digest } of blobs) repository.blobs.add(digest)
  }
}

/** Tags that are claimed for one digest only; what two contents claim is nobody's. */
function undisputed(claims: readonly (readonly [tag: string, digest: string])[]): Map<string, string> {
  const tags = new Map<string, string>()
  const disputed = new Set<string>()
  for (const [tag, digest] of claims) {
    if (tags.has(tag) && tags.get(tag) !== digest) disputed.add(tag)
    tags.set(tag, digest)
  }
  for (const tag of disputed) tags.delete(tag)
  return tags
}

type Claims = Map<string, (readonly [tag: string, digest: string])[]>

function claim(claims: Claims, name: Name, artifact: LockedArtifact): void {
  const referrerTags = artifact.referrers.flatMap(({ tag, descriptor }) =>
    tag === undefined ? [] : [[tag, descriptor.digest] as const],
  )
  const own = name.tags.map((tag) => [tag, artifact.root.digest] as const)
  claims.set(name.repository, [...(claims.get(name.repository) ?? []), ...own, ...referrerTags])
}

async function indexBundle(bundle: Bundle): Promise<Map<string, Repository>> {
  const repositories = new Map<string, Repository>()
  const byDestination: Claims = new Map()
  const bySource: Claims = new Map()
  for (const artifact of bundle.artifacts) {
    const graphs = await graphsOf(bundle, artifact)
    const destinations = destinationsOf(artifact)
    const sources = sourceNamesOf(artifact)
    for (const name of destinations) claim(byDestination, name, artifact)
    for (const name of sources) claim(bySource, name, artifact)
    for (const { repository } of [...destinations, ...sources]) {
      const found = repositories.get(repository) ?? { manifests: new Map(), blobs: new Set(), tags: new Map() }
      repositories.set(repository, found)
      addContent(found, graphs)
    }
  }
  for (const [name, repository] of repositories) {
    for (const claims of [bySource, byDestination]) {
      for (const [tag, digest] of undisputed(claims.get(name) ?? [])) repository.tags.set(tag, digest)
    }
  }
  return repositories
}

/**
 * A read-only storage straight from a bundle's tar: nothing is unpacked. Each artifact is found under the repository paths
 * and tags of its destinations, without their registry, and under its source path as well (`library/nginx` beside
 * `mirror/library/nginx`). A destination comes before a source path; a tag that two contents would have equally is left out,
 * and both stay reachable by digest. Reads all manifests once. Throws what the bundle and its manifests throw. The bundle
 * stays the caller's, to be closed after the server.
 */
export async function bundleStorage(bundle: Bundle): Promise<Storage> {
  const repositories = await indexBundle(bundle)
  const sizeOf = (digest: string) => bundle.blobs.get(digest)?.size

  async function readManifest(name: string, digest: string): Promise<StoredManifest | undefined> {
    const known = repositories.get(name)?.manifests.get(digest)
    if (known === undefined) return undefined
    const { descriptor, subject } = known
    const bytes = await collect(bundle.content.open(descriptor), manifestLimit)
    return { digest, mediaType: descriptor.mediaType, bytes, subject }
  }

  return {
    async repositories() {
      return [...repositories.keys()].sort()
    },
    blobs: {
      async stat(name, digest) {
        return repositories.get(name)?.blobs.has(digest) === true ? sizeOf(digest) : undefined
      },
      async statAnywhere(digest) {
        return sizeOf(digest)
      },
      open(_name, digest, { start, end }) {
        const descriptor = { mediaType: 'application/octet-stream', digest, size: sizeOf(digest) ?? 0 }
        return bundle.content.open(descriptor, { offset: start, end })
      },
    },
    manifests: {
      manifest: readManifest,
      async referrers(name, subject) {
        const manifests = [...(repositories.get(name)?.manifests.values() ?? [])]
        return manifests
          .filter((manifest) => manifest.subject === subject)
          .map(({ descriptor }) => descriptor.digest)
          .sort()
      },
    },
    tags: {
      async resolve(name, tag) {
        return repositories.get(name)?.tags.get(tag)
      },
      async tags(name) {
        const found = repositories.get(name)
        return found === undefined ? undefined : [...found.tags.keys()].sort()
      },
    },
  }
}
