import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { isIPv4, isIPv6 } from 'node:net'

export interface CertificateOptions {
  /** DNS names and IP addresses that the certificate is for. The default is localhost, 127.0.0.1 and ::1. */
  readonly hosts?: readonly string[] | undefined
  /** An expired certificate, to be refused. */
  readonly expired?: boolean | undefined
}

/** PEM of a certificate authority, and of a server certificate that it signed, with its key. */
export interface Certificates {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** Tag, length and value of X.690 (DER). */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const value = Buffer.concat(parts)
  const length: number[] = []
  for (let rest = value.length; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256)
  const header = value.length < 128 ? [value.length] : [0x80 | length.length, ...length]
  return Buffer.concat([Uint8Array.of(tag, ...header), value])
}

const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts)
const set = (...parts: readonly Uint8Array[]) => der(0x31, ...parts)
const octets = (bytes: Uint8Array) => der(0x04, bytes)
const bits = (bytes: Uint8Array) => der(0x03, Uint8Array.of(0), bytes)
const utf8 = (text: string) => der(0x0c, Buffer.from(text))
const utcTime = (text: string) => der(0x17, Buffer.from(text))
const isTrue = der(0x01, Uint8Array.of(0xff))

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const arc of rest) {
    const groups = [arc & 0x7f]
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80)
    bytes.push(...groups)
  }
  return der(0x06, Uint8Array.from(bytes))
}

const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'))
const commonName = (name: string) => sequence(set(sequence(oid('2.5.4.3'), utf8(name))))

function extension(id: string, value: Uint8Array, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [isTrue] : []), octets(value))
}

function ipBytes(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split('.').map(Number))
  const [head = '', tail = ''] = address.split('::')
  const groups = (text: string) => text.split(':').filter(Boolean)
  const missing = 8 - groups(head).length - groups(tail).length
  const all = [...groups(head), ...Array.from({ length: missing }, () => '0'), ...groups(tail)]
  return Uint8Array.from(all.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff]))
}

/** GeneralName of RFC 5280 §4.2.1.6: [7] address or [2] DNS name. */
function alternativeName(host: string): Buffer {
  return isIPv4(host) || isIPv6(host) ? der(0x87, ipBytes(host)) : der(0x82, Buffer.from(host))
}

function keyId(publicKey: KeyObject): Buffer {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest()
}

interface Template {
  readonly serial: number
  readonly issuer: string
  readonly subject: string
  readonly notAfter: string
  readonly publicKey: KeyObject
  readonly signer: KeyObject
  readonly extensions: readonly Uint8Array[]
}

function pem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** A signed certificate (RFC 5280 §4.1). */
function certificate(template: Template): string {
  const body = sequence(
    der(0xa0, der(0x02, Uint8Array.of(2))),
    der(0x02, Uint8Array.of(template.serial)),
    ecdsaWithSha256,
    commonName(template.issuer),
    sequence(utcTime('200101000000Z'), utcTime(template.notAfter)),
    commonName(template.subject),
    template.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...template.extensions)),
  )
  return pem('CERTIFICATE', sequence(body, ecdsaWithSha256, bits(sign('sha256', body, template.signer))))
}

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** Makes a certificate authority of its own and a server certificate, valid until 2049. The keys differ with each call. */
export function makeCertificates(options: CertificateOptions = {}): Certificates {
  const { hosts = ['localhost', '127.0.0.1', '::1'], expired = false } = options
  const authority = newKey()
  const server = newKey()
  const issuer = 'Ropeway test authority'
  const authorityKeyId = extension('2.5.29.35', sequence(der(0x80, keyId(authority.publicKey))))
  const ca = certificate({
    serial: 1,
    issuer,
    subject: issuer,
    notAfter: '491231235959Z',
    publicKey: authority.publicKey,
    signer: authority.privateKey,
    extensions: [
      extension('2.5.29.19', sequence(isTrue), true),
      extension('2.5.29.15', der(0x03, Uint8Array.of(1, 0x06)), true),
      extension('2.5.29.14', octets(keyId(authority.publicKey))),
    ],
  })
  const cert = certificate({
    serial: 2,
    issuer,
    subject: hosts[0] ?? 'localhost',
    notAfter: expired ? '200102000000Z' : '491231235959Z',
    publicKey: server.publicKey,
    signer: authority.privateKey,
    extensions: [
      extension('2.5.29.19', sequence(), true),
      extension('2.5.29.15', der(0x03, Uint8Array.of(7, 0x80)), true),
      extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'))),
      extension('2.5.29.17', sequence(...hosts.map(alternativeName))),
      extension('2.5.29.14', octets(keyId(server.publicKey))),
      authorityKeyId,
    ],
  })
  return { ca, cert, key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}
