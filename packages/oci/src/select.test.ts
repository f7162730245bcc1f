import type { Descriptor, Platform } from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import {
  encodeManifest,
  formatPlatform,
  matchesPlatform,
  mediaTypes,
  parseConfigPlatform,
  parseManifest,
  parsePlatform,
  selectPlatforms,
  sha256,
  walkGraph,
  type ReadDescriptor,
  type Selection,
} from './index.js'

const contents = new Map<string, Uint8Array>()
const read: ReadDescriptor = async ({ digest }) => contents.get(digest) ?? new Uint8Array()

function put(value: object, mediaType: string): Descriptor {
  const { bytes, descriptor } = encodeManifest(value, mediaType)
  contents.set(descriptor.digest, bytes)
  return descriptor
}

function image(platform: object | undefined, mediaType: string = mediaTypes.ociManifest): Descriptor {
  const config = put({ ...platform, rootfs: { type: 'layers', diff_ids: [] } }, mediaTypes.ociConfig)
  const layer = { mediaType: mediaTypes.ociLayerGzip, digest: sha256(JSON.stringify(platform ?? '')), size: 3 }
  return put({ schemaVersion: 2, mediaType, config, layers: [layer] }, mediaType)
}

function artifact(artifactType: string): Descriptor {
  const config = put({}, mediaTypes.ociEmpty)
  return put(
    { schemaVersion: 2, mediaType: mediaTypes.ociManifest, artifactType, config, layers: [] },
    mediaTypes.ociManifest,
  )
}

const withPlatform = (descriptor: Descriptor, platform: Platform): Descriptor => ({ ...descriptor, platform })
const runnable = (text: string): Descriptor => withPlatform(image(parsePlatform(text)), parsePlatform(text))

