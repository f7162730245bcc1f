import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { isRopewayError } from '@ropeway/core'
import { folderStorage } from './folder.js'
import { memoryStorage } from './memory.js'
import type { LogEntry } from './record.js'
import { serveRegistry, type RegistryServer, type ServeOptions } from './serve.js'
import type { Storage } from './storage.js'

const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'ropeway-registry-'))
  cleanups.push(() => rm(directory, { recursive: true, force: true }))
  return directory
}

async function serve(options: Partial<ServeOptions> = {}): Promise<RegistryServer> {
  const server = await serveRegistry({ storage: memoryStorage(), grace: 200, ...options })
  cleanups.push(() => server.close())
  return server
}

const ociManifest = 'application/vnd.oci.image.manifest.v1+json'
const ociIndex = 'application/vnd.oci.image.index.v1+json'

function digestOf(bytes: Uint8Array | string, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

async function errorOf(response: Response): Promise<string> {
  const body = (await response.json()) as { errors: { code: string }[] }
  return `${String(response.status)} ${body.errors[0]?.code ?? ''}`
}

async function pushBlob(url: string, repository: string, bytes: Uint8Array | string): Promise<string> {
  const digest = digestOf(bytes)
  const response = await fetch(`${url}/v2/${repository}/blobs/uploads/?digest=${digest}`, {
    method: 'POST',
    body: Buffer.from(bytes),
  })
  expect(response.status).toBe(201)
  return digest
}

async function startUpload(url: string, repository: string): Promise<string> {
  const response = await fetch(`${url}/v2/${repository}/blobs/uploads/`, { method: 'POST' })
  expect(response.status).toBe(202)
  return new URL(response.headers.get('location') ?? '', url).href
}

async function imageManifest(url: string, repository: string, more: object = {}): Promise<string> {
  const config = '{"architecture":"amd64","os":"linux"}'
  const layer = 'a layer'
  await pushBlob(url, repository, config)
  await pushBlob(url, repository, layer)
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: ociManifest,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.length },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: digestOf(layer), size: layer.length }],
    ...more,
  })
}

function putManifest(
  url: string,
  repository: string,
  reference: string,
  body: string,
  mediaType = ociManifest,
): Promise<Response> {
  return fetch(`${url}/v2/${repository}/manifests/${reference}`, {
    method: 'PUT',
    body: Buffer.from(body),
    headers: mediaType === '' ? {} : { 'content-type': mediaType },
  })
}

const storages: readonly (readonly [string, () => Promise<Storage>])[] = [
  ['memory', async () => memoryStorage()],
  ['a folder', async () => folderStorage(await folder())],
]

