import { describe, expect, it } from 'vitest'
import { apiHost, hasPort, hostKey, hostnameOf, isDockerHub, isLoopback, isReserved, refusal } from './hosts.js'

describe('hosts', () => {
  it('of Docker Hub are one, with another host for the API', () => {
    for (const host of ['docker.io', 'index.docker.io', 'registry-1.docker.io', 'Docker.IO']) {
      expect([hostKey(host), apiHost(host), isDockerHub(host)]).toEqual(['docker.io', 'registry-1.docker.io', true])
    }
    expect([apiHost('Ghcr.io'), isDockerHub('ghcr.io')]).toEqual(['ghcr.io', false])
  })

  it('are split from their port', () => {
    expect(hostnameOf('a.example:5000')).toBe('a.example')
    expect(hostnameOf('[::1]:5000')).toBe('::1')
    expect([hasPort('a.example:5000'), hasPort('a.example'), hasPort('[::1]'), hasPort('[::1]:80')]).toEqual([
      true,
      false,
      false,
      true,
    ])
  })

  it('are loopback or reserved by their address', () => {
    for (const host of ['localhost', 'LOCALHOST:5000', '127.0.0.1', '127.9.9.9:80', '[::1]:5000'])
      expect(isLoopback(host)).toBe(true)
    for (const host of ['localhost.example', '128.0.0.1', '10.0.0.1', '[::2]']) expect(isLoopback(host)).toBe(false)
    for (const host of [
      '169.254.169.254',
      '[::ffff:169.254.169.254]',
      '[fe80::1]:80',
      'metadata.google.internal.',
      '0.0.0.0',
    ]) {
      expect(isReserved(host)).toBe(true)
    }
    for (const host of ['10.0.0.1', '192.168.1.1', 'a.example', '[fd00::1]']) expect(isReserved(host)).toBe(false)
  })
})

describe('refusal', () => {
  const from = new URL('https://registry.example/v2/')
  it.each([
    'http://registry.example/',
    'https://127.0.0.1/',
    'https://localhost:8443/',
    'https://x.localhost/',
    'https://[::1]/',
    'https://0x7f.1/',
    'https://2852039166/latest/meta-data',
    'https://[::ffff:a9fe:a9fe]/',
    'ftp://registry.example/',
  ])('of %s', (to) => {
    expect(refusal(from, new URL(to))).toBeTypeOf('string')
  })

  it.each([
    'https://cdn.example/x',
    'https://10.0.0.1/x',
    'https://registry.example:8443/',
    'https://registry.example/other',
  ])('is not for %s', (to) => {
    expect(refusal(from, new URL(to))).toBeUndefined()
  })

  it('is not for loopback when the registry itself is there', () => {
    expect(refusal(new URL('http://127.0.0.1:5000/'), new URL('http://localhost:9000/'))).toBeUndefined()
    expect(refusal(new URL('https://127.0.0.1:5000/'), new URL('http://localhost:9000/token'))).toBeUndefined()
  })
})
