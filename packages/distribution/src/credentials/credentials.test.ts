import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { inspect } from 'node:util'
import { isRopewayError, type Credential, type Log } from '@ropeway/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { rejection } from '../../test/server.js'
import { createCredentials } from './credentials.js'
import { checkHostNames, credentialVariable } from './names.js'
import type { CredentialOptions, RunHelper } from './types.js'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ropeway-credentials-'))
})
afterEach(() => rm(home, { recursive: true }))

const basic = (username: string, password: string): string => Buffer.from(`${username}:${password}`).toString('base64')

async function file(path: string, content: unknown): Promise<string> {
  const whole = join(home, path)
  await mkdir(dirname(whole), { recursive: true })
  await writeFile(whole, typeof content === 'string' ? content : JSON.stringify(content))
  return whole
}

const dockerFile = (content: unknown): Promise<string> => file('.docker/config.json', content)

function credentials(options: Partial<CredentialOptions> = {}) {
  return createCredentials({ env: {}, home, ...options })
}

async function userFor(
  host: string,
  options: Partial<CredentialOptions> = {},
  repository?: string,
): Promise<string | undefined> {
  return (await credentials(options).get(host, 'source', repository))?.username
}

describe('the name of a host in the environment', () => {
  it('is in capitals, with its port, all but letters and digits as underscores', () => {
    expect(credentialVariable('registry.example:5000')).toBe('REGISTRY_EXAMPLE_5000')
    expect(credentialVariable('my-reg.Example')).toBe('MY_REG_EXAMPLE')
    expect(credentialVariable('[::1]:5000')).toBe('___1__5000')
    expect(credentialVariable('registry-1.docker.io')).toBe('DOCKER_IO')
  })

  it('must not be that of two configured hosts', () => {
    expect(() => checkHostNames(['a.example', 'A.example', 'b.example', 'docker.io', 'index.docker.io'])).not.toThrow()
    const error = (() => {
      try {
        credentials({ hosts: ['x.example', 'a-b.example', 'a.b.example'] })
      } catch (thrown) {
        return thrown
      }
      return undefined
    })()
    expect(error).toMatchObject({ code: 'CREDENTIAL_AMBIGUOUS', side: 'chain' })
    if (!isRopewayError(error)) throw error
    expect(error.message).toContain('a-b.example')
    expect(error.message).toContain('a.b.example')
  })
})

describe('the order of places', () => {
  const host = 'registry.example:5000'
  const own = {
    ROPEWAY_REGISTRY_REGISTRY_EXAMPLE_5000_USERNAME: 'own',
    ROPEWAY_REGISTRY_REGISTRY_EXAMPLE_5000_PASSWORD: 'x',
  }
  const general = { REGISTRY_USERNAME: 'general', REGISTRY_PASSWORD: 'x' }
  const hub = { DOCKERHUB_USERNAME: 'hub', DOCKERHUB_TOKEN: 'x' }

  it('is that of the documentation', async () => {
    const auths = (user: string) => ({ auths: { [host]: { auth: basic(user, 'x') } } })
    const env: Record<string, string> = {
      REGISTRY_AUTH_FILE: await file('auth-file.json', auths('auth-file')),
      DOCKER_AUTH_CONFIG: JSON.stringify(auths('document')),
      DOCKER_CONFIG: dirname(await file('docker/config.json', auths('docker'))),
      XDG_RUNTIME_DIR: join(home, 'run'),
      XDG_CONFIG_HOME: join(home, 'config'),
      ...own,
      ...general,
    }
    await file('run/containers/auth.json', auths('podman-run'))
    await file('config/containers/auth.json', auths('podman-config'))
    await file('config/helm/registry/config.json', auths('helm'))
    const provider = {
      name: 'cloud',
      hosts: ['*.example:5000'],
      get: async (): Promise<Credential> => ({ username: 'provider', password: 'x', origin: 'cloud' }),
    }
    const found: (string | undefined)[] = []
    const ask = async (providers = [provider]) => {
      found.push((await credentials({ env, providers }).get(host, 'sink'))?.username)
    }
    await ask()
    delete env['ROPEWAY_REGISTRY_REGISTRY_EXAMPLE_5000_USERNAME']
    delete env['ROPEWAY_REGISTRY_REGISTRY_EXAMPLE_5000_PASSWORD']
    await ask()
    delete env['REGISTRY_USERNAME']
    delete env['REGISTRY_PASSWORD']
    await ask()
    await ask([])
    delete env['REGISTRY_AUTH_FILE']
    await ask([])
    delete env['DOCKER_AUTH_CONFIG']
    await ask([])
    delete env['DOCKER_CONFIG']
    await ask([])
    delete env['XDG_RUNTIME_DIR']
    await ask([])
    await rm(join(home, 'config/containers'), { recursive: true })
    await ask([])
    await rm(join(home, 'config/helm'), { recursive: true })
    await ask([])
    expect(found).toEqual([
      'own',
      'general',
      'provider',
      'auth-file',
      'document',
      'docker',
      'podman-run',
      'podman-config',
      'helm',
      undefined,
    ])
  })

  it('has REGISTRY_USERNAME for the destination only, and DOCKERHUB_USERNAME for Docker Hub only', async () => {
    const all = credentials({ env: { ...general, ...hub } })
    expect((await all.get(host, 'sink'))?.username).toBe('general')
    expect(await all.get(host, 'source')).toBeUndefined()
    expect((await all.get('docker.io', 'source'))?.username).toBe('hub')
    expect((await all.get('registry-1.docker.io', 'source'))?.username).toBe('hub')
    expect((await all.get('docker.io', 'sink'))?.username).toBe('general')
  })

  it('may give source and sink on one host different credentials', async () => {
    await dockerFile({ auths: { [host]: { auth: basic('reader', 'x') } } })
    const both = credentials({ env: general })
    expect((await both.get(host, 'source'))?.username).toBe('reader')
    expect((await both.get(host, 'sink'))?.username).toBe('general')
  })

  it('does not take half a pair', async () => {
    const error = await rejection(credentials({ env: { REGISTRY_USERNAME: 'x' } }).get(host, 'sink'))
    expect(error).toMatchObject({
      code: 'CREDENTIAL_INCOMPLETE',
      message: 'REGISTRY_USERNAME is set, but REGISTRY_PASSWORD is not',
    })
    const other = await rejection(credentials({ env: { DOCKERHUB_TOKEN: 'secret-token' } }).get('docker.io', 'source'))
    expect(other).toMatchObject({ code: 'CREDENTIAL_INCOMPLETE', side: 'source' })
    expect(JSON.stringify(other)).not.toContain('secret-token')
  })

  it('asks a provider only for hosts of its patterns, and again when its credential expired', async () => {
    let now = 1000
    const asked: string[] = []
    const provider = {
      name: 'cloud',
      hosts: ['*.dkr.ecr.*.amazonaws.com'],
      get: async (name: string): Promise<Credential> => {
        asked.push(name)
        return { username: `u${asked.length}`, password: 'x', origin: 'cloud', expires: now + 100 }
      },
    }
    const found = credentials({ providers: [provider], clock: { now: () => now } })
    const ecr = '123456789012.dkr.ecr.eu-central-1.amazonaws.com'
    expect(await found.get('dkr.ecr.example', 'source')).toBeUndefined()
    expect((await found.get(ecr, 'source'))?.username).toBe('u1')
    expect((await found.get(ecr, 'source'))?.username).toBe('u1')
    now += 100
    expect((await found.get(ecr, 'source'))?.username).toBe('u2')
    expect(asked).toEqual([ecr, ecr])
  })
})

