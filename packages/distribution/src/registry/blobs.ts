import type { Descriptor, HttpResponse, OpenOptions } from '@ropeway/core'
import { isManifestType } from '@ropeway/oci'
import { notFound } from '../errors.js'
import { discard } from '../http/exchange.js'
import { resumable } from '../http/resume.js'
import { call, nameOf, sceneOf, type Call, type RegistryCore } from './core.js'

function blobCall(
  core: RegistryCore,
  method: 'GET' | 'HEAD',
  repository: string,
  descriptor: Descriptor,
  signal: AbortSignal | undefined,
): Call {
  const kind = isManifestType(descriptor.mediaType) ? 'manifests' : 'blobs'
  return {
    method,
    target: `/v2/${repository}/${kind}/${descriptor.digest}`,
    repository,
    need: 'pull',
    about: nameOf(core, repository, descriptor.digest),
    operation: 'reading',
    headers: kind === 'manifests' ? { accept: descriptor.mediaType } : {},
    signal,
  }
}

/**
 * `Registry.blob`: goes on where a connection broke, from the registry's address and not from the signed one that it led
 * to. The addresses of foreign layers (`urls`) are never asked.
 */
export async function* readBlob(
  core: RegistryCore,
  repository: string,
  descriptor: Descriptor,
  options: OpenOptions = {},
): AsyncIterable<Uint8Array> {
  const { offset = 0, end = descriptor.size, signal } = options
  if (offset >= end) return
  const request = blobCall(core, 'GET', repository, descriptor, signal)
  const release = await core.http.transfers(new URL(core.base).host).acquire(signal)
  try {
    yield* resumable(core.http, {
      scene: sceneOf(core, request),
      start: offset,
      end,
      // A proxy may compress a manifest; a length that is wrong then shows in its digest.
      size: isManifestType(descriptor.mediaType) ? undefined : descriptor.size,
      mayChange: false,
      signal,
      async ask(range) {
        const headers = range === undefined ? request.headers : { ...request.headers, range }
        const accept = [200, 206, 404, 416]
        const response = await call(core, { ...request, headers, accept, unlimited: true })
        if (response.status !== 404) return response
        await discard(response)
        throw notFound(sceneOf(core, request), `${core.host}/${repository} has no blob ${descriptor.digest}`, {
          hint: 'it may have been deleted: pull or push the image there anew, or lock anew',
        })
      },
    })
  } finally {
    release()
  }
}

/**
 * `Registry.has`. A store that the registry leads to may refuse to answer a HEAD, because the address is signed for GET;
 * that tells nothing, and false costs a transfer only.
 */
export async function hasBlob(
  core: RegistryCore,
  repository: string,
  descriptor: Descriptor,
  signal?: AbortSignal,
): Promise<boolean> {
  const request = blobCall(core, 'HEAD', repository, descriptor, signal)
  const response = await call(core, { ...request, accept: [200, 404], acceptElsewhere: true })
  await discard(response)
  return response.status === 200 && sameSize(response, descriptor)
}

/** A blob of another size under this digest is broken, and as good as none. */
function sameSize(response: HttpResponse, descriptor: Descriptor): boolean {
  const length = response.headers['content-length']
  return length === undefined || isManifestType(descriptor.mediaType) || Number(length) === descriptor.size
}
