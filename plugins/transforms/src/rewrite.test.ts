import type { Artifact, ArtifactKind, Finding } from '@ropeway/core'
import { formatReference, parseReference, sha256, withDefaultTag } from '@ropeway/oci'
import { fakeContext, memoryContent } from '@ropeway/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rewrite } from './index.js'

const digestOf = sha256

function made(kind: ArtifactKind, name: string, path: string, tags: readonly string[], location: string): Artifact {
  const root = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digestOf(location), size: 7 }
  return { kind, name, source: { location }, root, content: memoryContent(new Map()), naming: { path, tags } }
}

/** An image as the `oci` source makes it. */
function image(text: string): Artifact {
  const reference = withDefaultTag(parseReference(text))
  const name = formatReference(reference)
  const artifact = made('image', name, reference.repository, reference.tag === undefined ? [] : [reference.tag], name)
  return { ...artifact, source: { location: name, reference } }
}

function chart(path: string, version: string, from = 'https://charts.example'): Artifact {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const reference = from.startsWith('https:') ? undefined : parseReference(from)
  const tags = [version.replaceAll('+', '_')]
  const artifact = made('chart', name, path, tags, from)
  return { ...artifact, version, source: { location: from, reference } }
}

const file = (name: string): Artifact => ({
  ...made('file', name, `platform/${name}`, ['1.4.74'], name),
  version: '1.4.74',
})

async function apply(
  written: unknown,
  ...artifacts: readonly Artifact[]
): Promise<{ names: string[][]; findings: readonly Finding[]; artifacts: readonly Artifact[] }> {
  const options = await rewrite.options['~standard'].validate(written)
  if (options.issues !== undefined) throw new TypeError(options.issues.map(({ message }) => message).join())
  const result = await rewrite.apply(artifacts, options.value, fakeContext())
  return {
    ...result,
    names: result.artifacts.map(({ destinations = [] }) => destinations.map(formatReference)),
  }
}

async function nameOf(written: object, artifact: Artifact): Promise<string> {
  const { names, findings } = await apply(written, artifact)
  expect(findings).toEqual([])
  expect(names[0]).toHaveLength(1)
  return names[0]?.[0] ?? ''
}

const hex = 'a'.repeat(64)
const registry = 'harbor.corp:5000'