describe('a credential file', () => {
  it('holds user and password in three ways, tokens, and old keys', async () => {
    await dockerFile({
      auths: {
        'plain.example': { username: 'plain', password: 'p:w' },
        'auth.example': { auth: basic('auth', 'p:w\0\0') },
        'https://old.example/v1/': { auth: basic('old', 'x') },
        'https://index.docker.io/v1/': { auth: basic('hub', 'x') },
        'identity.example': { auth: basic('00000000-0000', ''), identitytoken: 'refresh' },
        'registry.example': { registrytoken: 'bearer' },
        'empty.example': {},
        'Upper.example:5000': { auth: basic('upper', 'x') },
      },
    })
    const all = credentials()
    expect(await all.get('plain.example', 'source')).toMatchObject({ username: 'plain', password: 'p:w' })
    expect(await all.get('auth.example', 'source')).toMatchObject({ username: 'auth', password: 'p:w' })
    expect(await all.get('old.example', 'source')).toMatchObject({ username: 'old' })
    expect(await all.get('docker.io', 'source')).toMatchObject({ username: 'hub' })
    expect(await all.get('identity.example', 'source')).toMatchObject({ identityToken: 'refresh' })
    expect(await all.get('registry.example', 'source')).toMatchObject({ registryToken: 'bearer' })
    expect(await all.get('empty.example', 'source')).toBeUndefined()
    expect(await all.get('upper.example:5000', 'source')).toMatchObject({ username: 'upper' })
    expect(await all.get('other.example', 'source')).toBeUndefined()
    expect(await all.get('plain.example:5000', 'source')).toBeUndefined()
  })

  it('may hold credentials for a part of a host, of which the longest counts', async () => {
    await file('.config/containers/auth.json', {
      auths: {
        'quay.io': { auth: basic('host', 'x') },
        'quay.io/team': { auth: basic('team', 'x') },
        'quay.io/team/app': { auth: basic('app', 'x') },
      },
    })
    expect(await userFor('quay.io', {}, 'team/app')).toBe('app')
    expect(await userFor('quay.io', {}, 'team/app/sub')).toBe('app')
    expect(await userFor('quay.io', {}, 'team/other')).toBe('team')
    expect(await userFor('quay.io', {}, 'teammate/app')).toBe('host')
    expect(await userFor('quay.io')).toBe('host')
  })

  it.each([
    ['is not JSON', '{"auths": {"a.example": {"auth": "c2VjcmV0'],
    ['has another shape', '{"auths": []}'],
    ['holds an entry of another shape', '{"auths": {"a.example": {"auth": 7}}}'],
    [
      'holds an auth without a colon',
      `{"auths": {"a.example": {"auth": "${Buffer.from('secret').toString('base64')}"}}}`,
    ],
  ])('that %s is an error that names it and shows no secret', async (_what, content) => {
    await dockerFile(content)
    const error = await rejection(credentials().get('a.example', 'source'))
    expect(error).toMatchObject({ code: 'CREDENTIAL_FILE_INVALID', about: '~/.docker/config.json', side: 'source' })
    expect(inspect(error)).not.toMatch(/c2VjcmV0|secret/)
  })

  it('that is empty or not there holds nothing', async () => {
    await dockerFile('')
    expect(await userFor('a.example', { env: { REGISTRY_AUTH_FILE: join(home, 'absent.json') } })).toBeUndefined()
  })
})

