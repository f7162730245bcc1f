import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeImage } from '@ropeway/testkit'

/** A registry in which every name with any tag is one and the same small image. */
export interface AnyImage {
  readonly host: string
  close(): Promise<void>
}

export async function anyImage(): Promise<AnyImage> {
  const { root, manifests, blobs } = await makeImage({ layers: [{ size: 1000, seed: 'any' }] })
  const held = blobs.map(({ descriptor, bytes }) => ({
    descriptor,
    bytes: Buffer.concat([...bytes.read({ start: 0, end: bytes.size })]),
  }))
  const contents = new Map([...manifests, ...held].map((each) => [each.descriptor.digest, each]))
  const server = createServer((request, response) => {
    const [, kind, name = ''] = /\/(manifests|blobs)\/([^/]+)$/.exec(request.url ?? '') ?? []
    const found = contents.get(kind === 'manifests' && !name.includes(':') ? root.digest : name)
    if (kind === undefined) return void response.writeHead(request.url === '/v2/' ? 200 : 404).end()
    if (found === undefined) return void response.writeHead(404).end()
    const { descriptor, bytes } = found
    response.writeHead(200, {
      'Content-Type': descriptor.mediaType,
      'Content-Length': bytes.byteLength,
      'Docker-Content-Digest': descriptor.digest,
    })
    response.end(request.method === 'HEAD' ? undefined : bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
