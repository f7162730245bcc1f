import { X509Certificate, createPrivateKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { loadChart } from '../render/render.js'
import { bcryptHash } from './bcrypt.js'

async function rendered(template: string, seed?: string): Promise<string[]> {
  const chart = await loadChart([
    { path: 'Chart.yaml', bytes: Buffer.from('apiVersion: v2\nname: t\nversion: 0.1.0\n') },
    { path: 'templates/a.yaml', bytes: Buffer.from(template) },
  ])
  const text = chart.render({ seed }).text()
  const { list } = JSON.parse(text.replace(/^(?:---|#.*)\n/gm, '')) as { list: string[] }
  return list
}

const template =
  '{{ $ca := genCA "my-ca" 365 }}{{ $c := genSignedCert "host" (list "10.0.0.1" "fd00::1") (list "a.example" "b.example") 30 $ca }}' +
  '{{ dict "list" (list $ca.Cert $ca.Key $c.Cert $c.Key) | toJson }}'

describe('certificates of templates', () => {
  it('are real ones, signed by their authority', async () => {
    const [ca = '', caKey = '', cert = '', key = ''] = await rendered(template)
    const authority = new X509Certificate(ca)
    const certificate = new X509Certificate(cert)
    expect(authority.ca).toBe(true)
    expect(authority.verify(authority.publicKey)).toBe(true)
    expect(certificate.verify(authority.publicKey)).toBe(true)
    expect(certificate.checkIssued(authority)).toBe(true)
    expect(authority.checkPrivateKey(createPrivateKey(caKey))).toBe(true)
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true)
    expect(certificate.subjectAltName).toBe(
      'DNS:a.example, DNS:b.example, IP Address:10.0.0.1, IP Address:FD00:0:0:0:0:0:0:1',
    )
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])
  })
  it('are the same for one seed and differ for another', async () => {
    const first = await rendered(template, 'a')
    expect(await rendered(template, 'a')).toEqual(first)
    expect(await rendered(template, 'b')).not.toEqual(first)
    const [ca = '', caKey = ''] = first
    expect(new X509Certificate(ca).checkPrivateKey(createPrivateKey(caKey))).toBe(true)
  })
  it('have keys that do not depend on what else is random', async () => {
    const keys = '{{ dict "list" (list (genPrivateKey "rsa") (genPrivateKey "rsa")) | toJson }}'
    const [first, second] = await rendered(keys, 'k')
    expect(await rendered(`{{ $_ := randAlpha 3 }}${keys}`, 'k')).toEqual([first, second])
    expect(second).not.toBe(first)
    expect(createPrivateKey(first ?? '').asymmetricKeyDetails?.modulusLength).toBe(2048)
  })
  it('can be made with keys of every type', async () => {
    const types = ['ecdsa', 'ed25519']
    for (const type of types) {
      const [cert = ''] = await rendered(
        `{{ dict "list" (list (genCAWithKey "x" 1 (genPrivateKey "${type}")).Cert) | toJson }}`,
        's',
      )
      const certificate = new X509Certificate(cert)
      expect(certificate.verify(certificate.publicKey)).toBe(true)
    }
  })
})

describe('bcryptHash', () => {
  it('agrees with the vectors of the reference implementation', () => {
    const vectors = [
      ['', '$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.'],
      ['a', '$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe'],
      ['abc', '$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i'],
    ] as const
    const alphabet = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
    const standard = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    for (const [password, hash] of vectors) {
      const salt = Array.from(hash.slice(7, 29), (char) => standard.charAt(alphabet.indexOf(char))).join('')
      expect(bcryptHash(Buffer.from(password), Buffer.from(salt, 'base64'), 6)).toBe(hash)
    }
  })
})
