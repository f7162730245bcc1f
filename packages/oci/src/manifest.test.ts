import { describe, expect, it } from 'vitest'
import { childrenOf, isManifestType, manifestLimit, mediaTypes, parseManifest } from './index.js'

const digest = (fill: string): string => `sha256:${fill.repeat(64)}`
const blob = (fill: string, mediaType: string = mediaTypes.ociLayerGzip) => ({
  mediaType,
  digest: digest(fill),
  size: 7,
})
const encode = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))

const image = {
  schemaVersion: 2,
  mediaType: mediaTypes.ociManifest,
  config: blob('c', mediaTypes.ociConfig),
  layers: [blob('1'), blob('2')],
}
const index = {
  schemaVersion: 2,
  mediaType: mediaTypes.ociIndex,
  manifests: [{ ...blob('a', mediaTypes.ociManifest), platform: { os: 'linux', architecture: 'amd64' } }],
}

const refusal = (value: unknown, mediaType?: string): string => {
  try {
    parseManifest(encode(value), mediaType, { about: 'app:1' })
  } catch (error) {
    expect(error).toHaveProperty('about', 'app:1')
    return (error as { code: string }).code
  }
  return 'none'
}

describe('parseManifest', () => {
  it('reads OCI and Docker manifests and keeps their media type', () => {
    expect(parseManifest(encode(image))).toMatchObject({
      type: 'image',
      mediaType: mediaTypes.ociManifest,
      config: image.config,
      layers: image.layers,
      raw: image,
    })
    const docker = { ...image, mediaType: mediaTypes.dockerManifest }
    expect(parseManifest(encode(docker), mediaTypes.dockerManifest).mediaType).toBe(mediaTypes.dockerManifest)
  })

  it('reads OCI indexes and Docker lists with their platforms', () => {
    expect(parseManifest(encode(index))).toMatchObject({ type: 'index', manifests: index.manifests })
    const list = { ...index, mediaType: mediaTypes.dockerIndex }
    expect(parseManifest(encode(list)).mediaType).toBe(mediaTypes.dockerIndex)
  })

  it('reads artifacts with subject, type and annotations', () => {
    const subject = blob('5', mediaTypes.ociManifest)
    const artifact = { ...image, artifactType: 'application/spdx+json', subject, annotations: { a: 'b' } }
    expect(parseManifest(encode(artifact))).toMatchObject({
      artifactType: 'application/spdx+json',
      subject,
      annotations: { a: 'b' },
    })
  })

  it('reads the withdrawn artifact manifest', () => {
    const value = { mediaType: mediaTypes.ociArtifactManifest, artifactType: 'x/y', blobs: [blob('1')] }
    const parsed = parseManifest(encode(value))
    expect(parsed).toMatchObject({ type: 'artifact', artifactType: 'x/y', blobs: [blob('1')] })
    expect(childrenOf(parsed)).toEqual({ manifests: [], blobs: [blob('1')], foreign: [] })
  })

  it('reads null where Go writes it for nothing', () => {
    expect(parseManifest(encode({ ...image, layers: null, annotations: null }))).toMatchObject({ layers: [] })
    expect(parseManifest(encode({ ...index, manifests: null }))).toMatchObject({ manifests: [] })
  })

  it('decides by the content type, or by the shape, where the document says nothing', () => {
    const { mediaType: _image, ...bareImage } = image
    const { mediaType: _index, ...bareIndex } = index
    expect(parseManifest(encode(bareImage), mediaTypes.dockerManifest).mediaType).toBe(mediaTypes.dockerManifest)
    expect(parseManifest(encode(bareImage), 'application/json; charset=utf-8').mediaType).toBe(mediaTypes.ociManifest)
    expect(parseManifest(encode(bareIndex), 'text/plain').mediaType).toBe(mediaTypes.ociIndex)
    expect(parseManifest(encode(bareIndex)).type).toBe('index')
  })

  it('accepts parameters and capitals of a content type', () => {
    expect(parseManifest(encode(image), 'Application/VND.oci.image.manifest.v1+json; charset=utf-8').type).toBe('image')
  })

  it('accepts descriptors with data, urls and unknown fields, and media types it does not know', () => {
    const config = { ...blob('c', 'application/vnd.example.config'), data: 'e30=', future: { a: 1 } }
    const layers = [{ ...blob('1', 'application/vnd.example.thing'), urls: ['https://example.test/x'] }]
    expect(parseManifest(encode({ ...image, config, layers, future: true }))).toMatchObject({
      config: { data: 'e30=' },
      layers: [{ urls: ['https://example.test/x'] }],
    })
  })

  it.each([
    ['not JSON', 'no json'],
    ['a cut document', JSON.stringify(image).slice(0, 60)],
    ['an array', [image]],
    ['null', null],
    ['an empty object', {}],
    ['an HTML page', '<!doctype html><title>Sign in</title>'],
    ['no config', { ...image, config: undefined }],
    ['a missing schemaVersion', { ...image, schemaVersion: undefined }],
    ['schemaVersion 3', { ...image, schemaVersion: 3 }],
    ['a negative size', { ...image, layers: [{ ...blob('1'), size: -1 }] }],
    ['a fractional size', { ...image, layers: [{ ...blob('1'), size: 1.5 }] }],
    ['a huge size', { ...image, layers: [{ ...blob('1'), size: 2 ** 60 }] }],
    ['a layer without media type', { ...image, layers: [{ digest: digest('1'), size: 1 }] }],
    ['annotations that are no text', { ...image, annotations: { a: 1 } }],
    ['manifests that are no list', { ...index, manifests: {} }],
    ['an image that is an index too', { ...image, manifests: [] }],
    ['an index that is an image too', { ...index, config: image.config }],
    ['an index with layers', { ...index, layers: [] }],
    ['a field in other case', { ...index, Manifests: [] }],
    ['a second mediaType in other case', { ...image, mediatype: mediaTypes.ociIndex }],
    ['an artifact manifest with layers', { mediaType: mediaTypes.ociArtifactManifest, blobs: [], layers: [] }],
  ])('refuses %s', (_, value) => {
    expect(refusal(value)).toBe('MANIFEST_INVALID')
  })

  it('refuses bytes that are no UTF-8', () => {
    expect(() => parseManifest(new Uint8Array([0x7b, 0xff, 0x7d]))).toThrow(
      expect.objectContaining({ code: 'MANIFEST_INVALID' }),
    )
  })

  it('refuses a document that contradicts what it was named as', () => {
    expect(refusal(image, mediaTypes.dockerManifest)).toBe('MANIFEST_INVALID')
    expect(refusal(image, mediaTypes.ociIndex)).toBe('MANIFEST_INVALID')
    expect(refusal({ ...image, mediaType: undefined }, mediaTypes.ociIndex)).toBe('MANIFEST_INVALID')
  })

  it('refuses schema 1 by its own name', () => {
    const signed = { schemaVersion: 1, name: 'a', fsLayers: [], history: [], signatures: [] }
    expect(refusal(signed)).toBe('MANIFEST_SCHEMA1')
    expect(refusal(signed, 'application/json')).toBe('MANIFEST_SCHEMA1')
    expect(refusal({}, mediaTypes.dockerSchema1Signed)).toBe('MANIFEST_SCHEMA1')
    expect(refusal(signed, mediaTypes.dockerManifest)).toBe('MANIFEST_SCHEMA1')
  })

  it('refuses media types that are no manifest', () => {
    expect(refusal({ ...image, mediaType: 'application/vnd.example+json' })).toBe('MANIFEST_UNSUPPORTED')
    expect(refusal({ anything: 1 }, 'text/html')).toBe('MANIFEST_UNSUPPORTED')
  })

  it('refuses unknown digest algorithms and broken digests', () => {
    expect(refusal({ ...image, config: { ...image.config, digest: 'md5:00' } })).toBe('DIGEST_UNSUPPORTED')
    expect(refusal({ ...image, layers: [{ ...blob('1'), digest: 'sha256:../../x' }] })).toBe('DIGEST_INVALID')
    expect(refusal({ ...image, subject: { ...blob('1'), digest: 'sha256:00' } })).toBe('DIGEST_INVALID')
  })

  it('refuses more than 4 MiB without parsing them', () => {
    const bytes = new Uint8Array(manifestLimit + 1)
    expect(() => parseManifest(bytes)).toThrow(expect.objectContaining({ code: 'CONTENT_TOO_LARGE' }))
  })
})

