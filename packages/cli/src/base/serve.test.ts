import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommand } from '../commands.fixture.js'
import { openServed } from './serve.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ropeway-serve-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})
const settings = { host: '127.0.0.1', port: 0, readOnly: false, tls: {} }

describe('serve', () => {
  it('makes a registry of a folder that is not there', async () => {
    const served = await openServed(join(folder, 'registry'), settings)
    expect((await fetch(`${served.server.url}/v2/`)).status).toBe(200)
    expect(served.readOnly).toBe(false)
    await served.close()
    expect((await stat(join(folder, 'registry'))).isDirectory()).toBe(true)
  })
  it('asks for the password that it was given', async () => {
    const served = await openServed(join(folder, 'registry'), {
      ...settings,
      auth: { username: 'ci', password: 'secret' },
    })
    const authorization = `Basic ${Buffer.from('ci:secret').toString('base64')}`
    expect((await fetch(`${served.server.url}/v2/_catalog`)).status).toBe(401)
    expect((await fetch(`${served.server.url}/v2/_catalog`, { headers: { authorization } })).status).toBe(200)
    await served.close()
  })
  it('takes a missing bundle for a missing bundle, and other files for none', async () => {
    await expect(openServed(join(folder, 'platform.tar'), settings)).rejects.toMatchObject({
      code: 'ARCHIVE_NOT_FOUND',
    })
    await writeFile(join(folder, 'x.txt'), 'no bundle')
    await expect(openServed(join(folder, 'x.txt'), settings)).rejects.toMatchObject({ code: 'BUNDLE_INVALID' })
    await writeFile(join(folder, 'other'), '')
    await expect(openServed(folder, settings)).rejects.toMatchObject({ code: 'FOLDER_NOT_A_REGISTRY' })
  })
  it('says which file of a certificate cannot be read', async () => {
    const tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
    await expect(openServed(join(folder, 'r'), { ...settings, tls })).rejects.toMatchObject({
      code: 'FILE_NOT_READABLE',
    })
  })
  it('wants a password with a user name, and a key with a certificate', async () => {
    expect((await runCommand('serve', folder, '--username', 'ci')).error).toMatchObject({ code: 'PASSWORD_MISSING' })
    expect((await runCommand('serve', folder, '--tls-cert', 'a')).error).toBeDefined()
  })
})