describe.each(storages)('serveRegistry over %s', (_name, storage) => {
  it('answers the base address and says which API it speaks.', async () => {
    const { url } = await serve({ storage: await storage() })
    const response = await fetch(`${url}/v2/`)
    expect(response.status).toBe(200)
    expect(response.headers.get('docker-distribution-api-version')).toBe('registry/2.0')
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404)
    expect((await fetch(`${url}/v2/`, { method: 'DELETE' })).status).toBe(405)
  })

  it('takes a blob in a single POST and gives it back whole or in part.', async () => {
    const { url } = await serve({ storage: await storage() })
    const bytes = randomBytes(300_000)
    const digest = await pushBlob(url, 'a/b', bytes)
    const address = `${url}/v2/a/b/blobs/${digest}`

    const head = await fetch(address, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), head.headers.get('docker-content-digest')]).toEqual([
      200,
      '300000',
      digest,
    ])
    expect(Buffer.from(await (await fetch(address)).arrayBuffer()).equals(bytes)).toBe(true)

    const part = await fetch(address, { headers: { range: 'bytes=1000-' } })
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 1000-299999/300000'])
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(1000))).toBe(true)
    const middle = await fetch(address, { headers: { range: 'bytes=5-6' } })
    expect(Buffer.from(await middle.arrayBuffer()).equals(bytes.subarray(5, 7))).toBe(true)
    const end = await fetch(address, { headers: { range: 'bytes=-3' } })
    expect(Buffer.from(await end.arrayBuffer()).equals(bytes.subarray(-3))).toBe(true)
    const behind = await fetch(address, { headers: { range: 'bytes=300000-' } })
    expect([behind.status, behind.headers.get('content-range')]).toEqual([416, 'bytes */300000'])
    await behind.body?.cancel()
    const several = await fetch(address, { headers: { range: 'bytes=0-1,3-4' } })
    expect(several.status).toBe(200)
    await several.body?.cancel()
  })

  it('keeps an empty blob.', async () => {
    const { url } = await serve({ storage: await storage() })
    const digest = await pushBlob(url, 'a', '')
    const response = await fetch(`${url}/v2/a/blobs/${digest}`)
    expect([response.status, await response.text()]).toEqual([200, ''])
  })

  it('takes a blob in chunks, tells how far it got, and refuses chunks out of order.', async () => {
    const { url } = await serve({ storage: await storage() })
    let location = await startUpload(url, 'a')
    const patch = async (text: string, range: string) =>
      fetch(location, { method: 'PATCH', body: text, headers: { 'content-range': range } })

    const first = await patch('hello ', '0-5')
    expect([first.status, first.headers.get('range')]).toEqual([202, '0-5'])
    location = first.headers.get('location') ?? ''
    const wrong = await patch('world', '7-11')
    expect([wrong.status, wrong.headers.get('range'), wrong.headers.get('location')]).toEqual([416, '0-5', location])
    expect(await errorOf(await patch('world', '6-11'))).toBe('400 BLOB_UPLOAD_INVALID')
    expect(await errorOf(await patch('world', 'bytes 6-10'))).toBe('400 BLOB_UPLOAD_INVALID')
    const status = await fetch(location)
    expect([status.status, status.headers.get('range')]).toEqual([204, '0-5'])
    expect((await patch('wor', '6-8')).status).toBe(202)

    const digest = digestOf('hello world')
    const done = await fetch(`${location}?digest=${encodeURIComponent(digest)}`, {
      method: 'PUT',
      body: 'ld',
      headers: { 'content-range': '9-10' },
    })
    expect([done.status, done.headers.get('location')]).toEqual([201, `${url}/v2/a/blobs/${digest}`])
    expect(await (await fetch(`${url}/v2/a/blobs/${digest}`)).text()).toBe('hello world')
    expect(await errorOf(await fetch(location))).toBe('404 BLOB_UPLOAD_UNKNOWN')
  })

  it('refuses a blob whose digest is another one, and forgets the upload.', async () => {
    const { url } = await serve({ storage: await storage() })
    const digest = digestOf('wanted')
    const single = await fetch(`${url}/v2/a/blobs/uploads/?digest=${digest}`, { method: 'POST', body: 'other' })
    expect(await errorOf(single)).toBe('400 DIGEST_INVALID')
    const location = await startUpload(url, 'a')
    expect(await errorOf(await fetch(`${location}?digest=${digest}`, { method: 'PUT', body: 'other' }))).toBe(
      '400 DIGEST_INVALID',
    )
    expect(await errorOf(await fetch(`${location}?digest=${digest}`, { method: 'PUT', body: 'wanted' }))).toBe(
      '404 BLOB_UPLOAD_UNKNOWN',
    )
    expect((await fetch(`${url}/v2/a/blobs/${digest}`, { method: 'HEAD' })).status).toBe(404)
    expect(await errorOf(await fetch(`${await startUpload(url, 'a')}`, { method: 'PUT' }))).toBe('400 DIGEST_INVALID')
  })

  it('verifies sha512 as well.', async () => {
    const { url } = await serve({ storage: await storage() })
    const digest = digestOf('long', 'sha512')
    const location = await startUpload(url, 'a')
    expect((await fetch(`${location}?digest=${digest}`, { method: 'PUT', body: 'long' })).status).toBe(201)
    expect(await (await fetch(`${url}/v2/a/blobs/${digest}`)).text()).toBe('long')
  })

  it('ends an upload on request.', async () => {
    const { url } = await serve({ storage: await storage() })
    const location = await startUpload(url, 'a')
    expect((await fetch(location, { method: 'DELETE' })).status).toBe(204)
    expect(await errorOf(await fetch(location, { method: 'PATCH', body: 'x' }))).toBe('404 BLOB_UPLOAD_UNKNOWN')
    expect(await errorOf(await fetch(location.replace('/v2/a/', '/v2/b/')))).toBe('404 BLOB_UPLOAD_UNKNOWN')
  })

  it('keeps what came of an upload whose connection broke.', async () => {
    const { url, port } = await serve({ storage: await storage() })
    const location = await startUpload(url, 'a')
    const socket = connect(port, '127.0.0.1')
    const { pathname } = new URL(location)
    socket.write(`PATCH ${pathname} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nfirst`)
    const range = async () => (await fetch(location)).headers.get('range')
    await expect.poll(range).toBe('0-4')
    const second = await fetch(location, { method: 'PATCH', body: ' second', headers: { 'content-range': '5-11' } })
    expect([second.status, second.headers.get('range')]).toEqual([202, '0-11'])
    socket.destroy()
    const digest = digestOf('first second')
    expect((await fetch(`${location}?digest=${digest}`, { method: 'PUT' })).status).toBe(201)
  })

  it('shows a blob only in repositories to which it was pushed or mounted.', async () => {
    const { url } = await serve({ storage: await storage() })
    const digest = await pushBlob(url, 'a', 'shared')
    const has = async (name: string) => (await fetch(`${url}/v2/${name}/blobs/${digest}`, { method: 'HEAD' })).status
    const mount = (name: string, from: string, what = digest) =>
      fetch(`${url}/v2/${name}/blobs/uploads/?mount=${what}&from=${from}`, { method: 'POST' })
    expect(await has('b')).toBe(404)
    expect((await mount('b', 'a')).status).toBe(201)
    expect(await has('b')).toBe(200)
    expect((await mount('c', 'none')).status).toBe(202)
    expect((await mount('c', 'a', digestOf('unknown'))).status).toBe(202)
    expect((await mount('c', '../a')).status).toBe(202)
    expect(await has('c')).toBe(404)
    expect((await fetch(`${url}/v2/a/blobs/${digest}`, { method: 'DELETE' })).status).toBe(202)
    expect([await has('a'), await has('b')]).toEqual([404, 200])
  })

  it('keeps the exact bytes and the media type of a manifest.', async () => {
    const { url } = await serve({ storage: await storage() })
    const body = `${await imageManifest(url, 'a')} \n`
    const digest = digestOf(body)
    const put = await putManifest(url, 'a', 'v1', body, `${ociManifest}; charset=utf-8`)
    expect([put.status, put.headers.get('docker-content-digest'), put.headers.get('location')]).toEqual([
      201,
      digest,
      `${url}/v2/a/manifests/${digest}`,
    ])
    for (const reference of ['v1', digest]) {
      const got = await fetch(`${url}/v2/a/manifests/${reference}`)
      expect([got.headers.get('content-type'), await got.text()]).toEqual([ociManifest, body])
      const head = await fetch(`${url}/v2/a/manifests/${reference}`, { method: 'HEAD' })
      expect([head.status, head.headers.get('content-length'), head.headers.get('docker-content-digest')]).toEqual([
        200,
        String(body.length),
        digest,
      ])
    }
    const again = await fetch(`${url}/v2/a/manifests/v1`, { headers: { 'if-none-match': `"${digest}"` } })
    expect(again.status).toBe(304)
    expect(await errorOf(await fetch(`${url}/v2/a/manifests/v2`))).toBe('404 MANIFEST_UNKNOWN')
    expect(await errorOf(await fetch(`${url}/v2/b/manifests/${digest}`))).toBe('404 MANIFEST_UNKNOWN')
  })

  it('refuses manifests that are wrong, too large, or whose children are missing.', async () => {
    const { url } = await serve({ storage: await storage() })
    const body = await imageManifest(url, 'a')
    const put = async (reference: string, text: string, type?: string) =>
      errorOf(await putManifest(url, 'a', reference, text, type))
    expect(await put(digestOf('other'), body)).toBe('400 DIGEST_INVALID')
    expect(await put('v1', 'no json')).toBe('400 MANIFEST_INVALID')
    expect(await put('v1', body, ociIndex)).toBe('400 MANIFEST_INVALID')
    expect(await put('v1', body, 'application/pdf')).toBe('400 MANIFEST_INVALID')
    expect(await put('v1', ' '.repeat(4 * 1024 * 1024 + 1))).toBe('413 SIZE_INVALID')
    expect(await put('.v1', body)).toBe('400 TAG_INVALID')
    expect(await put('v'.repeat(129), body)).toBe('400 TAG_INVALID')
    const subject = { mediaType: ociManifest, digest: 'sha256:../../x', size: 3 }
    expect(await put('v1', JSON.stringify({ ...JSON.parse(body), subject }))).toBe('400 MANIFEST_INVALID')
    expect(await errorOf(await putManifest(url, 'b', 'v1', body))).toBe('404 MANIFEST_BLOB_UNKNOWN')
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: ociIndex,
      manifests: [{ mediaType: ociManifest, digest: digestOf(body), size: body.length }],
    })
    expect(await put('v1', index, ociIndex)).toBe('404 MANIFEST_BLOB_UNKNOWN')
    expect((await putManifest(url, 'a', digestOf(body), body)).status).toBe(201)
    expect((await putManifest(url, 'a', 'v1', index, ociIndex)).status).toBe(201)
    expect((await putManifest(url, 'a', 'v2', index, '')).status).toBe(201)
  })

  it('stops reading a manifest without end.', async () => {
    const { port, url } = await serve({ storage: await storage() })
    let sent = 0
    const answer = await new Promise<number | string | undefined>((resolve) => {
      const request = httpRequest({
        port,
        method: 'PUT',
        path: '/v2/a/manifests/v1',
        headers: { 'content-type': ociManifest },
      })
      const chunk = Buffer.alloc(64 * 1024, ' ')
      const more = () => {
        while (!request.destroyed && sent < 1e9) {
          sent += chunk.length
          if (!request.write(chunk)) return
        }
      }
      request.on('drain', more)
      request.on('response', (response) => {
        resolve(response.statusCode)
        request.destroy()
      })
      // A client that is still writing may find the connection closed before it reads the answer.
      request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
      more()
    })
    expect([413, 'EPIPE', 'ECONNRESET']).toContain(answer)
    expect(sent).toBeLessThan(100e6)
    expect((await fetch(`${url}/v2/`)).status).toBe(200)
  })

  it('lists tags and repositories page by page.', async () => {
    const { url } = await serve({ storage: await storage() })
    for (const name of ['b', 'a/c', 'a']) {
      const body = await imageManifest(url, name)
      for (const tag of ['v3', 'v1', 'latest', 'v2']) await putManifest(url, name, tag, body)
    }
    const tags: string[] = []
    let next: string | undefined = `${url}/v2/a/tags/list?n=3`
    while (next !== undefined) {
      const response: Response = await fetch(next)
      tags.push(...((await response.json()) as { tags: string[] }).tags, '|')
      next = /<(.+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1]
    }
    expect(tags).toEqual(['latest', 'v1', 'v2', '|', 'v3', '|'])
    expect(await (await fetch(`${url}/v2/_catalog`)).json()).toEqual({ repositories: ['a', 'a/c', 'b'] })
    expect(await (await fetch(`${url}/v2/_catalog?n=1&last=a`)).json()).toEqual({ repositories: ['a/c'] })
    expect(await errorOf(await fetch(`${url}/v2/a/tags/list?n=x`))).toBe('400 PAGINATION_NUMBER_INVALID')
    expect(await errorOf(await fetch(`${url}/v2/none/tags/list`))).toBe('404 NAME_UNKNOWN')
  })

  it('deletes a tag alone, and a manifest with its tags.', async () => {
    const { url } = await serve({ storage: await storage() })
    const body = await imageManifest(url, 'a')
    for (const tag of ['v1', 'v2', 'v3']) await putManifest(url, 'a', tag, body)
    const remove = async (reference: string) =>
      (await fetch(`${url}/v2/a/manifests/${reference}`, { method: 'DELETE' })).status
    const tags = async () => ((await (await fetch(`${url}/v2/a/tags/list`)).json()) as { tags: string[] }).tags
    expect(await remove('v1')).toBe(202)
    expect(await remove('v1')).toBe(404)
    expect(await tags()).toEqual(['v2', 'v3'])
    expect(await remove(digestOf(body))).toBe(202)
    expect(await tags()).toEqual([])
    expect(await remove(digestOf(body))).toBe(404)
  })

  it('lists referrers with their types and annotations, also before their subject is there.', async () => {
    const { url } = await serve({ storage: await storage() })
    const image = await imageManifest(url, 'a')
    const subject = { mediaType: ociManifest, digest: digestOf(image), size: image.length }
    const signature = await imageManifest(url, 'a', {
      artifactType: 'test/signature',
      subject,
      annotations: { k: 'v' },
    })
    const sbom = await imageManifest(url, 'a', { subject })
    for (const body of [signature, sbom]) {
      const put = await putManifest(url, 'a', digestOf(body), body)
      expect([put.status, put.headers.get('oci-subject')]).toEqual([201, subject.digest])
    }
    await putManifest(url, 'a', 'v1', image)
    const all = await fetch(`${url}/v2/a/referrers/${subject.digest}`)
    expect(all.headers.get('content-type')).toBe(ociIndex)
    const { manifests } = (await all.json()) as { manifests: { digest: string }[] }
    expect(manifests.sort((a, b) => (a.digest < b.digest ? -1 : 1))).toEqual(
      [
        {
          mediaType: ociManifest,
          digest: digestOf(signature),
          size: signature.length,
          artifactType: 'test/signature',
          annotations: { k: 'v' },
        },
        {
          mediaType: ociManifest,
          digest: digestOf(sbom),
          size: sbom.length,
          artifactType: 'application/vnd.oci.image.config.v1+json',
        },
      ].sort((a, b) => (a.digest < b.digest ? -1 : 1)),
    )
    const filtered = await fetch(`${url}/v2/a/referrers/${subject.digest}?artifactType=test/signature`)
    expect(filtered.headers.get('oci-filters-applied')).toBe('artifactType')
    expect(((await filtered.json()) as { manifests: unknown[] }).manifests).toHaveLength(1)
    const none = await fetch(`${url}/v2/a/referrers/${digestOf('none')}`)
    expect([none.status, ((await none.json()) as { manifests: unknown[] }).manifests]).toEqual([200, []])
    await fetch(`${url}/v2/a/manifests/${digestOf(sbom)}`, { method: 'DELETE' })
    const left = await fetch(`${url}/v2/a/referrers/${subject.digest}`)
    expect(((await left.json()) as { manifests: unknown[] }).manifests).toHaveLength(1)
  })

  it('refuses hostile names and paths.', async () => {
    const { port } = await serve({ storage: await storage() })
    const ask = (path: string, method = 'GET') =>
      new Promise<number | undefined>((resolve, reject) => {
        const request = httpRequest({ port, path, method }, (response) => {
          response.resume()
          resolve(response.statusCode)
        })
        request.on('error', reject)
        request.end()
      })
    const paths = [
      '/v2/../../etc/passwd/manifests/v1',
      '/v2/a/../b/manifests/v1',
      '/v2/%2e%2e%2f%2e%2e%2fetc/manifests/v1',
      '/v2/a%00b/manifests/v1',
      '/v2/A/manifests/v1',
      '/v2/_uploads/manifests/v1',
      '/v2/a//b/manifests/v1',
      `/v2/${'a/'.repeat(200)}a/manifests/v1`,
      '/v2/a/manifests/..%5c..%5cx',
      '/v2/a/blobs/sha256:abc',
      '/v2/a/blobs/md5:d41d8cd98f00b204e9800998ecf8427e',
      '/v2/a/referrers/x',
      '/v2/a/%zz/v1',
    ]
    for (const path of paths) expect([path, await ask(path)]).toEqual([path, 400])
    expect(await ask('/v2/a/manifests/..%2f..%2fx')).toBe(404)
    expect(await ask('/v2/a/blobs/sha256:..%2f..%2fx')).toBe(404)
    expect(await ask('/v2/a/blobs/uploads/..%2f..%2fx', 'PATCH')).toBe(404)
    expect(await ask(`/v2/a/blobs/uploads/?mount=..%2f&from=a`, 'POST')).toBe(400)
    expect(await ask(`/v2/a/blobs/uploads/?digest-algorithm=md5`, 'POST')).toBe(400)
  })

  it('takes many uploads of the same and of different blobs at once.', async () => {
    const { url } = await serve({ storage: await storage() })
    const contents = Array.from({ length: 8 }, () => randomBytes(200_000))
    await Promise.all(
      [...contents, ...contents, ...contents].map((bytes, index) => pushBlob(url, `a/r${String(index % 3)}`, bytes)),
    )
    for (const bytes of contents) {
      const response = await fetch(`${url}/v2/a/r0/blobs/${digestOf(bytes)}`)
      if (response.status === 200) expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true)
      else await response.body?.cancel()
    }
    const body = await imageManifest(url, 'a/r0')
    const puts = await Promise.all(Array.from({ length: 16 }, () => putManifest(url, 'a/r0', 'v1', body)))
    expect(new Set(puts.map(({ status }) => status))).toEqual(new Set([201]))
  })

  it('is read-only when it is told so.', async () => {
    const { url } = await serve({ storage: await storage(), readOnly: true })
    expect(await errorOf(await fetch(`${url}/v2/a/blobs/uploads/`, { method: 'POST' }))).toBe('405 UNSUPPORTED')
    expect(await errorOf(await putManifest(url, 'a', 'v1', '{}'))).toBe('405 UNSUPPORTED')
    expect((await fetch(`${url}/v2/`)).status).toBe(200)
  })
})

