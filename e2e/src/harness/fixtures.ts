import type { Descriptor } from '@ropeway/core'
import { encodeManifest, fallbackTag, mediaTypes } from '@ropeway/oci'
import {
  makeArtifact,
  makeChart,
  makeChartArtifact,
  makeCosign,
  makeImage,
  makeIndex,
  makeReferrer,
  pushFixture,
  type Fixture,
  type Place,
} from '@ropeway/testkit'

const MB = 1_000_000

/** What the fixture set weighs: about 200 MB in CI, 2 GB with one layer of 1 GB in the long form. */
export interface Weights {
  readonly base: number
  readonly layer: number
  readonly largest: number
}
export const ciWeights: Weights = { base: 40 * MB, layer: 20 * MB, largest: 90 * MB }
export const soakWeights: Weights = { base: 200 * MB, layer: 200 * MB, largest: 1000 * MB }

/** One name in a registry, with what is behind it. */
export interface Published {
  readonly repository: string
  readonly tag: string
  readonly root: Descriptor
  readonly kind: 'image' | 'chart' | 'artifact'
  /** Digests that refer to the root. */
  readonly referrers: readonly string[]
}

/** The index under the fallback tag: how registries without a referrers API find what refers to a manifest. */
async function publishFallback(
  url: string,
  place: Place,
  subject: Descriptor,
  referrers: readonly Fixture[],
): Promise<void> {
  const listed = referrers.filter((referrer) => referrer.subject === subject.digest)
  if (listed.length === 0) return
  const manifests = listed.map(({ root }) => root)
  const index = encodeManifest({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }, mediaTypes.ociIndex)
  const fixture: Fixture = { root: index.descriptor, manifests: [index], blobs: [], tag: fallbackTag(subject.digest) }
  await pushFixture(url, fixture, place)
}

/**
 * Publishes the set: images that share layers, multi-platform indexes with attestations, signatures in both schemes, Docker
 * schema 2, zstd layers, an artifact with referrers of referrers, and a chart. Equal weights give equal digests.
 */
export async function publishSet(
  url: string,
  access: Omit<Place, 'repository'>,
  weights: Weights,
): Promise<Published[]> {
  const published: Published[] = []
  const publish = async (
    repository: string,
    tag: string,
    kind: Published['kind'],
    fixture: Fixture,
    referrers: readonly Fixture[] = [],
  ) => {
    await pushFixture(url, fixture, { ...access, repository, tags: [tag] })
    for (const referrer of referrers) await pushFixture(url, referrer, { ...access, repository })
    for (const subject of [fixture, ...referrers])
      await publishFallback(url, { ...access, repository }, subject.root, referrers)
    published.push({
      repository,
      tag,
      kind,
      root: fixture.root,
      referrers: referrers.map((referrer) => referrer.root.digest),
    })
  }
  const base = { size: weights.base, seed: 'base' }
  const index = await makeIndex(
    [
      await makeImage({ platform: 'linux/amd64', layers: [base, { size: weights.layer, seed: 'web-amd64' }] }),
      await makeImage({
        platform: 'linux/arm64',
        layers: [base, { size: weights.layer, seed: 'web-arm64', compression: 'zstd' }],
      }),
    ],
    { attestations: true },
  )
  const sbom = await makeReferrer(index.root, 'application/spdx+json')
  await publish('app/web', '1.2.3', 'image', index, [
    sbom,
    await makeReferrer(sbom.root, 'application/vnd.example.signature'),
    await makeCosign(index.root),
  ])
  await publish(
    'app/db',
    '2',
    'image',
    await makeImage({ docker: true, layers: [base, { size: weights.layer, seed: 'db' }] }),
  )
  await publish(
    'tools/large',
    'v1',
    'image',
    await makeImage({ layers: [base, { size: weights.largest, seed: 'large' }, { size: 10, seed: 'tiny' }] }),
  )
  await publish(
    'tools/plain',
    'v1',
    'image',
    await makeImage({ layers: [{ size: weights.layer, seed: 'plain', compression: 'none' }] }),
  )
  await publish(
    'data/model',
    '7',
    'artifact',
    await makeArtifact({
      artifactType: 'application/vnd.example.model',
      layers: [
        {
          content: 'weights',
          mediaType: 'application/octet-stream',
          annotations: { 'org.opencontainers.image.title': 'model.bin' },
        },
      ],
    }),
  )
  const chart = makeChart({ name: 'podinfo', version: '6.7.1' })
  await publish('charts/podinfo', '6.7.1', 'chart', await makeChartArtifact(chart))
  return published
}
