import { afterEach, expect, it } from 'vitest'
import { makeReferrer } from '../fixtures/artifact.js'
import { makeImage } from '../fixtures/image.js'
import { fakeRegistry, type FakeRegistry } from './registry.js'

let registry: FakeRegistry | undefined

afterEach(() => registry?.close())

it('A fake registry serves what was put into it and remembers each request, with its answer, once the client has it.', async () => {
  registry = await fakeRegistry()
  const image = await makeImage()
  await registry.push('a/b', image, ['v1'])
  await registry.push('a/b', await makeReferrer(image.root, 'a/sbom'))
  const response = await fetch(`${registry.url}/v2/a/b/manifests/v1`)
  expect(Buffer.from(await response.arrayBuffer()).equals(image.manifests[0]?.bytes ?? Buffer.alloc(0))).toBe(true)
  await (await fetch(`${registry.url}/v2/a/b/manifests/v2`, { headers: { authorization: 'Basic eDp5' } })).text()
  const referrers = (await (await fetch(`${registry.url}/v2/a/b/referrers/${image.root.digest}`)).json()) as {
    manifests: object[]
  }
  expect(referrers.manifests).toMatchObject([{ artifactType: 'a/sbom' }])
  expect(
    registry.requests.map(({ method, path, status, authorization }) => [method, path, status, authorization]),
  ).toEqual([
    ['GET', '/v2/a/b/manifests/v1', 200, undefined],
    ['GET', '/v2/a/b/manifests/v2', 404, 'basic'],
    ['GET', `/v2/a/b/referrers/${image.root.digest}`, 200, undefined],
  ])
  registry.forget()
  expect(registry.requests).toEqual([])
  await expect(registry.pull('a/b', 'v2')).rejects.toMatchObject({ code: 'SINK_NOT_FOUND' })
})
