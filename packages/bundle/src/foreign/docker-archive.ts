import { Readable, type Duplex } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Content, Descriptor } from '@ropeway/core'
import {
  collect,
  createDigester,
  encodeManifest,
  isDigest,
  manifestLimit,
  mediaTypes,
  sha256,
  type Digester,
} from '@ropeway/oci'
import { z } from 'zod'
import { compressionOf } from '../compression.js'
import { dockerArchiveInvalid, layoutBlobMissing } from '../errors.js'
import { firstIssue, parseJson } from '../lock.js'
import { indexTar, type TarFileEntry, type TarIndex } from '../tar/index-tar.js'
import type { ImageArchive, ImageRoot } from './image-archive.js'

export interface DockerArchiveOptions {
  /** Layer digests of an earlier opening; layers that stand here are not hashed again. */
  readonly digests?: ReadonlyMap<string, string> | undefined
  readonly signal?: AbortSignal | undefined
}

const imagesSchema = z.array(
  z.object({
    Config: z.string(),
    RepoTags: z.array(z.string()).nullish(),
    Layers: z.array(z.string()).nullish(),
  }),
)
type ImageEntry = z.output<typeof imagesSchema>[number]

const configSchema = z.object({ rootfs: z.object({ diff_ids: z.array(z.string()).nullish() }) })

/** What a digest stands for: a file in the tar, or bytes that were made here. */
type Source = TarFileEntry | Uint8Array

interface Opening {
  readonly tar: TarIndex
  readonly options: DockerArchiveOptions
  readonly sources: Map<string, Source>
  readonly digests: Map<string, string>
  /** Diff ids by path, because two images may share a layer. */
  readonly diffIds: Map<string, string>
}

/**
 * Opens a `docker save` archive: `manifest.json`, configs and layers. It holds no manifests, so each image gets one that is
 * made of its config and layers as they are: Docker schema 2, layers uncompressed or gzip. The same archive always gives the
 * same digests; they are not those of a registry that the image came from. Layers are hashed once and compared with the
 * config's `diff_ids`.
 * Throws `DOCKER_ARCHIVE_INVALID` and what `indexTar` throws.
 */
export async function openDockerArchive(
  archive: string | TarIndex,
  options: DockerArchiveOptions = {},
): Promise<ImageArchive> {
  const tar = typeof archive === 'string' ? await indexTar(archive) : archive
  const opening: Opening = { tar, options, sources: new Map(), digests: new Map(), diffIds: new Map() }
  const roots = new Map<string, ImageRoot>()
  for (const image of await readImages(tar)) {
    const descriptor = await makeManifest(opening, image)
    const names = [...(roots.get(descriptor.digest)?.names ?? []), ...(image.RepoTags ?? [])]
    roots.set(descriptor.digest, { descriptor, names: [...new Set(names)] })
  }
  return {
    type: 'docker-archive',
    name: tar.name,
    roots: [...roots.values()],
    content: contentOf(opening),
    digests: opening.digests,
    close: tar.close,
  }
}

function contentOf({ tar, sources }: Opening): Content {
  return {
    async *open({ digest }, options = {}) {
      const source = sources.get(digest)
      if (source === undefined) throw layoutBlobMissing(tar.name, digest)
      if (source instanceof Uint8Array) yield source.subarray(options.offset ?? 0, options.end ?? source.byteLength)
      else yield* tar.open(source, options)
    },
  }
}

async function readImages(tar: TarIndex): Promise<ImageEntry[]> {
  const value = parseJson(await readSmall(tar, 'manifest.json'))
  if (!value.ok) throw dockerArchiveInvalid(tar.name, 'manifest.json is not JSON', value.cause)
  const images = imagesSchema.safeParse(value.json)
  if (!images.success) throw dockerArchiveInvalid(tar.name, `manifest.json: ${firstIssue(images.error)}`)
  return images.data
}

async function makeManifest(opening: Opening, { Config, Layers }: ImageEntry): Promise<Descriptor> {
  const { tar, sources } = opening
  const bytes = await readSmall(tar, Config)
  const diffIds = readDiffIds(tar.name, Config, bytes)
  const paths = Layers ?? []
  if (paths.length !== diffIds.length) {
    throw dockerArchiveInvalid(tar.name, `${Config} names ${diffIds.length} layers, manifest.json ${paths.length}`)
  }
  const config = { mediaType: mediaTypes.dockerConfig, size: bytes.byteLength, digest: sha256(bytes) }
  sources.set(config.digest, bytes)
  const layers: Descriptor[] = []
  for (const [index, path] of paths.entries()) layers.push(await makeLayer(opening, path, diffIds[index] ?? ''))
  const manifest = encodeManifest(
    { schemaVersion: 2, mediaType: mediaTypes.dockerManifest, config, layers },
    mediaTypes.dockerManifest,
  )
  sources.set(manifest.descriptor.digest, manifest.bytes)
  return manifest.descriptor
}