describe('a credential helper', () => {
  const answers: Record<string, { code: number; stdout: string }> = {
    'for-host ghcr.io': { code: 0, stdout: '{"ServerURL":"ghcr.io","Username":"helped","Secret":"s"}' },
    'for-all other.example': { code: 0, stdout: '{"Username":"<token>","Secret":"refresh"}' },
    'for-all https://index.docker.io/v1/': { code: 0, stdout: '{"Username":"hub","Secret":"s"}' },
    'for-all nothing.example': { code: 1, stdout: 'credentials not found in native keychain\n' },
    'for-all locked.example': { code: 1, stdout: 'the keychain is locked' },
    'for-all broken.example': { code: 0, stdout: 'hello' },
  }
  const runHelper: RunHelper = async (suffix, action, input) => {
    expect(action).toBe('get')
    const answer = answers[`${suffix} ${input}`]
    if (answer === undefined) throw Object.assign(new TypeError('spawn'), { code: 'ENOENT' })
    return answer
  }

  beforeEach(async () => {
    await dockerFile({
      credHelpers: { 'ghcr.io': 'for-host' },
      credsStore: 'for-all',
      auths: { 'ghcr.io': { auth: basic('in-file', 'x') }, 'nothing.example': { auth: basic('in-file', 'x') } },
    })
  })

  it('of the host comes before the one for all, and both before the file', async () => {
    expect(await userFor('ghcr.io', { runHelper })).toBe('helped')
    expect(await credentials({ runHelper }).get('other.example', 'source')).toMatchObject({ identityToken: 'refresh' })
    expect(await userFor('docker.io', { runHelper })).toBe('hub')
    expect(await userFor('nothing.example', { runHelper })).toBe('in-file')
  })

  it('that fails is an error, one that is not installed a warning', async () => {
    for (const host of ['locked.example', 'broken.example']) {
      const error = await rejection(credentials({ runHelper }).get(host, 'source'))
      expect(error).toMatchObject({ code: 'CREDENTIAL_HELPER_FAILED', about: host })
    }
    const warnings: Parameters<Log['warn']>[0][] = []
    const log = { warn: (warning: Parameters<Log['warn']>[0]) => void warnings.push(warning) }
    expect(await userFor('absent.example', { runHelper, log })).toBeUndefined()
    expect(warnings).toMatchObject([{ code: 'CREDENTIAL_HELPER_ABSENT' }])
  })

  it('must have a plain name', async () => {
    await dockerFile({ credsStore: '../../bin/evil' })
    const error = await rejection(credentials({ runHelper }).get('a.example', 'source'))
    expect(error).toMatchObject({ code: 'CREDENTIAL_HELPER_FAILED' })
  })

  it('is run from the PATH, and hears the host on its standard input', async () => {
    const program = await file(
      'bin/docker-credential-script',
      '#!/bin/sh\nread server\necho "{\\"Username\\":\\"$1 $server\\",\\"Secret\\":\\"s\\"}"\n',
    )
    await chmod(program, 0o755)
    await dockerFile({ credsStore: 'script' })
    const env = { PATH: `${join(home, 'bin')}:/usr/bin:/bin` }
    expect(await userFor('a.example', { env })).toBe('get a.example')
    expect(await userFor('a.example', { env: { PATH: '/nowhere' } })).toBeUndefined()
  })
})

describe('what was tried', () => {
  it('names place and user, or all places where nothing was', async () => {
    await dockerFile({ auths: { 'a.example': { auth: basic('ci-bot', 'secret') } } })
    const all = credentials()
    const found = await all.get('a.example', 'source')
    expect(all.tried('a.example', 'source')).toEqual(['~/.docker/config.json (user ci-bot)'])
    expect([`${found as unknown as string}`, JSON.stringify(found), inspect(found)].join(' ')).not.toContain('secret')
    await all.get('b.example', 'source')
    const [first, second] = all.tried('b.example', 'source')
    expect(first).toBe('anonymous')
    expect(second).toContain('ROPEWAY_REGISTRY_B_EXAMPLE_USERNAME')
    expect(second).toContain('~/.docker/config.json')
    expect(all.tried('c.example', 'source')).toEqual([])
  })
})
