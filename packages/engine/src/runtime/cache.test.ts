import { chmod, mkdir, mkdtemp, readdir, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sha256 } from '@ropeway/oci'
import { describe, expect, it } from 'vitest'
import { folderCache, memoryCache } from './cache.js'

const bytes = Buffer.from('a manifest')
const descriptor = { mediaType: 'text/plain', digest: sha256(bytes), size: bytes.byteLength }

async function folder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'cache-'))
}

function pathOf(directory: string, digest: string): string {
  return join(directory, ...digest.split(':'))
}

/** A reading that counts itself and ends when it is let. */
function reading(content: Uint8Array = bytes) {
  let go = () => undefined as void
  const gate = new Promise<void>((resolve) => (go = resolve))
  const calls = { count: 0 }
  async function* open() {
    calls.count++
    await gate
    yield content
  }
  return { open, go: () => go(), calls }
}

describe.each([
  ['in a folder', async () => folderCache(await folder())],
  ['in memory', async () => memoryCache()],
])('a cache %s', (_, make) => {
  it('gives what was written, and nothing else', async () => {
    const cache = await make()
    expect(await cache.read(descriptor.digest)).toBeUndefined()
    await cache.write(descriptor.digest, bytes)
    expect(Buffer.from((await cache.read(descriptor.digest)) ?? []).toString()).toBe('a manifest')
  })
  it('lets those who want one thing at once share one reading', async () => {
    const cache = await make()
    const { open, go, calls } = reading()
    const both = [cache.fetch(descriptor, open), cache.fetch(descriptor, open)]
    go()
    await Promise.all(both)
    await cache.fetch(descriptor, open)
    expect(calls.count).toBe(1)
  })
  it('keeps nothing of a reading that is not what was wanted, nor shows it to others', async () => {
    const cache = await make()
    const { open, go } = reading(Buffer.from('a manifesto'))
    const wrong = cache.fetch(descriptor, open)
    const beside = cache.read(descriptor.digest)
    go()
    await expect(wrong).rejects.toMatchObject({ side: 'verification' })
    expect(await beside).toBeUndefined()
    const right = reading()
    right.go()
    expect(Buffer.from(await cache.fetch(descriptor, right.open)).toString()).toBe('a manifest')
  })
})

describe('a cache in a folder', () => {
  it('takes a damaged entry for none, and reads anew', async () => {
    const directory = await folder()
    await folderCache(directory).write(descriptor.digest, bytes)
    await writeFile(pathOf(directory, descriptor.digest), 'a mamifest')
    const cache = folderCache(directory)
    const { open, go, calls } = reading()
    go()
    expect(Buffer.from(await cache.fetch(descriptor, open)).toString()).toBe('a manifest')
    expect(calls.count).toBe(1)
    expect(await folderCache(directory).read(descriptor.digest)).toBeDefined()
  })
  it('is of no use, but no harm, where nothing can be written', async () => {
    const directory = await folder()
    await writeFile(join(directory, 'file'), '')
    const cache = folderCache(join(directory, 'file', 'cache'))
    const { open, go } = reading()
    go()
    expect(await cache.fetch(descriptor, open)).toHaveLength(bytes.byteLength)
    await cache.trim()
    if (process.getuid?.() === 0) return
    await chmod(directory, 0o500)
    await folderCache(directory).write(descriptor.digest, bytes)
    expect(await readdir(directory)).toEqual(['file'])
  })
  it('refuses a digest that leads elsewhere', async () => {
    const cache = folderCache(await folder())
    await expect(cache.read('sha256:../../etc/passwd')).rejects.toMatchObject({
      code: expect.stringContaining('DIGEST'),
    })
  })
  it('lets go of what was not used for longest when it outgrows its capacity', async () => {
    const directory = await folder()
    const contents = ['one', 'two', 'six'].map((text) => Buffer.from(text))
    const cache = folderCache(directory, 6)
    await mkdir(join(directory, 'empty'))
    for (const [age, content] of contents.entries()) {
      await cache.write(sha256(content), content)
      await utimes(pathOf(directory, sha256(content)), 1000 + age, 1000 + age)
    }
    await cache.read(sha256(contents[0] ?? bytes))
    await cache.trim()
    const left = await Promise.all(contents.map((content) => cache.read(sha256(content))))
    expect(left.map((content) => content !== undefined)).toEqual([true, false, true])
  })
})
