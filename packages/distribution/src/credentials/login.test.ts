import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fakeRegistry } from '@ropeway/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { testHttp } from '../../test/http.js'
import { rejection, serve } from '../../test/server.js'
import { createCredentials } from './credentials.js'
import { removeLogin, saveLogin } from './login.js'
import { verifyLogin } from './verify-login.js'

let home: string
let config: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ropeway-login-'))
  config = join(home, '.docker/config.json')
})
afterEach(() => rm(home, { recursive: true }))

const login = { host: 'registry.example:5000', username: 'bot', password: 'se:cret' }

async function readConfig(file = config): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'))
}

describe('saveLogin', () => {
  it('makes a file that only its owner can read, and that is read back', async () => {
    expect(await saveLogin(login, { env: {}, home })).toBe(config)
    expect((await stat(config)).mode & 0o777).toBe(0o600)
    const found = await createCredentials({ env: {}, home }).get(login.host, 'source')
    expect(found).toMatchObject({ username: 'bot', password: 'se:cret' })
    expect(await readdir(join(home, '.docker'))).toEqual(['config.json'])
  })

  it('keeps all else, and replaces other spellings of the host', async () => {
    await mkdir(join(home, '.docker'))
    const others = { 'other.example': { auth: 'b3RoZXI6eA==' }, 'registry.example:5000/team': { auth: 'dGVhbTp4' } }
    await writeFile(
      config,
      JSON.stringify({
        HttpHeaders: { 'X-A': 'b' },
        auths: { ...others, 'https://registry.example:5000/v1/': { auth: 'b2xkOng=' } },
        plugins: { x: { y: 'z' } },
      }),
    )
    await saveLogin(login, { env: {}, home })
    expect(await readConfig()).toEqual({
      HttpHeaders: { 'X-A': 'b' },
      auths: { ...others, 'registry.example:5000': { auth: Buffer.from('bot:se:cret').toString('base64') } },
      plugins: { x: { y: 'z' } },
    })
  })

  it('writes to REGISTRY_AUTH_FILE when it is set, to a named file first of all, and through links', async () => {
    const named = join(home, 'named.json')
    const real = join(home, 'real.json')
    await writeFile(real, '{}')
    await symlink(real, named)
    expect(await saveLogin(login, { env: { REGISTRY_AUTH_FILE: named }, home })).toBe(real)
    expect((await lstat(named)).isSymbolicLink()).toBe(true)
    expect(Object.keys((await readConfig(real)) as object)).toEqual(['auths'])
    const other = join(home, 'new/other.json')
    expect(await saveLogin(login, { env: { REGISTRY_AUTH_FILE: named }, home, file: other })).toBe(other)
  })

  it('gives Docker Hub the key that docker gives it', async () => {
    await saveLogin({ ...login, host: 'docker.io' }, { env: {}, home })
    expect(await readConfig()).toMatchObject({ auths: { 'https://index.docker.io/v1/': {} } })
  })

  it('gives the secret to the helper that the file names, by standard input', async () => {
    await mkdir(join(home, '.docker'))
    await writeFile(config, '{"credsStore":"vault"}')
    const told: unknown[] = []
    const runHelper = async (suffix: string, action: string, input: string) => {
      told.push([suffix, action, input])
      return { code: 0, stdout: '' }
    }
    expect(await saveLogin(login, { env: {}, home, runHelper })).toContain('docker-credential-vault')
    const secret = JSON.stringify({ ServerURL: login.host, Username: 'bot', Secret: 'se:cret' })
    expect(told).toEqual([['vault', 'store', secret]])
    expect(await readConfig()).toEqual({ credsStore: 'vault', auths: { [login.host]: {} } })

    expect(await removeLogin(login.host, { env: {}, home, runHelper })).toBe(true)
    expect(told.at(-1)).toEqual(['vault', 'erase', login.host])
    expect(await readConfig()).toEqual({ credsStore: 'vault', auths: {} })
  })

  it('touches nothing when the helper fails or the file is broken', async () => {
    await mkdir(join(home, '.docker'))
    await writeFile(config, '{"credsStore":"vault"}')
    const runHelper = async () => ({ code: 1, stdout: 'no' })
    expect(await rejection(saveLogin(login, { env: {}, home, runHelper }))).toMatchObject({
      code: 'CREDENTIAL_HELPER_FAILED',
    })
    expect(await readConfig()).toEqual({ credsStore: 'vault' })
    await writeFile(config, '{"broken')
    const error = await rejection(saveLogin(login, { env: {}, home }))
    expect(error).toMatchObject({ code: 'CREDENTIAL_FILE_INVALID', side: 'usage' })
    expect(await readFile(config, 'utf8')).toBe('{"broken')
  })

  it('says when the file cannot be written', async () => {
    const file = join(home, 'file')
    await writeFile(file, 'x')
    await chmod(file, 0o600)
    const error = await rejection(saveLogin(login, { env: {}, home, file: join(file, 'config.json') }))
    expect(error).toMatchObject({ code: 'CREDENTIAL_FILE_INVALID' })
  })
})

describe('removeLogin', () => {
  it('forgets the host in all spellings and says whether it was known', async () => {
    await saveLogin(login, { env: {}, home })
    await saveLogin({ ...login, host: 'other.example' }, { env: {}, home })
    expect(await removeLogin(login.host, { env: {}, home })).toBe(true)
    expect(await removeLogin(login.host, { env: {}, home })).toBe(false)
    expect(Object.keys(((await readConfig()) as { auths: object }).auths)).toEqual(['other.example'])
  })
})

describe('verifyLogin', () => {
  const good = { username: 'bot', password: 'secret', origin: 'the command line' }
  const bad = { ...good, password: 'never-shown' }

  it.each([
    ['basic', { type: 'basic', username: 'bot', password: 'secret' }],
    ['token', { type: 'token', users: { bot: 'secret' } }],
  ] as const)('shows the credential to a registry with %s authentication', async (_type, auth) => {
    await using registry = await fakeRegistry({ auth })
    await using test = testHttp()
    expect(await verifyLogin(test.http, registry.host, good)).toBe('accepted')
    const error = await rejection(verifyLogin(test.http, registry.host, bad))
    expect(error).toMatchObject({ code: 'LOGIN_REFUSED', side: 'usage' })
    expect(JSON.stringify(error)).not.toContain('never-shown')
  })

  it('says when the registry asks for no login', async () => {
    await using registry = await fakeRegistry()
    await using test = testHttp()
    expect(await verifyLogin(test.http, registry.host, good)).toBe('not-asked')
  })

  it('says when there is no registry', async () => {
    await using server = await serve((_seen, response) => void response.writeHead(404).end('<html>'))
    await using test = testHttp()
    expect(await rejection(verifyLogin(test.http, server.host, good))).toMatchObject({ code: 'SOURCE_BAD_RESPONSE' })
    expect(server.seen[0]?.headers['authorization']).toBeUndefined()
  })
})
