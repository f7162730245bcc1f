import { defineSink, type Content, type Context, type Descriptor, type PlannedArtifact, type Sink } from '@ropeway/core'
import { collect, manifestLimit, parseManifest, sha256, verified } from '@ropeway/oci'
import { z } from 'zod'
import { fakeUnauthorized } from '../errors.js'
import type { ArtifactsTarget } from '../suites/sink.js'

const assetLimit = 64 * 1024 * 1024
const title = 'org.opencontainers.image.title'

/** A release page on paper: what is published, asset name → bytes. */
export interface PaperPage extends ArtifactsTarget {
  readonly assets: Map<string, Uint8Array>
}

export function paperPage(): PaperPage {
  const assets = new Map<string, Uint8Array>()
  return {
    type: 'artifacts',
    assets,
    entries: async () => Object.fromEntries([...assets].map(([name, bytes]) => [name, sha256(bytes)])),
  }
}

const PaperReleaseOptions = z.strictObject({
  service: z.string().default('paper-page.test').describe('Host of the service, for credentials.'),
})
type PaperReleaseOptions = z.output<typeof PaperReleaseOptions>

/**
 * An artifact sink like a release page: files and charts become assets of a draft, which `close` publishes as a whole. `at`
 * gives the page of a service.
 */
export function paperReleasePage(at: (service: string) => PaperPage): Sink<PaperReleaseOptions> {
  return defineSink({
    name: 'paper-release',
    summary: 'a release page that exists on paper',
    accepts: ['file', 'manifests', 'chart'],
    takes: 'artifacts',
    options: PaperReleaseOptions,
    async survey(_plan, options, context) {
      await authorize(options, context)
      return { location: options.service, existing: 'overwrite' }
    },
    async open(_plan, _survey, options, context) {
      await authorize(options, context)
      const page = at(options.service)
      const draft = new Map<string, Uint8Array>()
      return {
        type: 'artifacts',
        async put(artifact, content) {
          for (const [name, bytes] of await assetsOf(artifact, content, context.signal)) draft.set(name, bytes)
        },
        async close() {
          for (const [name, bytes] of draft) page.assets.set(name, bytes)
          return { location: options.service, facts: { assets: String(draft.size) } }
        },
        async abort() {
          draft.clear()
        },
      }
    },
  })
}

async function authorize({ service }: PaperReleaseOptions, context: Context): Promise<void> {
  context.signal.throwIfAborted()
  if ((await context.credential(service, 'sink')) === undefined) throw fakeUnauthorized('sink', service)
}

async function assetsOf(
  { root, name, version }: PlannedArtifact,
  content: Content,
  signal: AbortSignal,
): Promise<readonly (readonly [string, Uint8Array])[]> {
  const read = (descriptor: Descriptor, limit: number): Promise<Uint8Array> =>
    collect(verified(content.open(descriptor, { signal }), descriptor, { side: 'sink' }), limit)
  const manifest = parseManifest(await read(root, manifestLimit), root.mediaType)
  const layers = manifest.type === 'image' ? manifest.layers : []
  return await Promise.all(
    layers.map(async (layer): Promise<readonly [string, Uint8Array]> => {
      const asset = layer.annotations?.[title] ?? (version === undefined ? name : `${name}-${version}`)
      return [asset, await read(layer, assetLimit)]
    }),
  )
}
