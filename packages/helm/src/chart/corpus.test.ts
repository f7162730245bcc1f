import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { sha256 } from '@ropeway/oci'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { versionTag } from '../version/tags.js'
import { readChartArchive } from './archive.js'
import { chartAnnotations, chartArtifact } from './artifact.js'

const corpus = process.env['ROPEWAY_CORPUS'] ?? fileURLToPath(new URL('../../../../../shared/corpus', import.meta.url))
const charts = join(corpus, 'charts')
const present = existsSync(charts)
if (!present) process.stderr.write(`no corpus at ROPEWAY_CORPUS or ../shared/corpus: its 118 charts are left out\n`)

/** File, tag, digest of the config, digest of the annotations without `created`: what helm 4.1.4 pushed. */
const Recorded = z.array(z.tuple([z.string(), z.string(), z.string(), z.string()]))
const recorded = Recorded.parse(
  JSON.parse(readFileSync(new URL('../../testdata/helm-push-corpus-4.1.4.json', import.meta.url), 'utf8')),
)

describe('the charts of the corpus', () => {
  it('are recorded, all that there are', () => {
    const files = present ? readdirSync(charts).filter((name) => name.endsWith('.tgz')) : recorded.map(([file]) => file)
    expect(files.toSorted()).toEqual(recorded.map(([file]) => file).toSorted())
  })
  for (const [file, tag, config, annotations] of present ? recorded : []) {
    it(`become the artifact that helm pushes: ${file}`, async () => {
      const archive = readFileSync(join(charts, file))
      const { metadata } = await readChartArchive(archive, file)
      expect(versionTag(metadata.version)).toBe(tag)
      expect(chartArtifact({ metadata, archive }).config.descriptor.digest).toBe(config)
      expect(sha256(JSON.stringify(chartAnnotations(metadata)))).toBe(annotations)
    })
  }
})