describe('rewrite: defaults', () => {
  it.each([
    ['nginx', 'harbor.corp:5000/library/nginx:latest'],
    ['nginx:1.27', 'harbor.corp:5000/library/nginx:1.27'],
    ['grafana/grafana:11.0.0', 'harbor.corp:5000/grafana/grafana:11.0.0'],
    ['quay.io/prometheus/prometheus:v3', 'harbor.corp:5000/prometheus/prometheus:v3'],
    ['localhost:5000/app:1', 'harbor.corp:5000/app:1'],
  ])('sends %s to %s', async (text, destination) => {
    expect(await nameOf({ registry }, image(text))).toBe(destination)
  })

  it('keeps tag and digest, where the digest is that of what is delivered', async () => {
    const artifact = image(`quay.io/app/web:1@sha256:${hex}`)
    expect(await nameOf({ registry }, artifact)).toBe(`${registry}/app/web:1@${artifact.root.digest}`)
  })

  it('names what has only a digest by it alone', async () => {
    const artifact = image(`quay.io/app/web@sha256:${hex}`)
    expect(await nameOf({ registry }, artifact)).toBe(`${registry}/app/web@${artifact.root.digest}`)
  })

  it('sends charts below their own prefix, with + as _', async () => {
    expect(await nameOf({ registry }, chart('podinfo', '6.7.1+build'))).toBe(`${registry}/podinfo:6.7.1_build`)
    expect(await nameOf({ registry, prefix: 'mirror' }, chart('team/podinfo', '1.0.0'))).toBe(
      `${registry}/mirror/team/podinfo:1.0.0`,
    )
    const separate = { registry, prefix: 'mirror', chartPrefix: 'charts' }
    expect(await nameOf(separate, chart('podinfo', '1.0.0'))).toBe(`${registry}/charts/podinfo:1.0.0`)
    expect(await nameOf({ ...separate, chartPrefix: '' }, chart('podinfo', '1.0.0'))).toBe(`${registry}/podinfo:1.0.0`)
    expect(await nameOf(separate, image('nginx'))).toBe(`${registry}/mirror/library/nginx:latest`)
  })

  it('sends files below the name of the chain', async () => {
    expect(await nameOf({ registry, prefix: 'mirror' }, file('install.sh'))).toBe(
      `${registry}/mirror/platform/install.sh:1.4.74`,
    )
  })

  it('takes a prefix from the registry too', async () => {
    const below = `${registry}/team/a`
    expect(await nameOf({ registry: below }, image('nginx:1'))).toBe(`${below}/library/nginx:1`)
    expect(await nameOf({ registry: `${below}/` }, image('nginx:1'))).toBe(`${below}/library/nginx:1`)
    expect(await nameOf({ registry: below, prefix: 'b' }, image('nginx:1'))).toBe(`${below}/b/library/nginx:1`)
    expect(await nameOf({ registry: below, chartPrefix: 'charts' }, chart('x', '1.0.0'))).toBe(
      `${below}/charts/x:1.0.0`,
    )
  })

  it('never doubles a prefix', async () => {
    expect(await nameOf({ registry, prefix: 'mirror' }, image('old.example/mirror/app:1'))).toBe(
      `${registry}/mirror/app:1`,
    )
    expect(await nameOf({ registry: `${registry}/a`, prefix: 'b' }, image('old.example/a/b/app:1'))).toBe(
      `${registry}/a/b/app:1`,
    )
    expect(await nameOf({ registry, prefix: 'mirror' }, image('old.example/mirrored/app:1'))).toBe(
      `${registry}/mirror/mirrored/app:1`,
    )
  })

  it('keeps the registry in the path when asked', async () => {
    const keep = { registry, prefix: 'mirror', keepRegistry: true }
    expect(await nameOf(keep, image('nginx:1'))).toBe(`${registry}/mirror/docker.io/library/nginx:1`)
    expect(await nameOf(keep, image('localhost:5000/app:1'))).toBe(`${registry}/mirror/localhost-5000/app:1`)
    expect(await nameOf(keep, image('[::1]:5000/app:1'))).toBe(`${registry}/mirror/1-5000/app:1`)
    expect(await nameOf(keep, image('Registry.Example/app:1'))).toBe(`${registry}/mirror/registry.example/app:1`)
    expect(await nameOf(keep, file('install.sh'))).toBe(`${registry}/mirror/platform/install.sh:1.4.74`)
  })

  it('gives every tag that an artifact has', async () => {
    const artifact = { ...image('app:1'), naming: { path: 'library/app', tags: ['1', '1.0', 'latest'] } }
    const { names } = await apply({ registry }, artifact)
    expect(names).toEqual([['1', '1.0', 'latest'].map((tag) => `${registry}/library/app:${tag}`)])
  })

  it('changes nothing but destinations', async () => {
    const artifact = Object.freeze(image('nginx:1'))
    const { artifacts } = await apply({ registry }, artifact)
    const { destinations, ...rest } = artifacts[0] ?? artifact
    expect(rest).toEqual(artifact)
    expect(destinations).toHaveLength(1)
  })
})

describe('rewrite: without a registry', () => {
  it('keeps registry and repository, and puts the prefix before', async () => {
    expect(await nameOf({}, image('quay.io/app/web:1'))).toBe('quay.io/app/web:1')
    expect(await nameOf({ prefix: 'mirror' }, image('quay.io/app/web:1'))).toBe('quay.io/mirror/app/web:1')
    expect(await nameOf({}, chart('podinfo', '1.0.0', 'ghcr.io/org/charts/podinfo:1.0.0'))).toBe(
      'ghcr.io/org/charts/podinfo:1.0.0',
    )
  })

  it('goes on from the destinations that a transform before it gave', async () => {
    const named = { ...image('quay.io/app/web:1'), destinations: [parseReference('harbor.corp/web:1')] }
    expect(await nameOf({ prefix: 'mirror' }, named)).toBe('harbor.corp/mirror/web:1')
    const mapped = await nameOf({ map: { 'quay.io/app/web': 'other' } }, named)
    expect(mapped).toBe('harbor.corp/other:1')
  })

  it('leaves what lives in no registry as it is', async () => {
    const { artifacts, findings } = await apply({ prefix: 'mirror' }, chart('podinfo', '1.0.0'), file('install.sh'))
    expect(artifacts.map(({ destinations }) => destinations)).toEqual([undefined, undefined])
    expect(findings).toEqual([])
  })

  it('asks for one when such a thing is mapped to a place below it', async () => {
    const { findings } = await apply({ map: { podinfo: 'charts/podinfo' } }, chart('podinfo', '1.0.0'))
    expect(findings).toMatchObject([{ severity: 'error', code: 'DESTINATION_INVALID', about: 'podinfo' }])
  })
})