function attestation(of: Descriptor): Descriptor {
  return {
    ...artifact(`attestation of ${of.digest}`),
    platform: { os: 'unknown', architecture: 'unknown' },
    annotations: { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': of.digest },
  }
}

function index(manifests: readonly Descriptor[], extra: object = {}): Descriptor {
  return put({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests, ...extra }, mediaTypes.ociIndex)
}

const select = (root: Descriptor, ...platforms: string[]): Promise<Selection> =>
  selectPlatforms(root, platforms.map(parsePlatform), read, { about: 'app:1' })

function madeOf({ made, root }: Selection): object {
  const content = made.find(({ descriptor }) => descriptor.digest === root.digest)
  return content === undefined ? {} : parseManifest(content.bytes, content.descriptor.mediaType).raw
}

const amd64 = runnable('linux/amd64')
const arm64 = runnable('linux/arm64')
const arm7 = runnable('linux/arm/v7')

describe('parsePlatform and formatPlatform', () => {
  it.each(['linux/amd64', 'linux/arm64/v8', 'linux/arm/v6', 'windows(10.0.20348.1)/amd64'])(
    'read and write %s',
    (text) => {
      expect(formatPlatform(parsePlatform(text))).toBe(text)
    },
  )

  it('read the names that kernels use', () => {
    expect(parsePlatform('Linux/x86_64')).toEqual({ os: 'linux', architecture: 'amd64' })
    expect(parsePlatform('linux/aarch64')).toEqual({ os: 'linux', architecture: 'arm64' })
  })

  it.each(['', 'linux', 'linux/', '/amd64', 'linux/amd64/v1/x', 'linux amd64', 'auto'])('refuse "%s"', (text) => {
    expect(() => parsePlatform(text)).toThrow(expect.objectContaining({ code: 'PLATFORM_INVALID', side: 'chain' }))
  })
})

describe('matchesPlatform', () => {
  it.each([
    ['linux/amd64', 'linux/amd64', true],
    ['linux/amd64', 'linux/amd64/v1', true],
    ['linux/amd64', 'linux/amd64/v3', false],
    ['linux/arm64', 'linux/arm64/v8', true],
    ['linux/arm64/v8', 'linux/arm64', true],
    ['linux/arm', 'linux/arm/v7', true],
    ['linux/arm', 'linux/arm/v6', false],
    ['linux/amd64', 'windows/amd64', false],
    ['windows/amd64', 'windows(10.0.1)/amd64', true],
    ['windows(10.0.2)/amd64', 'windows(10.0.1)/amd64', false],
  ])('%s is asked for, %s exists: %s', (wanted, have, expected) => {
    expect(matchesPlatform(parsePlatform(wanted), parsePlatform(have))).toBe(expected)
  })
})

describe('parseConfigPlatform', () => {
  it('reads what a config names, and nothing from what is no config', () => {
    const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
    expect(parseConfigPlatform(encode('{"os":"linux","architecture":"arm","variant":"v6","x":1}'))).toEqual(
      parsePlatform('linux/arm/v6'),
    )
    expect(parseConfigPlatform(encode('{"os":"linux"}'))).toBeUndefined()
    expect(parseConfigPlatform(encode('no json'))).toBeUndefined()
  })
})

describe('selectPlatforms', () => {
  const root = index([amd64, arm64, attestation(amd64), arm7, attestation(arm64)], { annotations: { z: '1', a: '2' } })

  it('leaves everything as published when nothing is wanted', async () => {
    expect(await select(root)).toEqual({ root, made: [], digestMap: {} })
  })

  it('takes the child itself for one platform', async () => {
    const selection = await select(root, 'linux/arm64')
    expect(selection.root).toMatchObject({ digest: arm64.digest, size: arm64.size, mediaType: mediaTypes.ociManifest })
    expect(selection.made).toEqual([])
    expect(selection.digestMap).toEqual({ [root.digest]: arm64.digest })
  })

  it('reduces the index for several, in its order, with the attestations of what is kept', async () => {
    const selection = await select(root, 'linux/arm/v7', 'linux/amd64')
    expect(madeOf(selection)).toEqual({
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [amd64, attestation(amd64), arm7],
      annotations: { z: '1', a: '2' },
    })
    expect(selection.digestMap).toEqual({ [root.digest]: selection.root.digest })
    expect(await select(root, 'linux/amd64', 'linux/arm/v7')).toEqual(selection)
  })

  it('keeps fields of entries that it does not know, and their order', async () => {
    const entry = { future: 1, ...amd64 }
    const other = put({ schemaVersion: 2, manifests: [entry, arm64, arm7] }, mediaTypes.dockerIndex)
    const selection = await select(other, 'linux/amd64', 'linux/arm64')
    expect(JSON.stringify(madeOf(selection))).toBe(JSON.stringify({ schemaVersion: 2, manifests: [entry, arm64] }))
    expect(selection.root.mediaType).toBe(mediaTypes.dockerIndex)
  })

  it('keeps the bytes of an index that loses nothing', async () => {
    const pair = index([amd64, arm64, attestation(arm64)])
    expect(await select(pair, 'linux/arm64', 'linux/amd64')).toEqual({ root: pair, made: [], digestMap: {} })
  })

  it('drops entries that are neither wanted nor attestations of what is', async () => {
    const unknown = withPlatform(artifact('something'), { os: 'unknown', architecture: 'unknown' })
    const mixed = index([unknown, amd64, artifact('neutral'), arm64, arm7])
    expect(madeOf(await select(mixed, 'linux/amd64', 'linux/arm64'))).toMatchObject({ manifests: [amd64, arm64] })
  })

  it('names the platforms that exist when one is missing, never "unknown"', async () => {
    await expect(select(root, 'linux/amd64', 'linux/s390x')).rejects.toMatchObject({
      code: 'PLATFORM_MISSING',
      side: 'source',
      message: 'app:1 is not published for linux/s390x; it has linux/amd64, linux/arm64, linux/arm/v7',
    })
  })

  it('checks a single image by its config', async () => {
    const single = image({ os: 'linux', architecture: 'amd64' })
    expect(await select(single, 'linux/amd64')).toEqual({ root: single, made: [], digestMap: {} })
    await expect(select(single, 'linux/arm64')).rejects.toMatchObject({
      code: 'PLATFORM_MISSING',
      message: 'app:1 is not published for linux/arm64; it has linux/amd64',
    })
    await expect(select(single, 'linux/amd64', 'linux/arm64')).rejects.toMatchObject({ code: 'PLATFORM_MISSING' })
  })

  it('leaves artifacts, indexes of artifacts, and images that name no platform alone', async () => {
    for (const other of [artifact('chart'), index([artifact('a'), artifact('b')]), index([]), image(undefined)]) {
      expect(await select(other, 'linux/amd64')).toEqual({ root: other, made: [], digestMap: {} })
    }
  })

  it('asks the configs of children whose entries name no platform', async () => {
    const bare = index([image({ os: 'linux', architecture: 'amd64' }), image({ os: 'linux', architecture: 'arm64' })])
    const { root: chosen } = await select(bare, 'linux/arm64')
    expect(chosen.digest).toBe(arm64.digest)
  })

  it('keeps all versions of Windows that one platform means', async () => {
    const [old, recent] = [runnable('windows(10.0.17763.1)/amd64'), runnable('windows(10.0.20348.1)/amd64')]
    const windows = index([amd64, old, recent])
    expect(madeOf(await select(windows, 'windows/amd64'))).toMatchObject({ manifests: [old, recent] })
    const { root: exact } = await select(windows, 'windows(10.0.20348.1)/amd64')
    expect(exact.digest).toBe(recent.digest)
  })

  it('takes the first of two children for the same platform, as runtimes do', async () => {
    const twin = withPlatform(
      image({ os: 'linux', architecture: 'amd64', variant: 'v1' }),
      parsePlatform('linux/amd64'),
    )
    const { root: chosen } = await select(index([amd64, twin]), 'linux/amd64')
    expect(chosen.digest).toBe(amd64.digest)
  })

  it('goes into nested indexes and writes them anew, children first', async () => {
    const inner = index([arm64, arm7])
    const gone = index([runnable('linux/s390x')])
    const outer = index([amd64, inner, gone])
    const selection = await select(outer, 'linux/amd64', 'linux/arm64')
    const [first, second] = selection.made
    expect(selection.made).toHaveLength(2)
    expect(parseManifest(first?.bytes ?? new Uint8Array()).raw).toMatchObject({ manifests: [arm64] })
    expect(second?.descriptor).toEqual(selection.root)
    expect(selection.digestMap).toEqual({
      [inner.digest]: first?.descriptor.digest,
      [outer.digest]: selection.root.digest,
    })
    const made = new Map(selection.made.map(({ descriptor, bytes }) => [descriptor.digest, bytes]))
    const graph = await walkGraph(selection.root, async (wanted) => made.get(wanted.digest) ?? read(wanted))
    expect(graph.manifests.map(({ digest }) => digest)).toEqual([
      amd64.digest,
      arm64.digest,
      first?.descriptor.digest,
      selection.root.digest,
    ])
    expect((await select(outer, 'linux/arm/v7')).root.digest).toBe(arm7.digest)
  })

  it('refuses indexes that nest without end', async () => {
    let deep = amd64
    for (let level = 0; level < 9; level++) deep = index([deep])
    await expect(select(deep, 'linux/amd64')).rejects.toMatchObject({ code: 'GRAPH_TOO_LARGE' })
  })

  it('refuses an index whose bytes were changed', async () => {
    const changed = index([amd64])
    contents.set(changed.digest, new Uint8Array(changed.size))
    await expect(select(changed, 'linux/amd64')).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' })
  })
})
