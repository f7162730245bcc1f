import {
  defineSource,
  type Artifact,
  type Content,
  type Context,
  type Descriptor,
  type Failure,
  type Json,
  type LockedArtifact,
} from '@ropeway/core'
import {
  buildArtifact,
  collect,
  encodeManifest,
  formatReference,
  mediaTypes,
  parseReference,
  sha256,
} from '@ropeway/oci'
import { z } from 'zod'
import { memoryRegistry, type MemoryRegistry } from '../context/memory-registry.js'
import { fakeContext, type FakeContext } from '../context/fake-context.js'
import { bytesContent } from '../context/bytes-content.js'
import { fakeNotFound } from '../errors.js'
import { sampleBytes, sampleIndex, signed } from '../suites/samples.js'

const host = 'paper.test'
const chartLimit = 1024 * 1024

const PaperSourceOptions = z.strictObject({
  items: z.array(z.string()).default([]).describe('What to fetch: `image/NAME:TAG` or `chart/NAME-VERSION`.'),
  list: z.string().optional().describe('A file that names further items, one a line.'),
})

/**
 * A source on paper: images with referrers from the registry `paper.test`, and charts from `https://paper.test/charts/` whose
 * manifest it makes itself.
 */
export const paperSource = defineSource({
  name: 'paper',
  summary: 'images and charts that exist on paper',
  shorthand: 'items',
  options: PaperSourceOptions,
  async *resolve(options, context): AsyncIterable<Artifact | Failure> {
    for (const item of [...options.items, ...(await listed(options.list, context))]) {
      context.signal.throwIfAborted()
      yield await resolveItem(item, context)
    }
  },
  async reopen(locked, _options, context) {
    const chart = Chart.safeParse(locked.source.locator)
    return chart.success ? chartContent(chart.data, context) : imageContent(repositoryOf(locked), context)
  },
  async inputs({ list }, context) {
    if (list === undefined) return {}
    return { [list]: sha256(await readList(list, context)) }
  },
})

async function readList(list: string, context: Context): Promise<Uint8Array> {
  return await collect(context.http.download({ url: `https://${host}/lists/${list}` }), chartLimit)
}

async function listed(list: string | undefined, context: Context): Promise<readonly string[]> {
  if (list === undefined) return []
  const text = new TextDecoder().decode(await readList(list, context))
  return text.split('\n').filter((line) => line !== '')
}

async function resolveItem(item: string, context: Context): Promise<Artifact | Failure> {
  try {
    const [, kind, name = ''] = /^(image|chart)\/(.+)$/.exec(item) ?? []
    if (kind === 'image') return await resolveImage(name, context)
    if (kind === 'chart') return await resolveChart(name, context)
    throw fakeNotFound('source', item, ['image/NAME:TAG', 'chart/NAME-VERSION'])
  } catch (error) {
    context.signal.throwIfAborted()
    return { about: item, error }
  }
}

async function resolveImage(name: string, context: Context): Promise<Artifact> {
  const reference = parseReference(`${host}/${name}`)
  const { repository, tag = 'latest' } = reference
  const { descriptor } = await context.registry(host, 'source').manifest(repository, tag)
  const text = formatReference(reference)
  return {
    kind: 'image',
    name: text,
    source: { reference, location: text },
    root: descriptor,
    content: imageContent(repository, context),
    naming: { path: repository, tags: [tag] },
  }
}

function repositoryOf({ source }: LockedArtifact): string {
  return parseReference(source.reference ?? source.location).repository
}

function imageContent(repository: string, context: Context): Content {
  const registry = context.registry(host, 'source')
  return {
    open: (descriptor, options) => registry.blob(repository, descriptor, options),
    referrers: (subject, options) => registry.referrers(repository, subject.digest, options),
  }
}

/** What a lock remembers of a chart: enough to make its manifest and config again. */
const Chart = z.object({ name: z.string(), version: z.string(), digest: z.string(), size: z.number() })
type Chart = z.infer<typeof Chart>