describe('folderStorage', () => {
  it('keeps everything over a restart, and forgets unfinished uploads.', async () => {
    const directory = await folder()
    const first = await serve({ storage: await folderStorage(directory) })
    const image = await imageManifest(first.url, 'a/b')
    await putManifest(first.url, 'a/b', 'v1', image)
    const subject = { mediaType: ociManifest, digest: digestOf(image), size: image.length }
    const referrer = await imageManifest(first.url, 'a/b', { subject })
    await putManifest(first.url, 'a/b', digestOf(referrer), referrer)
    const location = await startUpload(first.url, 'a/b')
    await fetch(location, { method: 'PATCH', body: 'half' })
    expect(await readdir(join(directory, '_uploads'))).toHaveLength(1)
    await first.close()
    await writeFile(join(directory, '_uploads', 'left'), 'by a process that was killed')

    const second = await serve({ storage: await folderStorage(directory) })
    expect(await readdir(join(directory, '_uploads'))).toEqual([])
    expect(await (await fetch(`${second.url}/v2/a/b/manifests/v1`)).text()).toBe(image)
    expect(await (await fetch(`${second.url}/v2/a/b/blobs/${digestOf('a layer')}`)).text()).toBe('a layer')
    const referrers = (await (await fetch(`${second.url}/v2/a/b/referrers/${subject.digest}`)).json()) as {
      manifests: unknown[]
    }
    expect(referrers.manifests).toHaveLength(1)
    expect(await (await fetch(`${second.url}/v2/_catalog`)).json()).toEqual({ repositories: ['a/b'] })
  })

  it('refuses a folder that holds something else.', async () => {
    const directory = await folder()
    await writeFile(join(directory, 'letter.txt'), 'dear')
    const error = await folderStorage(directory).catch((thrown: unknown) => thrown)
    expect(isRopewayError(error) && error.code).toBe('FOLDER_NOT_A_REGISTRY')
  })

  it('says when the folder cannot be used.', async () => {
    const directory = await folder()
    await writeFile(join(directory, 'file'), '')
    const error = await folderStorage(join(directory, 'file', 'below')).catch((thrown: unknown) => thrown)
    expect(isRopewayError(error) && error.code).toBe('FOLDER_UNUSABLE')
  })
})

