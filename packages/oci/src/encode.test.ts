import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  buildArtifact,
  canonicalJson,
  cosignTags,
  emptyConfig,
  encodeManifest,
  fallbackTag,
  isReferrerTag,
  isTag,
  mediaTypes,
  parseManifest,
  sha256,
} from './index.js'

const hex = 'ab'.repeat(32)

describe('encodeManifest', () => {
  it('writes compact JSON in the order given, and describes it', () => {
    const { bytes, descriptor } = encodeManifest({ b: 1, a: 'ü' }, mediaTypes.ociIndex)
    expect(Buffer.from(bytes).toString()).toBe('{"b":1,"a":"ü"}')
    expect(descriptor).toEqual({ mediaType: mediaTypes.ociIndex, digest: sha256(bytes), size: 16 })
  })
})

describe('emptyConfig', () => {
  it('is what its digest says', () => {
    expect(emptyConfig.descriptor.digest).toBe(sha256(emptyConfig.bytes))
    expect(emptyConfig.descriptor.size).toBe(emptyConfig.bytes.byteLength)
  })
})

describe('buildArtifact', () => {
  const layer = { mediaType: 'text/plain', digest: `sha256:${hex}`, size: 3, annotations: { z: '1', a: '2' } }

  it('makes an artifact manifest that parses back', () => {
    const subject = { mediaType: mediaTypes.ociManifest, digest: `sha256:${hex}`, size: 9 }
    const { bytes, descriptor } = buildArtifact({
      artifactType: 'text/plain',
      layers: [layer],
      annotations: { k: 'v' },
      subject,
    })
    expect(parseManifest(bytes, descriptor.mediaType)).toMatchObject({
      type: 'image',
      artifactType: 'text/plain',
      config: emptyConfig.descriptor,
      layers: [layer],
      annotations: { k: 'v' },
      subject,
    })
  })

  it('gives the same bytes whatever the order of fields', () => {
    const { size, digest, mediaType } = layer
    const other = { size, annotations: { a: '2', z: '1' }, digest, mediaType }
    const one = buildArtifact({ artifactType: 'x/y', layers: [layer], annotations: { b: '1', a: '2' } })
    const two = buildArtifact({ annotations: { a: '2', b: '1' }, layers: [other], artifactType: 'x/y' })
    expect(two).toEqual(one)
  })

  it('puts the empty layer where there is none', () => {
    const { bytes } = buildArtifact({ artifactType: 'x/y', layers: [] })
    expect(parseManifest(bytes)).toMatchObject({ layers: [emptyConfig.descriptor] })
  })
})

describe('canonicalJson', () => {
  it('sorts keys, indents by two and ends with a newline', () => {
    expect(canonicalJson({ b: [1, { z: null, a: true }], a: {}, c: [], gone: undefined })).toBe(
      '{\n  "a": {},\n  "b": [\n    1,\n    {\n      "a": true,\n      "z": null\n    }\n  ],\n  "c": []\n}\n',
    )
  })

  it('sorts keys that look like numbers as text', () => {
    expect(canonicalJson({ '10': 1, '9': 2, a: 3 })).toBe('{\n  "10": 1,\n  "9": 2,\n  "a": 3\n}\n')
  })

  it('reads back to the same value and is the same text again', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = canonicalJson(value)
        const plain: unknown = JSON.parse(JSON.stringify(value))
        expect(JSON.parse(text)).toEqual(plain)
        expect(canonicalJson(JSON.parse(text))).toBe(text)
      }),
    )
  })

  it('does not depend on the order in which keys were set', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        expect(canonicalJson(Object.fromEntries(Object.entries(value).reverse()))).toBe(canonicalJson(value))
      }),
    )
  })
})

describe('tags of referrers', () => {
  it('are those of the specification and of cosign', () => {
    expect(fallbackTag(`sha256:${hex}`)).toBe(`sha256-${hex}`)
    expect(fallbackTag(`sha512:${hex}${hex}`)).toBe(`sha512-${hex}`)
    expect(isTag(fallbackTag(`sha512:${hex}${hex}`))).toBe(true)
    expect(cosignTags(`sha256:${hex}`)).toEqual({
      sig: `sha256-${hex}.sig`,
      att: `sha256-${hex}.att`,
      sbom: `sha256-${hex}.sbom`,
    })
  })

  it('are told from versions', () => {
    expect([`sha256-${hex}`, `sha256-${hex}.sig`, `sha256-${hex}.anything`].every(isReferrerTag)).toBe(true)
    expect(['1.2.3', 'latest', 'sha256-abc', `sha-${hex}`, `x-sha256-${hex}`].some(isReferrerTag)).toBe(false)
  })
})
