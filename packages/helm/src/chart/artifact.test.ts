import { readFileSync } from 'node:fs'
import { parseManifest, sha256 } from '@ropeway/oci'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { chartAnnotations, chartArtifact } from './artifact.js'
import { readMetadata } from './metadata.js'
import { metadataJson } from './metadata-json.js'
import { versionTag } from '../version/tags.js'

const Recorded = z.array(
  z.object({
    id: z.string(),
    chartYaml: z.string(),
    requirements: z.string().optional(),
    config: z.string().optional(),
    annotations: z.array(z.tuple([z.string(), z.string()])).optional(),
    tag: z.string().optional(),
    error: z.string().optional(),
  }),
)
const recorded = Recorded.parse(
  JSON.parse(readFileSync(new URL('../../testdata/helm-push-4.1.4.json', import.meta.url), 'utf8')),
)
const bytes = (text: string) => new TextEncoder().encode(text)
const metadataOf = (chartYaml: string, requirements?: string) =>
  readMetadata(
    { chartYaml: bytes(chartYaml), requirements: requirements === undefined ? undefined : bytes(requirements) },
    'chart',
  )

describe('what helm 4.1.4 pushed', () => {
  it.each(recorded)('is what is made here: $id', ({ chartYaml, requirements, config, annotations, tag, error }) => {
    if (error !== undefined) {
      expect(() => metadataOf(chartYaml, requirements)).toThrow(expect.objectContaining({ code: 'CHART_INVALID' }))
      return
    }
    const metadata = metadataOf(chartYaml, requirements)
    expect(metadataJson(metadata)).toBe(config)
    expect(Object.entries(chartAnnotations(metadata))).toEqual(annotations)
    expect(versionTag(metadata.version)).toBe(tag)
  })
})

describe('readMetadata', () => {
  it.each([
    ['deprecated: "true"', '"deprecated" in its Chart.yaml is text'],
    ['maintainers: [~]', '"maintainers.0" in its Chart.yaml is empty'],
    ['maintainers: {}', '"maintainers" in its Chart.yaml is a map'],
    ['description: [a]', '"description" in its Chart.yaml is a list'],
    ['dependencies: [{name: b, enabled: 1}]', '"dependencies.0.enabled" in its Chart.yaml is a number'],
    ['keywords: true', '"keywords" in its Chart.yaml is true or false'],
  ])('names the field that is wrong: %s', (line, message) => {
    expect(() => metadataOf(`name: a\nversion: 1.0.0\n${line}\n`)).toThrow(message)
  })
})

describe('chartArtifact', () => {
  const metadata = metadataOf('apiVersion: v2\nname: web\nversion: 1.0.0+b\n')
  const archive = bytes('archive')
  const provenance = bytes('provenance')

  it('is a manifest that names config and layers by digest', () => {
    const { manifest, config, layers } = chartArtifact({ metadata, archive, provenance })
    const parsed = parseManifest(manifest.bytes)
    expect(parsed).toMatchObject({
      type: 'image',
      config: { mediaType: 'application/vnd.cncf.helm.config.v1+json', digest: sha256(config.bytes) },
    })
    expect(layers.map(({ descriptor }) => descriptor.mediaType).toSorted()).toEqual([
      'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
      'application/vnd.cncf.helm.chart.provenance.v1.prov',
    ])
    const digests = layers.map(({ descriptor }) => descriptor.digest)
    expect(digests).toEqual(digests.toSorted())
    expect(parsed.annotations).not.toHaveProperty('org.opencontainers.image.created')
  })
  it('has equal bytes for equal parts', () => {
    const again = chartArtifact({ metadata, archive: Uint8Array.from(archive), provenance })
    expect(again.manifest.bytes).toEqual(chartArtifact({ metadata, archive, provenance }).manifest.bytes)
    expect(chartArtifact({ metadata, archive }).layers).toHaveLength(1)
  })
})
