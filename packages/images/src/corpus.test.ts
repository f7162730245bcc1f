import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { formatReference } from '@ropeway/oci'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { findImages } from './find-images.js'
import { parseImageList } from './image-list.js'
import { parseManifests } from './manifests.js'

// real inputs with recorded truth; the project stands without them
const corpus = process.env['ROPEWAY_CORPUS'] ?? join(import.meta.dirname, '../../../../shared/corpus')
const present = existsSync(join(corpus, 'cases.json'))
if (!present) {
  process.stderr.write('no corpus at ROPEWAY_CORPUS or ../shared/corpus: rendered charts and real lists are left out\n')
}

const caseSchema = z.object({
  case: z.string(),
  golden: z.string().nullish(),
  images: z
    .array(z.object({ ref: z.string(), kind: z.string(), name: z.string().nullish(), path: z.string() }))
    .nullish(),
})

describe.runIf(present)('findImages in the output of helm for real charts', () => {
  it('finds every recorded image field, and no other', () => {
    const cases = z.array(caseSchema).parse(JSON.parse(readFileSync(join(corpus, 'cases.json'), 'utf8')))
    let fields = 0
    for (const { case: name, golden, images } of cases) {
      if (typeof golden !== 'string' || !Array.isArray(images)) continue
      const packed = readFileSync(join(corpus, golden))
      // the larger ones are nearly all custom resource definitions, which take time and hold no images
      if (packed.byteLength > 24_000) continue
      const text = gunzipSync(packed).toString('utf8')
      const found = findImages(parseManifests(text, name))
      const lines = found.images.map(
        ({ reference, object, path }) => `${object.kind}/${object.name} ${path} ${reference}`,
      )
      const expected = images.map(({ ref, kind, name: object, path }) => `${kind}/${object} ${path} ${ref}`)
      expect({ name, lines: lines.sort() }).toEqual({ name, lines: expected.sort() })
      fields += lines.length
    }
    expect(fields).toBeGreaterThan(1000)
  }, 300_000)
})

describe.runIf(present)('parseImageList with lists of a vendor', () => {
  it('reads them whole', () => {
    const read = (name: string): ReturnType<typeof parseImageList> =>
      parseImageList(readFileSync(join(corpus, 'inputs', name), 'utf8'), name)
    expect(read('images.txt').invalid).toEqual([])
    expect(read('images.txt').images).toHaveLength(22)
    const external = read('external-images.txt')
    expect(external.invalid).toEqual([])
    expect(external.images.map(({ reference, line }) => [formatReference(reference), line])).toEqual([
      ['docker.io/moby/buildkit:buildx-stable-1', 3],
      ['docker.io/library/redis:8.6-alpine', 4],
    ])
  })
})
