import { X509Certificate, createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import {
  FunctionError,
  contextFunc,
  fromBytes,
  func,
  makeStruct,
  structType,
  textOf,
  types,
  type CallContext,
  type GoFunction,
  type GoObject,
  type GoSlice,
  type Value,
} from '@ropeway/gotemplate'
import {
  bits,
  identifier,
  integer,
  nothing,
  octets,
  pem,
  sequence,
  set,
  tagged,
  text as derText,
  time,
  truth,
} from './der.js'
import { decodeBase64 } from './encoding.js'
import type { Entropy } from './entropy.js'
import { privateKey, rsaKey } from './keys.js'
import { entropyOf } from './random.js'

const certificateType = structType('sprig.certificate', [
  { name: 'Cert', type: types.string },
  { name: 'Key', type: types.string },
])
const known = { types: { 'sprig.certificate': certificateType }, result: certificateType } as const

interface Request {
  readonly name: string
  readonly ips: readonly string[]
  readonly dns: readonly string[]
  readonly days: bigint
  readonly authority: boolean
}

interface Issuer {
  /** DER of its name. */
  readonly subject: Uint8Array
  readonly key: KeyObject
  readonly keyId: Uint8Array | undefined
}

const day = 86_400_000

function commonName(name: string): Uint8Array {
  return sequence(set(sequence(identifier('2.5.4.3'), derText(name))))
}

function signatureAlgorithm(key: KeyObject): Uint8Array {
  if (key.asymmetricKeyType === 'rsa') return sequence(identifier('1.2.840.113549.1.1.11'), nothing)
  return sequence(identifier(key.asymmetricKeyType === 'ec' ? '1.2.840.10045.4.3.2' : '1.3.101.112'))
}

function extension(id: string, content: Uint8Array, critical = false): Uint8Array {
  return sequence(identifier(id), ...(critical ? [truth] : []), octets(content))
}

function ipBytes(ip: string): Uint8Array {
  if (isIP(ip) === 4) return Buffer.from(ip.split('.').map(Number))
  const [head = '', tail] = ip.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, dottedAsHex).split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const middle = tail === undefined ? [] : new Array<string>(8 - left.length - right.length).fill('0')
  return Buffer.from([...left, ...middle, ...right].map((group) => group.padStart(4, '0')).join(''), 'hex')
}

function dottedAsHex(_: string, ...parts: string[]): string {
  const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number)
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}

function extensions(request: Request, keyId: Uint8Array, issuer: Issuer | undefined): Uint8Array {
  const { authority, ips, dns } = request
  const names = [...dns.map((name) => tagged(0x82, Buffer.from(name))), ...ips.map((ip) => tagged(0x87, ipBytes(ip)))]
  return tagged(
    0xa3,
    sequence(
      extension('2.5.29.15', authority ? bits(Buffer.of(0xa4), 2) : bits(Buffer.of(0xa0), 5), true),
      extension('2.5.29.37', sequence(identifier('1.3.6.1.5.5.7.3.1'), identifier('1.3.6.1.5.5.7.3.2'))),
      extension('2.5.29.19', authority ? sequence(truth) : sequence(), true),
      ...(authority ? [extension('2.5.29.14', octets(keyId))] : []),
      ...(issuer?.keyId === undefined ? [] : [extension('2.5.29.35', sequence(tagged(0x80, issuer.keyId)))]),
      ...(names.length === 0 ? [] : [extension('2.5.29.17', sequence(...names))]),
    ),
  )
}

/** What identifies a public key: the start of the SHA-256 of its bits. */
function keyIdOf(key: KeyObject): Uint8Array {
  const info = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const { headerLength } = derHeader(info, 0)
  const algorithm = derHeader(info, headerLength)
  const at = headerLength + algorithm.headerLength + algorithm.length
  const bitString = derHeader(info, at)
  return createHash('sha256')
    .update(info.subarray(at + bitString.headerLength + 1))
    .digest()
    .subarray(0, 20)
}

function derHeader(bytes: Uint8Array, at: number): { headerLength: number; length: number } {
  const first = bytes[at + 1] ?? 0
  if (first < 0x80) return { headerLength: 2, length: first }
  let length = 0
  for (let part = 0; part < (first & 0x7f); part++) length = length * 256 + (bytes[at + 2 + part] ?? 0)
  return { headerLength: 2 + (first & 0x7f), length }
}

function certify(entropy: Entropy, request: Request, keyPem: string, issuer?: Issuer): GoObject {
  const key = createPrivateKey(keyPem)
  const subject = commonName(request.name)
  const signer = issuer?.key ?? key
  const now = Math.floor(entropy.now() / 1000) * 1000
  const serial = BigInt(`0x${Buffer.from(entropy.bytes(16)).toString('hex')}`)
  const body = sequence(
    tagged(0xa0, integer(2n)),
    integer(serial),
    signatureAlgorithm(signer),
    issuer?.subject ?? subject,
    sequence(time(now), time(now + Number(request.days) * day)),
    subject,
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    extensions(request, keyIdOf(key), issuer),
  )
  const signature = sign(signer.asymmetricKeyType === 'ed25519' ? null : 'sha256', body, signer)
  const certificate = sequence(body, signatureAlgorithm(signer), bits(signature))
  return makeStruct(certificateType, { Cert: pem('CERTIFICATE', certificate), Key: keyPem })
}

