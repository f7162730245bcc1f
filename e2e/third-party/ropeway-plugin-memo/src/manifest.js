import { createHash } from 'node:crypto'

const mediaType = 'application/vnd.oci.image.manifest.v1+json'
const title = 'org.opencontainers.image.title'
const empty = new TextEncoder().encode('{}')

const digestOf = (bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const descriptorOf = (type, bytes) => ({ mediaType: type, digest: digestOf(bytes), size: bytes.length })

/** The artifact of a memo: its manifest's descriptor, and all bytes by digest. */
export function artifactOf(name, text) {
  const note = new TextEncoder().encode(text)
  const config = descriptorOf('application/vnd.oci.empty.v1+json', empty)
  const layer = { ...descriptorOf('text/plain', note), annotations: { [title]: name } }
  const artifactType = 'application/vnd.example.memo'
  const manifest = new TextEncoder().encode(
    JSON.stringify({ schemaVersion: 2, mediaType, artifactType, config, layers: [layer] }),
  )
  const root = descriptorOf(mediaType, manifest)
  const bytes = new Map([
    [root.digest, manifest],
    [config.digest, empty],
    [layer.digest, note],
  ])
  return { root, bytes }
}

/** Name and descriptor of each memo that a manifest names. */
export function memosIn(manifest) {
  return JSON.parse(new TextDecoder().decode(manifest)).layers.flatMap((layer) =>
    layer.annotations?.[title] === undefined ? [] : [{ name: layer.annotations[title], layer }],
  )
}
