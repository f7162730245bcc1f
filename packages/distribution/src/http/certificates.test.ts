import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { caCertificate, clientCertificate, clientKey } from '../../test/certificates.js'
import { testHttp } from '../../test/http.js'
import { serve } from '../../test/server.js'
import { certificateFolders, certificatesFromFolders } from './certificates.js'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ropeway-certificates-'))
})
afterEach(() => rm(root, { recursive: true }))

async function put(folder: string, files: Record<string, string>): Promise<void> {
  await mkdir(join(root, folder), { recursive: true })
  for (const [name, content] of Object.entries(files)) await writeFile(join(root, folder, name), content)
}

describe('certificatesFromFolders', () => {
  it('adds the CAs of all folders and takes the first whole pair', async () => {
    await put('one/a.example:5000', { 'x.crt': 'ca 1', 'client.cert': 'no key here', 'README.md': '' })
    await put('two/a.example:5000', { 'y.crt': 'ca 2', 'client.cert': 'cert', 'client.key': 'key' })
    await put('two/b.example', { 'client.key': 'key alone' })
    const find = certificatesFromFolders(['absent', 'one', 'two'].map((name) => join(root, name)))
    expect(await find('a.example:5000')).toEqual({ ca: ['ca 1', 'ca 2'], cert: 'cert', key: 'key' })
    expect(await find('a.example')).toBeUndefined()
    expect(await find('b.example')).toBeUndefined()
  })

  it('is what a server with an own CA and client certificates needs', async () => {
    await using server = await serve((_seen, response) => void response.end(), { tls: true, clientCa: caCertificate })
    await put(server.host, { 'ca.crt': caCertificate, 'client.cert': clientCertificate, 'client.key': clientKey })
    await using test = testHttp({ certificates: certificatesFromFolders([root]) })
    expect((await test.http.request({ url: server.url })).status).toBe(200)
  })
})

describe('certificateFolders', () => {
  it('are those of podman and docker, the user first', () => {
    expect(certificateFolders('/home/u')).toEqual([
      '/home/u/.config/containers/certs.d',
      '/etc/containers/certs.d',
      '/etc/docker/certs.d',
    ])
  })
})
