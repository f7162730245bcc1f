import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineCredentials, type Event } from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import { adapterTable } from '../adapters/table.js'
import { createNetwork, httpSettings, type NetworkOptions } from './network.js'
import { createRuntime } from './runtime.js'

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined }

function network(env: NetworkOptions['env'] = {}, adapters: Parameters<typeof adapterTable>[0] = []) {
  const events: Event[] = []
  return createNetwork({
    adapters: adapterTable(adapters),
    env,
    home: '',
    log,
    signal: new AbortController().signal,
    clock: { now: () => 0 },
    concurrency: 1,
    onEvent: (event) => events.push(event),
  })
}

const folders = { name: 'runs', version: '1', directory: '/', insecure: [], caFiles: [] }

describe('certificates', () => {
  it('are read from the files that are given and the one that the environment names', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ca-'))
    for (const name of ['own', 'first', 'second']) await writeFile(join(directory, name), `PEM of ${name}`)
    const at = (name: string) => join(directory, name)
    const env = { ROPEWAY_CA_FILE: at('first'), SSL_CERT_FILE: at('second') }
    expect(httpSettings({ caFiles: [at('own')], env }).ca).toEqual(['PEM of own', 'PEM of first'])
    expect(httpSettings({ env: { SSL_CERT_FILE: at('second') } }).ca).toEqual(['PEM of second'])
    expect(httpSettings({ env: { ROPEWAY_CA_FILE: '' } }).ca).toEqual([])
  })
  it('that cannot be read are an error with the file’s name and a hint', () => {
    expect(() => httpSettings({ caFiles: ['/nowhere/ca.pem'] })).toThrow(
      expect.objectContaining({ code: 'CA_FILE_INVALID', about: '/nowhere/ca.pem', exitCode: 2 }),
    )
  })
})

describe('proxies', () => {
  it('are taken from lower-case variables first', () => {
    const env = {
      http_proxy: 'http://a.test',
      HTTP_PROXY: 'http://b.test',
      ALL_PROXY: 'http://c.test',
      NO_PROXY: 'd.test',
    }
    expect(httpSettings({ env })).toMatchObject({
      httpProxy: 'http://a.test',
      httpsProxy: 'http://c.test',
      noProxy: 'd.test',
    })
  })
})

describe('two hosts whose credentials have one name', () => {
  const env = { ROPEWAY_REGISTRY_A_B_TEST_USERNAME: 'me', ROPEWAY_REGISTRY_A_B_TEST_PASSWORD: 'secret' }

  it('are refused, however often they are asked for, when the variable is set', async () => {
    const { registry, credential, close } = network(env)
    registry('a.b.test', 'source')
    for (let again = 0; again < 2; again++) {
      expect(() => registry('a-b.test', 'sink')).toThrow(/a[.-]b\.test.*a[.-]b\.test/)
      await expect(async () => credential('a-b.test', 'sink')).rejects.toThrow(/a[.-]b\.test/)
    }
    expect(() => registry('a.b.test', 'sink')).not.toThrow()
    await close()
  })
  it('are refused before either gets the password, when the chain names both', () => {
    const runtime = createRuntime({ adapters: adapterTable([]), env })
    const chain = { ...folders, hosts: ['a.b.test', 'x.test', 'a-b.test'] }
    expect(() => runtime.context(chain)).toThrow(expect.objectContaining({ code: 'CREDENTIAL_AMBIGUOUS' }))
    expect(() => runtime.context({ ...chain, hosts: ['a.b.test', 'x.y.test', 'x-y.test'] })).not.toThrow()
  })
  it('are no harm when it is not', async () => {
    const { registry, close } = network()
    registry('a.b.test', 'source')
    expect(() => registry('a-b.test', 'source')).not.toThrow()
    await close()
  })
})

describe('a credential provider', () => {
  it('that throws is named', async () => {
    const tokens = defineCredentials({
      name: 'tokens',
      summary: 'tokens',
      get: () => Promise.reject(new TypeError('no clock')),
    })
    const { credential, close } = network({}, [{ ...tokens, hosts: ['*.test'] }])
    await expect(credential('a.test', 'source')).rejects.toMatchObject({
      message: expect.stringMatching(/credentials "tokens" failed.*no clock/),
    })
    await close()
  })
})

describe('a runtime', () => {
  it('has one client for all adapters of a chain', async () => {
    const runtime = createRuntime({ adapters: adapterTable([]) })
    const first = runtime.context(folders)
    const second = runtime.context(folders, '/elsewhere')
    expect(second.http).toBe(first.http)
    expect(second.cache).toBe(first.cache)
    expect(second.resolvePath('x')).toBe('/elsewhere/x')
    expect(runtime.context({ ...folders, insecure: ['a.test'] }).http).not.toBe(first.http)
    await runtime.close()
  })
  it('tells each warning once', () => {
    const runtime = createRuntime({ adapters: adapterTable([]) })
    const { log: own } = runtime.context(folders)
    own.warn({ code: 'A', message: 'a' })
    own.warn({ code: 'A', message: 'a' })
    own.warn({ code: 'A', message: 'a', about: 'b' })
    expect(runtime.warnings()).toHaveLength(2)
  })
})