describe('rewrite: map', () => {
  const web = image('quay.io/app/web:1.2.3')
  const below = { registry, prefix: 'mirror' }

  it.each([['quay.io/app/web:1.2.3'], ['quay.io/app/web'], ['image:quay.io/app/web:1.2.3'], ['QUAY.io/app/web:1.2.3']])(
    'finds an image by %s',
    async (key) => {
      expect(await nameOf({ ...below, map: { [key]: 'web' } }, web)).toBe(`${registry}/mirror/web:1.2.3`)
    },
  )

  it.each([['nginx'], ['docker.io/library/nginx'], ['library/nginx'], ['nginx:latest']])(
    'finds an image of Docker Hub by %s',
    async (key) => {
      expect(await nameOf({ ...below, map: { [key]: 'web' } }, image('nginx'))).toBe(`${registry}/mirror/web:latest`)
    },
  )

  it.each([['podinfo'], ['podinfo:6.7.1'], ['chart:podinfo'], ['chart:podinfo:6.7.1']])(
    'finds a chart by %s',
    async (key) => {
      expect(await nameOf({ ...below, map: { [key]: 'other/podinfo' } }, chart('podinfo', '6.7.1'))).toBe(
        `${registry}/mirror/other/podinfo:6.7.1`,
      )
    },
  )

  it('prefers the most exact key', async () => {
    const map = { 'quay.io/app/web': 'any', 'quay.io/app/web:1.2.3': 'exact' }
    const { names, findings } = await apply({ ...below, map }, web, image('quay.io/app/web:2'))
    expect(names).toEqual([[`${registry}/mirror/exact:1.2.3`], [`${registry}/mirror/any:2`]])
    expect(findings).toEqual([])
  })

  it('takes a tag and complete references', async () => {
    const mapped = async (value: string) => nameOf({ ...below, map: { 'quay.io/app/web': value } }, web)
    expect(await mapped('team/web:prod')).toBe(`${registry}/mirror/team/web:prod`)
    expect(await mapped('web:prod')).toBe(`${registry}/mirror/web:prod`)
    expect(await mapped('other.example:443/team/web')).toBe('other.example:443/team/web:1.2.3')
    expect(await mapped('other.example/web:prod')).toBe('other.example/web:prod')
    expect(await mapped('localhost/web')).toBe('localhost/web:1.2.3')
    expect(await mapped('mirror/web')).toBe(`${registry}/mirror/web:1.2.3`)
  })

  it('gives a tag to what has only a digest', async () => {
    const artifact = image(`quay.io/app/web@sha256:${hex}`)
    expect(await nameOf({ registry, map: { 'quay.io/app/web': 'web:1' } }, artifact)).toBe(
      `${registry}/web:1@${artifact.root.digest}`,
    )
    expect(await nameOf({ registry, map: { [`quay.io/app/web@sha256:${hex}`]: 'web' } }, artifact)).toBe(
      `${registry}/web@${artifact.root.digest}`,
    )
  })

  it('does not keep the registry in a mapped name', async () => {
    const options = { registry, keepRegistry: true, map: { 'quay.io/app/web': 'web' } }
    expect(await nameOf(options, web)).toBe(`${registry}/web:1.2.3`)
  })

  it('warns of a key that names nothing, with the nearest name', async () => {
    const { findings } = await apply({ registry, map: { 'quay.io/app/wep:1.2.3': 'web' } }, web)
    expect(findings).toMatchObject([
      { severity: 'warning', code: 'MAP_UNUSED', hint: expect.stringContaining('quay.io/app/web:1.2.3') },
    ])
    const other = await apply({ registry, map: { 'No Reference': 'web' } }, web)
    expect(other.findings).toMatchObject([{ code: 'MAP_UNUSED', hint: expect.stringContaining('ropeway plan') }])
  })

  it.each([['Web'], ['web:a+b'], ['web/'], ['/web'], [`web@sha256:${hex}`], ['other.example/'], ['a..b'], [':tag']])(
    'refuses the name "%s"',
    async (value) => {
      const { findings, artifacts } = await apply({ registry, map: { 'quay.io/app/web': value } }, web)
      expect(findings).toMatchObject([{ severity: 'error', code: 'DESTINATION_INVALID', about: web.name }])
      expect(artifacts[0]?.destinations).toBeUndefined()
    },
  )
})

