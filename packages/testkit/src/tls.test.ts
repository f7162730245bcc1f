import { X509Certificate } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { plainRequest } from './client.js'
import { fakeRegistry, type FakeRegistry } from './fakes/registry.js'
import { faultProxy } from './faults/proxy.js'
import { makeImage } from './fixtures/image.js'
import { pullFixture, pushFixture } from './fixtures/push.js'
import { makeCertificates } from './tls.js'

const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function serve(tls: { cert: string; key: string }): Promise<FakeRegistry> {
  const registry = await fakeRegistry({ tls })
  cleanups.push(() => registry.close())
  return registry
}

describe('makeCertificates', () => {
  it('makes an authority and a certificate that it signed for the hosts.', () => {
    const { ca, cert } = makeCertificates({ hosts: ['registry.test', '*.charts.test', '10.0.0.1', 'fd00::1:2'] })
    const authority = new X509Certificate(ca)
    const server = new X509Certificate(cert)
    expect(authority.ca).toBe(true)
    expect(server.ca).toBe(false)
    expect(authority.verify(authority.publicKey)).toBe(true)
    expect(server.verify(authority.publicKey)).toBe(true)
    expect(server.checkIssued(authority)).toBe(true)
    expect(server.subjectAltName).toBe(
      'DNS:registry.test, DNS:*.charts.test, IP Address:10.0.0.1, IP Address:FD00:0:0:0:0:0:1:2',
    )
  })

  it('lets clients that know the authority in, and no others.', async () => {
    const { ca, cert, key } = makeCertificates()
    const registry = await serve({ cert, key })
    const image = await makeImage()
    await pushFixture(registry.url, image, { repository: 'a', tags: ['v1'], ca })
    expect((await pullFixture(registry.url, { repository: 'a', reference: 'v1', ca })).digest).toBe(image.root.digest)
    await expect(plainRequest(`${registry.url}/v2/`)).rejects.toThrow(/certificate/)
    await expect(plainRequest(`${registry.url}/v2/`, { ca: makeCertificates().ca })).rejects.toThrow(/certificate/)
  })

  it('can be for another host, or expired.', async () => {
    for (const [options, message] of [
      [{ hosts: ['elsewhere.test'] }, /altnames/],
      [{ expired: true }, /expired/],
    ] as const) {
      const { ca, cert, key } = makeCertificates(options)
      const registry = await serve({ cert, key })
      await expect(plainRequest(`${registry.url}/v2/`, { ca })).rejects.toThrow(message)
    }
  })

  it('serve the fault proxy on both of its sides.', async () => {
    const upstream = makeCertificates()
    const front = makeCertificates()
    const registry = await serve(upstream)
    const proxy = await faultProxy(registry.url, { ca: upstream.ca, tls: front })
    cleanups.push(() => proxy.close())
    const image = await makeImage()
    await pushFixture(proxy.url, image, { repository: 'a', tags: ['v1'], ca: front.ca })
    expect((await registry.pull('a', 'v1')).digest).toBe(image.root.digest)
  })
})
