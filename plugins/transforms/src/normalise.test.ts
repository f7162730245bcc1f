import type { Artifact } from '@ropeway/core'
import { formatReference, parseReference } from '@ropeway/oci'
import { fakeContext } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { normalise, rewrite } from './index.js'
import { rewriteOptions } from './options.js'

function artifact(text: string, digest = 'a', kind: Artifact['kind'] = 'image'): Artifact {
  const reference = parseReference(text)
  return {
    ...{ kind, name: text, source: { reference, location: text } },
    root: { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: `sha256:${digest.repeat(64)}`, size: 1 },
    content: { open: async function* () {} },
    naming: { path: reference.repository, tags: reference.tag === undefined ? [] : [reference.tag] },
  }
}
const apply = (artifacts: readonly Artifact[]) => normalise.apply(artifacts, {}, fakeContext())

describe('normalise', () => {
  it('drops the registry, with library where Docker Hub has it', async () => {
    const pinned = `ghcr.io/x/y@sha256:${'b'.repeat(64)}`
    const given = ['quay.io/a/b:1', 'nginx:1.27', 'quay.io/solo:2', pinned].map((text) => artifact(text, 'b'))
    const { artifacts, findings } = await apply([...given, artifact('ghcr.io/charts/web:1', 'c', 'chart')])
    expect(findings).toEqual([])
    expect(artifacts.map(({ alias }) => alias)).toEqual([
      'docker.io/a/b:1',
      'docker.io/library/nginx:1.27',
      'docker.io/library/solo:2',
      `docker.io/x/y@sha256:${'b'.repeat(64)}`,
      undefined,
    ])
    expect(artifacts[4]?.destinations).toBeUndefined()
  })
  it('merges equal images and refuses different ones of one name', async () => {
    const [one, same, other] = [artifact('quay.io/a/b:1'), artifact('ghcr.io/a/b:1'), artifact('gcr.io/a/b:1', 'd')]
    expect((await apply([one, same])).findings).toEqual([])
    const { findings } = await apply([one, other])
    expect(findings).toMatchObject([{ severity: 'error', code: 'DESTINATION_COLLISION', about: 'docker.io/a/b:1' }])
  })
  it('leaves the destination to a rewrite behind it', async () => {
    const { artifacts } = await apply([artifact('quay.io/a/b:1')])
    const [named] = (await rewrite.apply(artifacts, rewriteOptions.parse({ registry: 'harbor.corp' }), fakeContext()))
      .artifacts
    expect(named?.destinations?.map(formatReference)).toEqual(['harbor.corp/a/b:1'])
    expect(named?.alias).toBe('docker.io/a/b:1')
  })
})