describe('quirks', () => {
  it('can leave out referrers, mounts, single POSTs, digest headers and whole addresses.', async () => {
    const { url } = await serve({
      quirks: {
        referrers: false,
        mounts: false,
        singlePost: false,
        noDigestHeader: true,
        relativeLocation: true,
        locationQuery: true,
        chunkMinLength: 5,
      },
    })
    expect((await fetch(`${url}/v2/a/referrers/${digestOf('x')}`)).status).toBe(404)
    const single = await fetch(`${url}/v2/a/blobs/uploads/?digest=${digestOf('x')}`, { method: 'POST', body: 'x' })
    const location = single.headers.get('location') ?? ''
    expect(single.status).toBe(202)
    expect(single.headers.get('oci-chunk-min-length')).toBe('5')
    expect(location).toMatch(/^\/v2\/a\/blobs\/uploads\/[^?]+\?state=/)
    expect(
      (await fetch(`${url}${location.split('?')[0] ?? ''}?digest=${digestOf('x')}`, { method: 'PUT', body: 'x' }))
        .status,
    ).toBe(404)
    const put = await fetch(`${url}${location}&digest=${digestOf('x')}`, { method: 'PUT', body: 'x' })
    expect([put.status, put.headers.get('docker-content-digest')]).toEqual([201, null])
    expect((await fetch(`${url}/v2/b/blobs/uploads/?mount=${digestOf('x')}&from=a`, { method: 'POST' })).status).toBe(
      202,
    )
  })

  it('can share blobs, take sparse indexes, ignore ranges, want Accept, and cut pages.', async () => {
    const { url } = await serve({
      quirks: { perRepositoryBlobs: false, sparseIndexes: true, ranges: false, strictAccept: true, pageSize: 1 },
    })
    const digest = await pushBlob(url, 'a', 'shared')
    const shared = await fetch(`${url}/v2/b/blobs/${digest}`, { headers: { range: 'bytes=2-' } })
    expect([shared.status, await shared.text()]).toEqual([200, 'shared'])
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: ociIndex,
      manifests: [{ mediaType: ociManifest, digest, size: 6 }],
    })
    expect((await putManifest(url, 'a', 'v1', index, ociIndex)).status).toBe(201)
    expect((await putManifest(url, 'a', 'v2', index, ociIndex)).status).toBe(201)
    expect((await fetch(`${url}/v2/a/manifests/v1`, { headers: { accept: ociManifest } })).status).toBe(404)
    expect(
      (await fetch(`${url}/v2/a/manifests/v1`, { headers: { accept: `${ociManifest}, ${ociIndex}` } })).status,
    ).toBe(200)
    const tags = await fetch(`${url}/v2/a/tags/list`)
    expect(tags.headers.get('link')).toBe(`<${url}/v2/a/tags/list?n=1&last=v1>; rel="next"`)
  })

  it('can redirect blobs to another host.', async () => {
    const storage = memoryStorage()
    const other = await serve({ storage })
    const { url } = await serve({ storage, quirks: { redirectBlobs: other.url } })
    const digest = await pushBlob(url, 'a', 'far')
    const manual = await fetch(`${url}/v2/a/blobs/${digest}`, { redirect: 'manual' })
    expect([manual.status, manual.headers.get('location')]).toEqual([307, `${other.url}/v2/a/blobs/${digest}`])
    expect(await (await fetch(`${url}/v2/a/blobs/${digest}`)).text()).toBe('far')
  })
})