describe('childrenOf', () => {
  it('gives config and layers of an image, in order', () => {
    expect(childrenOf(parseManifest(encode(image)))).toEqual({
      manifests: [],
      blobs: [image.config, ...image.layers],
      foreign: [],
    })
  })

  it('does not follow subject', () => {
    const parsed = parseManifest(encode({ ...image, subject: blob('5', mediaTypes.ociManifest) }))
    expect(childrenOf(parsed).manifests).toEqual([])
  })

  it('lists foreign layers apart when they say where else they live', () => {
    const urls = ['https://example.test/layer']
    const foreign = { ...blob('f', mediaTypes.dockerForeignLayerGzip), urls }
    const held = blob('e', mediaTypes.ociForeignLayerGzip)
    const mirrored = { ...blob('d'), urls }
    const children = childrenOf(parseManifest(encode({ ...image, layers: [foreign, held, mirrored] })))
    expect(children.foreign).toEqual([foreign])
    expect(children.blobs).toEqual([image.config, held, mirrored])
  })

  it('takes entries of an index that are no manifests for blobs', () => {
    const nested = blob('a', mediaTypes.ociIndex)
    const old = blob('b', mediaTypes.dockerSchema1Signed)
    const other = blob('c', 'application/vnd.example')
    const children = childrenOf(parseManifest(encode({ ...index, manifests: [nested, other, old] })))
    expect(children).toEqual({ manifests: [nested, old], blobs: [other], foreign: [] })
  })
})

describe('isManifestType', () => {
  it('knows what registries serve as manifests', () => {
    expect(isManifestType(mediaTypes.ociArtifactManifest)).toBe(true)
    expect(isManifestType(mediaTypes.dockerIndex)).toBe(true)
    expect(isManifestType(mediaTypes.dockerSchema1)).toBe(false)
    expect(isManifestType(mediaTypes.ociConfig)).toBe(false)
  })
})
