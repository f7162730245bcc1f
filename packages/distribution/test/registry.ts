import { mediaTypes, sha256 } from '@ropeway/oci'
import { serve, type Handler } from './server.js'

/** Bytes of a small manifest. */
export const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: mediaTypes.ociManifest,
  config: { mediaType: mediaTypes.ociConfig, digest: `sha256:${'1'.repeat(64)}`, size: 2 },
  layers: [],
})
export const digest = sha256(Buffer.from(manifest))

/** A registry that answers everything but the ping by one function. */
export function answering(handler: Handler): ReturnType<typeof serve> {
  return serve((seen, response, request) => {
    if (seen.path === '/v2/') response.end()
    else return handler(seen, response, request)
  })
}