describe('the server', () => {
  it('asks for user name and password.', async () => {
    const { url } = await serve({ auth: { username: 'u', password: 'p:w' } })
    const ask = (credentials?: string) =>
      fetch(`${url}/v2/`, {
        headers:
          credentials === undefined ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
      })
    const anonymous = await ask()
    expect(anonymous.headers.get('www-authenticate')).toMatch(/^Basic realm=/)
    expect(await errorOf(anonymous)).toBe('401 UNAUTHORIZED')
    expect((await ask('u:wrong')).status).toBe(401)
    expect((await ask('u')).status).toBe(401)
    expect((await ask('u:p:w')).status).toBe(200)
  })

  it('logs requests without their secrets.', async () => {
    const log: LogEntry[] = []
    const { url } = await serve({ log: (entry) => log.push(entry) })
    await (await fetch(`${url}/v2/?x=1`, { headers: { authorization: 'Bearer secret' } })).text()
    await (await fetch(`${url}/v2/a/manifests/v1`)).text()
    await expect.poll(() => log.length).toBe(2)
    expect(log[0]).toEqual({
      method: 'GET',
      path: '/v2/',
      query: 'x=1',
      status: 200,
      authorization: 'bearer',
      range: undefined,
      aborted: false,
      error: undefined,
    })
    expect(log[1]).toMatchObject({ path: '/v2/a/manifests/v1', status: 404, authorization: undefined })
    expect(JSON.stringify(log)).not.toContain('secret')
  })

  it('lets a hook look at requests and answer in its place.', async () => {
    const seen: LogEntry[] = []
    const { url } = await serve({
      hooks: {
        request(entry) {
          seen.push(entry)
          return entry.path.endsWith('/busy')
            ? { status: 429, headers: { 'retry-after': '7' }, body: 'wait' }
            : undefined
        },
      },
    })
    const busy = await fetch(`${url}/v2/a/manifests/busy`, { method: 'PUT', body: 'x' })
    expect([busy.status, busy.headers.get('retry-after'), await busy.text()]).toEqual([429, '7', 'wait'])
    expect((await fetch(`${url}/v2/`)).status).toBe(200)
    expect(seen.map(({ path, status }) => [path, status])).toEqual([
      ['/v2/a/manifests/busy', 429],
      ['/v2/', 200],
    ])
  })

  it('breaks the connection when the content cannot be read to its end.', async () => {
    const log: LogEntry[] = []
    const inner = memoryStorage()
    const storage: Storage = {
      ...inner,
      blobs: {
        ...inner.blobs,
        async *open() {
          yield Buffer.from('sha')
          throw new TypeError('the disk is gone')
        },
      },
    }
    const { url } = await serve({ storage, log: (entry) => log.push(entry) })
    const digest = await pushBlob(url, 'a', 'shared')
    const response = await fetch(`${url}/v2/a/blobs/${digest}`)
    await expect(response.text()).rejects.toThrow()
    await expect.poll(() => log.at(-1)).toMatchObject({ aborted: true, error: new TypeError('the disk is gone') })
  })

  it('answers 500 with nothing of the inside, and 507 when the disk is full.', async () => {
    const inner = memoryStorage()
    const errors = [new TypeError('/secret/path'), Object.assign(new TypeError('no space'), { code: 'ENOSPC' })]
    const storage: Storage = {
      ...inner,
      blobs: { ...inner.blobs, stat: () => Promise.reject(errors.shift() ?? new TypeError('more')) },
    }
    const { url } = await serve({ storage })
    const first = await fetch(`${url}/v2/a/blobs/${digestOf('x')}`)
    expect([first.status, await first.text()]).toEqual([500, expect.not.stringContaining('secret')])
    expect((await fetch(`${url}/v2/a/blobs/${digestOf('x')}`)).status).toBe(507)
  })

  it('forgets the oldest idle upload when too many are open.', async () => {
    const { url } = await serve({ uploads: 2 })
    const [first = '', second = '', third = ''] = [
      await startUpload(url, 'a'),
      await startUpload(url, 'a'),
      await startUpload(url, 'a'),
    ]
    expect([(await fetch(first)).status, (await fetch(second)).status, (await fetch(third)).status]).toEqual([
      404, 204, 204,
    ])
  })

  it('tells which address it cannot have.', async () => {
    const { port } = await serve()
    const error = await serveRegistry({ storage: memoryStorage(), port }).catch((thrown: unknown) => thrown)
    expect(isRopewayError(error) && error.code).toBe('SERVE_CANNOT_LISTEN')
    const tls = await serveRegistry({ storage: memoryStorage(), tls: { cert: 'x', key: 'y' } }).catch(
      (thrown: unknown) => thrown,
    )
    expect(isRopewayError(tls) && tls.code).toBe('SERVE_CERTIFICATE_INVALID')
  })

  it('closes: running requests end, idle connections go, hanging ones are broken.', async () => {
    const storage = memoryStorage()
    const server = await serveRegistry({ storage, grace: 100 })
    const bytes = randomBytes(3_000_000)
    const digest = await pushBlob(server.url, 'a', bytes)
    const running = await fetch(`${server.url}/v2/a/blobs/${digest}`)
    const hanging = connect(server.port, '127.0.0.1')
    hanging.on('error', () => undefined)
    hanging.write('POST /v2/a/blobs/uploads/ HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf')
    const closed = Promise.all([server.close(), server.close()])
    expect((await running.arrayBuffer()).byteLength).toBe(3_000_000)
    await closed
    await expect(fetch(`${server.url}/v2/`)).rejects.toThrow()
  })

  it('closes with its signal.', async () => {
    const controller = new AbortController()
    const { url } = await serve({ signal: controller.signal })
    controller.abort()
    await expect
      .poll(() =>
        fetch(`${url}/v2/`).then(
          () => 'open',
          () => 'closed',
        ),
      )
      .toBe('closed')
  })
})
