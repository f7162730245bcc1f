import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStorage, serveRegistry, type RegistryServer } from '@ropeway/registry-server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommand } from '../commands.fixture.js'
import { hostOf, logIn, logOut } from './login.js'

let folder: string
let server: RegistryServer
let env: Record<string, string>
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ropeway-login-'))
  env = { REGISTRY_AUTH_FILE: join(folder, 'auth.json') }
  server = await serveRegistry({ storage: memoryStorage(), auth: { username: 'ci-bot', password: 'right-password' } })
})
afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

describe('login', () => {
  it('keeps what the registry accepts, and logout forgets it', async () => {
    const request = { host: server.host, username: 'ci-bot', password: 'right-password' }
    expect(await logIn(request, {}, env)).toEqual({ kept: join(folder, 'auth.json'), proved: true })
    expect(JSON.parse(await readFile(join(folder, 'auth.json'), 'utf8'))).toHaveProperty(['auths', server.host])
    expect(await logOut(server.host, env)).toBe(true)
    expect(await logOut(server.host, env)).toBe(false)
  })
  it('keeps nothing that the registry refuses, and says no password', async () => {
    const wrong = logIn({ host: server.host, username: 'ci-bot', password: 'wrong-password' }, {}, env)
    const error: unknown = await wrong.catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'LOGIN_REFUSED', exitCode: 2 })
    expect(JSON.stringify(error)).not.toContain('wrong-password')
    await expect(readFile(join(folder, 'auth.json'))).rejects.toThrow('ENOENT')
  })
  it('says of a file with certificates that it cannot be read', async () => {
    const request = { host: server.host, username: 'a', password: 'b' }
    await expect(logIn(request, { 'ca-file': [join(folder, 'none.pem')] }, env)).rejects.toMatchObject({
      code: 'CA_FILE_INVALID',
    })
  })
  it('takes a host as people paste it', () => {
    expect([hostOf('https://harbor.corp/'), hostOf('harbor.corp:5000'), hostOf('http://localhost:5000')]).toEqual([
      'harbor.corp',
      'harbor.corp:5000',
      'localhost:5000',
    ])
  })
  it('asks for nothing where there is no terminal', async () => {
    expect((await runCommand('login', 'harbor.corp')).error).toMatchObject({ code: 'USERNAME_MISSING', exitCode: 2 })
    expect((await runCommand('login', 'harbor.corp', '--username', 'a')).error).toMatchObject({
      code: 'PASSWORD_MISSING',
    })
  })
})
