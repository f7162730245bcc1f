import { parseLock, type Lock } from '@ropeway/engine'
import { memoryStorage, serveRegistry, type RegistryServer } from '@ropeway/registry-server'
import { makeCosign, makeImage, pushFixture } from '@ropeway/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compare } from './compare.ts'

let from: RegistryServer
let to: RegistryServer
let lock: Lock
const image = await makeImage()
const other = await makeImage({ layers: [{ seed: 'other' }] })
const signature = await makeCosign(image.root)

beforeAll(async () => {
  from = await serveRegistry({ storage: memoryStorage() })
  to = await serveRegistry({ storage: memoryStorage() })
  for (const fixture of [image, signature]) {
    await pushFixture(from.url, fixture, { repository: 'app', tags: fixture === image ? ['1'] : undefined })
  }
  const locked = {
    id: 'image:app:1',
    kind: 'image',
    name: 'app:1',
    source: { adapter: 'oci', step: 'sources[0]', location: 'app:1', reference: `${from.host}/app:1` },
    published: image.root,
    root: image.root,
    naming: { path: 'app', tags: ['1'] },
    destinations: [],
    referrers: [{ descriptor: signature.root, subject: image.root.digest, tag: signature.tag }],
    class: 'declared',
    signatures: 'carried',
  }
  const value = {
    lockVersion: 1,
    chain: { name: 'a', version: '1' },
    platforms: [],
    steps: {},
    inputs: {},
    artifacts: [locked],
  }
  lock = parseLock(Buffer.from(JSON.stringify(value)), 'a.lock')
})
afterAll(async () => {
  await Promise.all([from.close(), to.close()])
})

describe('the comparison of the quickstart', () => {
  it('finds nothing where all is equal', async () => {
    await pushFixture(to.url, image, { repository: 'good/app', tags: ['1'] })
    await pushFixture(to.url, signature, { repository: 'good/app' })
    const { arrivals, differences } = await compare(lock, from.url, to.url, 'good')
    expect(differences).toEqual([])
    expect(arrivals).toMatchObject([{ name: 'good/app:1', digest: image.root.digest, referrers: 1 }])
  })
  it('finds other content under a name', async () => {
    await pushFixture(to.url, other, { repository: 'bad/app', tags: ['1'] })
    await pushFixture(to.url, signature, { repository: 'bad/app' })
    const { differences } = await compare(lock, from.url, to.url, 'bad')
    expect(differences.join()).toContain(`the lock says ${image.root.digest}`)
  })
  it('finds that a signature is missing', async () => {
    await pushFixture(to.url, image, { repository: 'unsigned/app', tags: ['1'] })
    await expect(compare(lock, from.url, to.url, 'unsigned')).rejects.toThrow(/404/)
  })
})
