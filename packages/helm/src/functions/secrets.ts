import { createCipheriv, createDecipheriv, createHmac, scryptSync } from 'node:crypto'
import {
  GoNumber,
  contextFunc,
  fromBytes,
  func,
  toBytes,
  type CallContext,
  type GoFunction,
  type Value,
} from '@ropeway/gotemplate'
import { bcryptHash } from './bcrypt.js'
import { decodeBase64 } from './encoding.js'
import { entropyOf } from './random.js'

const longestPassword = 72

/** Hashes of passwords are slow on purpose; a seed asks for the same ones again. */
const hashes = new Map<string, string>()
const hashLimit = 500

function bcrypt(context: CallContext, password: string): string {
  // slow on purpose
  context.spend(1000)
  const bytes = toBytes(password)
  if (bytes.length > longestPassword) {
    return 'failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes'
  }
  const salt = entropyOf(context).bytes(16)
  const key = `${Buffer.from(salt).toString('hex')} ${password}`
  let hash = hashes.get(key)
  if (hash === undefined) {
    hash = bcryptHash(bytes, salt)
    if (hashes.size >= hashLimit) hashes.clear()
    hashes.set(key, hash)
  }
  return hash
}

function htpasswd(context: CallContext, user: string, password: string): string {
  return user.includes(':') ? `invalid username: ${user}` : `${user}:${bcrypt(context, password)}`
}

function aesKey(password: string): Uint8Array {
  const key = Buffer.alloc(32)
  key.set(toBytes(password).subarray(0, 32))
  return key
}

function encryptAes(context: CallContext, password: string, plain: string): string {
  if (plain === '') return ''
  const start = entropyOf(context).bytes(16)
  const cipher = createCipheriv('aes-256-cbc', aesKey(password), start)
  return Buffer.concat([start, cipher.update(toBytes(plain)), cipher.final()]).toString('base64')
}

function decryptAes(password: string, encrypted: string): string {
  if (encrypted === '') return ''
  const bytes = decodeBase64(encrypted)
  const decipher = createDecipheriv('aes-256-cbc', aesKey(password), bytes.subarray(0, 16)).setAutoPadding(false)
  const padded = Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()])
  return fromBytes(padded.subarray(0, padded.length - (padded.at(-1) ?? 0)))
}

const long =
  'CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv CvcvCvccnoCvcv ' +
  'CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv CvccCvccCvcvno CvcvnoCvccCvcc ' +
  'CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno'
const templates: Readonly<Record<string, readonly string[]>> = {
  maximum: ['anoxxxxxxxxxxxxxxxxx', 'axxxxxxxxxxxxxxxxxno'],
  long: long.split(' '),
  medium: ['CvcnoCvc', 'CvcCvcno'],
  short: ['Cvcn'],
  basic: ['aaanaaan', 'aannaaan', 'aaannaaa'],
  pin: ['nnnn'],
}
const characters: Readonly<Record<string, string>> = {
  V: 'AEIOU',
  C: 'BCDFGHJKLMNPQRSTVWXYZ',
  v: 'aeiou',
  c: 'bcdfghjklmnpqrstvwxyz',
  A: 'AEIOUBCDFGHJKLMNPQRSTVWXYZ',
  a: 'AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz',
  n: '0123456789',
  o: "@&%?,=[]_:-+*$#!'^~;()/.",
  x: 'AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()',
}
const namespace = 'com.lyndir.masterpassword'

function sized(text: string): Uint8Array {
  const bytes = toBytes(text)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function derivePassword(counter: Value, type: string, password: string, user: string, site: string): string {
  const forms = Object.hasOwn(templates, type) ? templates[type] : undefined
  if (forms === undefined) return `cannot find password template ${type}`
  const salt = Buffer.concat([Buffer.from(namespace), sized(user)])
  const cost = { N: 32768, r: 8, p: 2, maxmem: 128 * 1024 * 1024 }
  const key = scryptSync(toBytes(password), salt, 64, cost)
  const count = Buffer.alloc(4)
  count.writeUInt32BE(counter instanceof GoNumber ? Number(counter.value) : 0)
  const seed = createHmac('sha256', key)
    .update(Buffer.concat([Buffer.from(namespace), sized(site), count]))
    .digest()
  const form = forms[(seed[0] ?? 0) % forms.length] ?? ''
  return Array.from(form, (kind, at) => {
    const set = characters[kind] ?? ''
    return set.charAt((seed[at + 1] ?? 0) % set.length)
  }).join('')
}

const text = { result: 'string' } as const

/** sprig's functions for passwords and encryption. */
export const secretFunctions: Readonly<Record<string, GoFunction>> = {
  bcrypt: contextFunc('string', bcrypt, text),
  htpasswd: contextFunc('string, string', htpasswd, text),
  derivePassword: func('uint32, string, string, string, string', derivePassword, text),
  encryptAES: contextFunc('string, string', encryptAes, text),
  decryptAES: func('string, string', decryptAes, text),
}
