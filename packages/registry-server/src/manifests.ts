import { isRopewayError, type Descriptor } from '@ropeway/core'
import {
  childrenOf,
  createDigester,
  isDigest,
  isManifestType,
  manifestLimit,
  parseManifest,
  type ParsedManifest,
} from '@ropeway/oci'
import { statBlob } from './blobs.js'
import { digestHeader, locate, mediaTypeOf, reply, writable, type Exchange } from './exchange.js'
import { Problem } from './problem.js'
import type { StoredManifest } from './storage.js'

/** The last part of a manifest's path. */
export type ManifestName =
  { readonly tag: string; readonly digest?: undefined } | { readonly digest: string; readonly tag?: undefined }

function unknown(name: ManifestName): Problem {
  return new Problem('MANIFEST_UNKNOWN', 'the repository does not have this manifest', {
    detail: name.tag === undefined ? { digest: name.digest } : { tag: name.tag },
  })
}

/** False when the client's `Accept` leaves this media type out. */
function accepted(exchange: Exchange, mediaType: string): boolean {
  if (exchange.quirks.strictAccept !== true) return true
  const accept = exchange.request.headers.accept ?? ''
  return accept.split(',').some((item) => ['*/*', 'application/*', mediaType].includes(mediaTypeOf(item)))
}

/** GET and HEAD of a manifest, in the very bytes in which it was pushed. */
export async function getManifest(exchange: Exchange, repository: string, name: ManifestName): Promise<void> {
  const { manifests, tags } = exchange.storage
  const digest = name.tag === undefined ? name.digest : await tags.resolve(repository, name.tag)
  const manifest = digest === undefined ? undefined : await manifests.manifest(repository, digest)
  if (manifest === undefined || !accepted(exchange, manifest.mediaType)) throw unknown(name)
  const headers = {
    'content-type': manifest.mediaType,
    etag: `"${manifest.digest}"`,
    ...digestHeader(exchange, manifest.digest),
  }
  if (exchange.request.headers['if-none-match'] === headers.etag) reply(exchange, 304, headers)
  else reply(exchange, 200, headers, manifest.bytes)
}

async function readManifest(exchange: Exchange): Promise<Uint8Array> {
  const tooLarge = () => new Problem('SIZE_INVALID', `a manifest has ${String(manifestLimit)} bytes at most`)
  if (Number(exchange.request.headers['content-length'] ?? 0) > manifestLimit) throw tooLarge()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of exchange.request as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > manifestLimit) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parse(bytes: Uint8Array, contentType: string): ParsedManifest {
  try {
    return parseManifest(bytes, contentType === '' ? undefined : contentType)
  } catch (error) {
    if (isRopewayError(error)) throw new Problem('MANIFEST_INVALID', error.message)
    throw error
  }
}

async function hasManifest(exchange: Exchange, repository: string, child: Descriptor): Promise<boolean> {
  return (await exchange.storage.manifests.manifest(repository, child.digest)) !== undefined
}

/** Refuses a manifest whose children the repository does not have; what it refers to (`subject`) may come later. */
async function checkChildren(exchange: Exchange, repository: string, manifest: ParsedManifest): Promise<void> {
  const { manifests, blobs } = childrenOf(manifest)
  const missing: string[] = []
  for (const child of exchange.quirks.sparseIndexes === true ? [] : manifests) {
    if (await hasManifest(exchange, repository, child)) continue
    const asBlob = isManifestType(child.mediaType) ? undefined : await statBlob(exchange, repository, child.digest)
    if (asBlob === undefined) missing.push(child.digest)
  }
  for (const child of blobs) {
    if ((await statBlob(exchange, repository, child.digest)) === undefined) missing.push(child.digest)
  }
  if (missing.length > 0) {
    throw new Problem('MANIFEST_BLOB_UNKNOWN', 'the repository does not have all that the manifest names', {
      detail: missing.map((digest) => ({ digest })),
    })
  }
}

/** PUT of a manifest under a tag or its digest. */
export async function putManifest(exchange: Exchange, repository: string, name: ManifestName): Promise<void> {
  const write = writable(exchange)
  const contentType = mediaTypeOf(exchange.request.headers['content-type'])
  if (contentType !== '' && !isManifestType(contentType)) {
    throw new Problem('MANIFEST_INVALID', 'the Content-Type is not that of a manifest', { detail: { contentType } })
  }
  const bytes = await readManifest(exchange)
  const parsed = parse(bytes, contentType)
  const digester = createDigester(name.digest)
  digester.update(bytes)
  const digest = digester.digest()
  if (name.digest !== undefined && name.digest !== digest) {
    throw new Problem('DIGEST_INVALID', 'the manifest has another digest', {
      detail: { wanted: name.digest, found: digest },
    })
  }
  await checkChildren(exchange, repository, parsed)
  const subject = parsed.subject?.digest
  if (subject !== undefined && !isDigest(subject)) {
    throw new Problem('MANIFEST_INVALID', 'the digest of the subject is no sha256 or sha512 digest')
  }
  const manifest: StoredManifest = { digest, mediaType: contentType || parsed.mediaType, bytes, subject }
  await write.manifests.put(repository, manifest)
  if (name.tag !== undefined) await write.tags.tag(repository, name.tag, digest)
  reply(exchange, 201, {
    location: locate(exchange, `/v2/${repository}/manifests/${digest}`),
    ...digestHeader(exchange, digest),
    ...(subject === undefined || exchange.quirks.referrers === false ? {} : { 'oci-subject': subject }),
  })
}

/** Deletes a tag, or a manifest with all tags that name it. */
export async function deleteManifest(exchange: Exchange, repository: string, name: ManifestName): Promise<void> {
  const write = writable(exchange)
  const gone =
    name.tag === undefined
      ? await write.manifests.remove(repository, name.digest)
      : await write.tags.untag(repository, name.tag)
  if (!gone) throw unknown(name)
  reply(exchange, 202)
}