function readDiffIds(name: string, path: string, bytes: Uint8Array): string[] {
  const value = parseJson(bytes)
  const config = configSchema.safeParse(value.ok ? value.json : undefined)
  if (!config.success) throw dockerArchiveInvalid(name, `${path} is not an image config`)
  const diffIds = config.data.rootfs.diff_ids ?? []
  const wrong = diffIds.find((diffId) => !isDigest(diffId))
  if (wrong !== undefined) throw dockerArchiveInvalid(name, `${path} names the layer ${JSON.stringify(wrong)}`)
  return diffIds
}

async function makeLayer(opening: Opening, path: string, diffId: string): Promise<Descriptor> {
  const { tar, options, digests, diffIds, sources } = opening
  const file = tar.find(path)
  if (file === undefined) throw dockerArchiveInvalid(tar.name, `it does not hold the layer ${path}`)
  if ((diffIds.get(file.path) ?? diffId) !== diffId) throw otherLayer(tar.name, file.path)
  diffIds.set(file.path, diffId)
  const mediaType = await layerType(tar, file)
  const known = digests.get(file.path) ?? options.digests?.get(file.path)
  const digest = known ?? (await hashLayer(opening, file, mediaType, diffId))
  digests.set(file.path, digest)
  sources.set(digest, file)
  return { mediaType, size: file.size, digest }
}

function otherLayer(name: string, path: string): Error {
  return dockerArchiveInvalid(name, `the layer ${path} is not the one that its image names`)
}

async function layerType(tar: TarIndex, file: TarFileEntry): Promise<string> {
  const head = await collect(tar.open(file, { end: 8 }), 8)
  const compression = compressionOf(head)
  if (compression === undefined) return mediaTypes.dockerLayer
  if (compression.format === 'gzip') return mediaTypes.dockerLayerGzip
  throw dockerArchiveInvalid(tar.name, `the layer ${file.path} is compressed with ${compression.format}`)
}

/** The digest of a layer as it is stored, after its content was compared with the diff id. */
async function hashLayer(
  { tar, options }: Opening,
  file: TarFileEntry,
  mediaType: string,
  diffId: string,
): Promise<string> {
  const stored = createDigester()
  const content = createDigester(diffId)
  const stream = hashed(tar.open(file, { signal: options.signal }), stored)
  const plain = mediaType === mediaTypes.dockerLayer
  if (plain && diffId.startsWith('sha256:')) {
    await drain(stream)
    if (stored.digest() !== diffId) throw otherLayer(tar.name, file.path)
    return diffId
  }
  await drain(hashed(plain ? stream : gunzip(tar.name, file.path, stream), content))
  if (content.digest() !== diffId) throw otherLayer(tar.name, file.path)
  return stored.digest()
}

async function* hashed(stream: AsyncIterable<Uint8Array>, digester: Digester): AsyncIterable<Uint8Array> {
  for await (const chunk of stream) {
    digester.update(chunk)
    yield chunk
  }
}

async function drain(stream: AsyncIterable<Uint8Array>): Promise<void> {
  const iterator = stream[Symbol.asyncIterator]()
  while ((await iterator.next()).done !== true);
}

async function* gunzip(name: string, path: string, stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const source = Readable.from(stream)
  const gunzipped: AsyncIterable<Uint8Array> & Duplex = createGunzip()
  source.on('error', (error) => gunzipped.destroy(error))
  try {
    yield* source.pipe(gunzipped)
  } catch (cause) {
    const damaged = cause instanceof Error && 'code' in cause && String(cause.code).startsWith('Z_')
    throw damaged ? dockerArchiveInvalid(name, `the layer ${path} is damaged gzip`, cause) : cause
  } finally {
    source.destroy()
  }
}

async function readSmall(tar: TarIndex, path: string): Promise<Uint8Array> {
  const file = tar.find(path)
  if (file === undefined) throw dockerArchiveInvalid(tar.name, `it has no file ${path}`)
  return collect(tar.open(file), manifestLimit, { about: `${tar.name}: ${path}` })
}