function issuerOf(authority: GoObject): Issuer {
  const certificate = parsed(() => new X509Certificate(fieldOf(authority, 'Cert')), 'unable to decode certificate')
  const key = parsed(() => createPrivateKey(fieldOf(authority, 'Key')), 'unable to parse private key')
  return { subject: subjectOf(certificate.raw), key, keyId: certificate.ca ? keyIdOf(key) : undefined }
}

function fieldOf(object: GoObject, name: string): string {
  const value = object.fields.get(name)
  return typeof value === 'string' ? value : ''
}

function parsed<T>(read: () => T, problem: string): T {
  try {
    return read()
  } catch (error) {
    throw new FunctionError(problem, { cause: error })
  }
}

/** The DER of the subject of a certificate: the sixth field, after the version. */
function subjectOf(certificate: Uint8Array): Uint8Array {
  let at = derHeader(certificate, 0).headerLength
  at += derHeader(certificate, at).headerLength
  const skip = (): void => {
    const { headerLength, length } = derHeader(certificate, at)
    at += headerLength + length
  }
  const fields = certificate[at] === 0xa0 ? 5 : 4
  for (let field = 0; field < fields; field++) skip()
  const start = at
  skip()
  return certificate.subarray(start, at)
}

function texts(list: GoSlice, problem: string): string[] {
  return list.items.map((item) => {
    if (typeof item !== 'string') throw new FunctionError(`${problem}: ${textOf(item)} is not a string`)
    return item
  })
}

function requestFor(name: string, ips: GoSlice, dns: GoSlice, days: bigint): Request {
  const addresses = texts(ips, 'error parsing ip')
  const bad = addresses.find((ip) => isIP(ip) === 0)
  if (bad !== undefined) throw new FunctionError(`error parsing ip: ${bad}`)
  return { name, ips: addresses, dns: texts(dns, 'error processing alternate dns name'), days, authority: false }
}

const authority = (name: string, days: bigint): Request => ({ name, ips: [], dns: [], days, authority: true })

function usable(keyPem: string): string {
  parsed(() => createPrivateKey(keyPem), 'error parsing private key')
  return keyPem
}

/** Steps of making a key: enough for the limits to be looked at. */
const keyEffort = 1000

function spending(context: CallContext): Entropy {
  context.spend(keyEffort)
  return entropyOf(context)
}

const newKey = (context: CallContext): string => rsaKey(spending(context), 2048)

function customCertificate(certificate: string, key: string): Value {
  const decode = (value: string, what: string): string => {
    try {
      return fromBytes(decodeBase64(value))
    } catch (error) {
      throw new FunctionError(`unable to decode base64 ${what}`, { cause: error })
    }
  }
  const [cert, keyText] = [decode(certificate, 'certificate'), decode(key, 'private key')]
  parsed(() => new X509Certificate(cert), 'unable to decode certificate')
  parsed(() => createPrivateKey(keyText), 'unable to decode key')
  return makeStruct(certificateType, { Cert: cert, Key: keyText })
}

/** sprig's functions for keys and certificates. */
export const certificateFunctions: Readonly<Record<string, GoFunction>> = {
  genPrivateKey: contextFunc('string', (context, type) => privateKey(spending(context), type), { result: 'string' }),
  genCA: contextFunc('string, int', (c, name, days) => certify(entropyOf(c), authority(name, days), newKey(c)), known),
  genCAWithKey: contextFunc(
    'string, int, string',
    (c, name, days, key) => certify(entropyOf(c), authority(name, days), usable(key)),
    known,
  ),
  genSelfSignedCert: contextFunc(
    'string, []any, []any, int',
    (c, name, ips, dns, days) => certify(entropyOf(c), requestFor(name, ips, dns, days), newKey(c)),
    known,
  ),
  genSelfSignedCertWithKey: contextFunc(
    'string, []any, []any, int, string',
    (c, name, ips, dns, days, key) => certify(entropyOf(c), requestFor(name, ips, dns, days), usable(key)),
    known,
  ),
  genSignedCert: contextFunc(
    'string, []any, []any, int, sprig.certificate',
    (c, name, ips, dns, days, ca) =>
      certify(entropyOf(c), requestFor(name, ips, dns, days), newKey(c), issuerOf(ca as GoObject)),
    known,
  ),
  genSignedCertWithKey: contextFunc(
    'string, []any, []any, int, sprig.certificate, string',
    (c, name, ips, dns, days, ca, key) =>
      certify(entropyOf(c), requestFor(name, ips, dns, days), usable(key), issuerOf(ca as GoObject)),
    known,
  ),
  buildCustomCert: func('string, string', customCertificate, known),
}