describe('rewrite: collisions', () => {
  it('names both contents that would have one name', async () => {
    const { findings } = await apply({ registry }, image('quay.io/app/web:1'), image('ghcr.io/app/web:1'))
    expect(findings).toMatchObject([
      { severity: 'error', code: 'DESTINATION_COLLISION', about: `${registry}/app/web:1` },
    ])
    expect(findings[0]?.message).toContain('quay.io/app/web:1')
    expect(findings[0]?.message).toContain('ghcr.io/app/web:1')
  })

  it('sees a chart and an image of one name, and a digest beside a tag', async () => {
    const redis = chart('redis', '1.0.0')
    const { findings } = await apply({ registry }, redis, image(`quay.io/redis:1.0.0@sha256:${hex}`))
    expect(findings).toMatchObject([{ code: 'DESTINATION_COLLISION' }])
    expect(findings[0]?.message).toContain('chart redis:1.0.0 (https://charts.example)')
  })

  it('is content with equal content under one name, and with other tags or digests', async () => {
    const one = image('quay.io/app/web:1')
    const same = { ...image('ghcr.io/app/web:1'), root: one.root }
    const digests = [image(`quay.io/x@sha256:${hex}`), image(`ghcr.io/x@sha256:${'b'.repeat(64)}`)]
    const { findings } = await apply({ registry }, one, same, image('quay.io/app/web:2'), ...digests)
    expect(findings).toEqual([])
  })

  it('disappear when the registry is kept or one is mapped', async () => {
    const both = [image('quay.io/app/web:1'), image('ghcr.io/app/web:1')]
    expect((await apply({ registry, keepRegistry: true }, ...both)).findings).toEqual([])
    expect((await apply({ registry, map: { 'ghcr.io/app/web': 'other' } }, ...both)).findings).toEqual([])
  })

  it('tell every pair in one run', async () => {
    const { findings } = await apply({ registry }, ...['a', 'b', 'c'].map((host) => image(`${host}.example/app:1`)))
    expect(findings).toHaveLength(2)
  })
})

describe('rewrite: options', () => {
  it.each([
    [{ registry: 'harbor' }, /HOST/],
    [{ registry: 'https://harbor.corp' }, /HOST/],
    [{ registry: 'harbor.corp/Mirror' }, /HOST/],
    [{ registry: 'harbor.corp:99999' }, /HOST/],
    [{ registry: '' }, /HOST/],
    [{ registry, prefix: '/mirror' }, /prefix/],
    [{ registry, prefix: 'Mirror' }, /prefix/],
    [{ registry, chartPrefix: 'a//b' }, /prefix/],
    [{ registry, map: { a: '' } }, />=1|at least 1/i],
    [{ regsitry: registry }, /regsitry/],
  ])('refuse %j', async (written, message) => {
    await expect(apply(written)).rejects.toThrow(message)
  })
})

const component = fc.stringMatching(/^[a-z0-9]{1,8}(?:[._-][a-z0-9]{1,4})?$/)
const path = fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/)
const source = fc.tuple(fc.constantFrom('quay.io', 'docker.io', 'r.example:5000'), path, tag)

describe('rewrite: any image', () => {
  it('lands below the registry and prefix under its own path and tag, once prefixed', async () => {
    await fc.assert(
      fc.asyncProperty(source, path, fc.boolean(), async ([host, repository, name], prefix, keepRegistry) => {
        const artifact = image(`${host}/${repository}:${name}`)
        const destination = parseReference(await nameOf({ registry, prefix, keepRegistry }, artifact))
        expect(destination.registry).toBe(registry)
        expect(destination.tag).toBe(name)
        expect(destination.repository.startsWith(`${prefix}/`)).toBe(true)
        expect(destination.repository.endsWith(artifact.naming.path)).toBe(true)
      }),
    )
  })

  it('stays where it is when it is rewritten to the place where it is', async () => {
    await fc.assert(
      fc.asyncProperty(source, path, async ([host, repository, name], prefix) => {
        const once = await nameOf({ registry, prefix }, image(`${host}/${repository}:${name}`))
        expect(await nameOf({ registry, prefix }, image(once))).toBe(once)
      }),
    )
  })
})