async function resolveChart(item: string, context: Context): Promise<Artifact> {
  const [, name = item, version = ''] = /^(.+)-(\d[^-]*)$/.exec(item) ?? []
  const archive = await collect(downloadChart({ name, version }, context), chartLimit)
  const chart = { name, version, digest: sha256(archive), size: archive.byteLength }
  const { manifest, config } = chartParts(chart)
  const recipe = { type: 'paper.chart/1', name, version }
  return {
    kind: 'chart',
    name,
    version,
    source: { location: `https://${host}/charts/${name}-${version}.tgz`, locator: chart },
    root: manifest.descriptor,
    content: chartContent(chart, context),
    naming: { path: name, tags: [version] },
    derived: [
      { digest: manifest.descriptor.digest, recipe },
      { digest: config.descriptor.digest, recipe },
    ],
  }
}

async function* downloadChart(
  { name, version }: Pick<Chart, 'name' | 'version'>,
  context: Context,
  range: {
    readonly offset?: number | undefined
    readonly end?: number | undefined
    readonly signal?: AbortSignal | undefined
  } = {},
): AsyncIterable<Uint8Array> {
  const credential = await context.credential(host, 'source')
  yield* context.http.download({
    url: `https://${host}/charts/${name}-${version}.tgz`,
    credential,
    role: 'source',
    ...range,
  })
}

function chartParts({ name, version, digest, size }: Chart) {
  const config = encodeManifest({ name, version }, mediaTypes.helmConfig)
  const layer: Descriptor = { mediaType: mediaTypes.helmChart, digest, size }
  const manifest = buildArtifact({ artifactType: mediaTypes.helmConfig, config: config.descriptor, layers: [layer] })
  return { config, layer, manifest }
}

function chartContent(chart: Chart, context: Context): Content {
  const { config, layer, manifest } = chartParts(chart)
  const made = new Map([config, manifest].map(({ descriptor, bytes }) => [descriptor.digest, bytes]))
  return {
    async *open(descriptor, options) {
      options?.signal?.throwIfAborted()
      const bytes = made.get(descriptor.digest)
      if (bytes !== undefined) yield* bytesContent(bytes, options)
      else if (descriptor.digest === layer.digest) yield* downloadChart(chart, context, options)
      else throw fakeNotFound('source', descriptor.digest)
    },
  }
}

/** Surroundings in which `paperSource` finds something; tests may change the registry. */
export interface PaperOrigin {
  readonly registry: MemoryRegistry
  /** The options of a step that finds all there is. */
  readonly options: z.input<typeof PaperSourceOptions>
  /** Options of a step of which two items do not exist. */
  readonly broken: z.input<typeof PaperSourceOptions>
  context(signal?: AbortSignal): FakeContext
  /** Moves the tag of the image to another one. */
  drift(): void
}

/** A signed index `paper.test/team/app:1`, another image beside it, and the chart `app` `1.0.0` behind a password. */
export function paperOrigin(): PaperOrigin {
  const registry = memoryRegistry(host)
  const app = signed(sampleIndex(1), 1)
  const other = sampleIndex(2)
  for (const { blobs, manifests } of [app, other])
    registry.seed('team/app', { blobs: blobs.map(({ bytes }) => bytes), manifests })
  registry.repository('team/app').tags.set('1', app.root.digest).set('2', other.root.digest)
  for (const { descriptor, tag } of app.referrers) {
    if (tag !== undefined) registry.repository('team/app').tags.set(tag, descriptor.digest)
  }
  const cache = new Map<string, Uint8Array>()
  const state = new Map<string, Json>()
  const files: Readonly<Record<string, string | Uint8Array>> = {
    [`https://${host}/charts/app-1.0.0.tgz`]: sampleBytes(3, 7000),
    [`https://${host}/lists/items.txt`]: 'image/team/app:2\n',
  }
  return {
    registry,
    options: { items: ['image/team/app:1', 'chart/app-1.0.0'], list: 'items.txt' },
    broken: { items: ['image/team/app:9', 'image/team/app:1', 'chart/app-9.9.9'] },
    context: (signal) =>
      fakeContext({
        registries: [registry],
        cache,
        state,
        http: ({ url, method = 'GET' }) =>
          method === 'GET' && files[url] !== undefined ? { body: files[url] } : undefined,
        credentials: { [host]: { username: 'paper', password: 'paper-secret', origin: 'the paper origin' } },
        signal,
      }),
    drift: () => void registry.repository('team/app').tags.set('1', other.root.digest),
  }
}
