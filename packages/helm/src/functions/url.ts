import {
  FunctionError,
  fromBytes,
  func,
  makeMap,
  quote,
  toBytes,
  typeName,
  type GoFunction,
  type GoMap,
  type Value,
} from '@ropeway/gotemplate'

/** A URL as Go reads it. */
export interface UrlParts {
  scheme: string
  userinfo: string
  host: string
  path: string
  query: string
  opaque: string
  fragment: string
}

function fail(text: string, problem: string): Error {
  return new FunctionError(`parse ${quote(text)}: ${problem}`)
}

function unescape(text: string, whole: string): string {
  const bad = /%(?![0-9A-Fa-f]{2}).{0,2}/s.exec(text)?.[0]
  if (bad !== undefined) throw fail(whole, `invalid URL escape ${quote(bad)}`)
  if (!text.includes('%')) return text
  const binary = Buffer.from(toBytes(text)).toString('latin1')
  const decoded = binary.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return fromBytes(Buffer.from(decoded, 'latin1'))
}

function escape(text: string, kept: RegExp): string {
  let out = ''
  for (const byte of toBytes(text)) {
    const char = String.fromCharCode(byte)
    out += byte < 0x80 && kept.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return out
}

const inPath = /[A-Za-z0-9\-_.~$&+,/:;=@!'()*[\]]/
const inFragment = /[A-Za-z0-9\-_.~$&+,/:;=?@!'()*[\]]/
const inUser = /[A-Za-z0-9\-_.~$&+,;=]/

/** Reads a URL as Go's `url.Parse` does. Throws `FunctionError` with its message. */
export function parseUrl(text: string): UrlParts {
  // a control character
  if (/[\u0000-\u001f\u007f]/.test(text)) throw fail(text, 'net/url: invalid control character in URL')
  const parts: UrlParts = { scheme: '', userinfo: '', host: '', path: '', query: '', opaque: '', fragment: '' }
  const hash = text.indexOf('#')
  let rest = hash < 0 ? text : text.slice(0, hash)
  if (hash >= 0) parts.fragment = unescape(text.slice(hash + 1), text)
  if (rest.startsWith(':')) throw fail(text, 'missing protocol scheme')
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(rest)?.[1]
  if (scheme !== undefined) {
    parts.scheme = scheme.toLowerCase()
    rest = rest.slice(scheme.length + 1)
  }
  const question = rest.indexOf('?')
  if (question >= 0) {
    parts.query = rest.slice(question + 1)
    rest = rest.slice(0, question)
  }
  if (!rest.startsWith('/')) {
    if (parts.scheme !== '') return { ...parts, opaque: rest }
    if (rest.split('/', 1)[0]?.includes(':') === true)
      throw fail(text, 'first path segment in URL cannot contain colon')
  }
  if (rest.startsWith('//') && (parts.scheme !== '' || !rest.startsWith('///'))) {
    const end = rest.indexOf('/', 2)
    const authority = end < 0 ? rest.slice(2) : rest.slice(2, end)
    rest = end < 0 ? '' : rest.slice(end)
    const at = authority.lastIndexOf('@')
    if (at >= 0) parts.userinfo = userInfo(authority.slice(0, at), text)
    parts.host = checkedHost(authority.slice(at + 1), text)
  }
  return { ...parts, path: unescape(rest, text) }
}

function userInfo(text: string, whole: string): string {
  const colon = text.indexOf(':')
  const name = escape(unescape(colon < 0 ? text : text.slice(0, colon), whole), inUser)
  return colon < 0 ? name : `${name}:${escape(unescape(text.slice(colon + 1), whole), inUser)}`
}

function checkedHost(host: string, whole: string): string {
  const bracket = host.startsWith('[')
  const end = host.lastIndexOf(']')
  if (bracket && end < 0) throw fail(whole, "missing ']' in host")
  const port = bracket ? host.slice(end + 1) : host.includes(':') ? host.slice(host.lastIndexOf(':')) : ''
  if (port !== '' && !/^:\d*$/.test(port)) throw fail(whole, `invalid port ${quote(port)} after host`)
  if (/[ "<>^`{|}\\]/.test(host)) {
    const bad = /[ "<>^`{|}\\]/.exec(host)?.[0] ?? ''
    throw fail(whole, `invalid character ${quote(bad)} in host name`)
  }
  return unescape(host, whole)
}

/** The host without port and brackets. */
export function hostName(host: string): string {
  if (host.startsWith('[')) return host.slice(1, host.indexOf(']'))
  const colon = host.indexOf(':')
  return colon < 0 ? host : host.slice(0, colon)
}

/** Says of what fails that a URL could not be read. */
function reading<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw error instanceof FunctionError ? new FunctionError(`unable to parse url: ${error.message}`) : error
  }
}

function urlParse(text: string): GoMap {
  const parts = reading(() => parseUrl(text))
  return makeMap([...Object.entries(parts), ['hostname', hostName(parts.host)]])
}

function urlJoin(map: GoMap): string {
  const get = (key: string): string => {
    const value: Value = map.entries.get(key) ?? ''
    if (typeof value === 'string') return value
    throw new FunctionError(`unable to parse ${key} key, must be of type string, but ${typeName(value)} found`)
  }
  const [scheme, host, path, query, opaque, fragment, user] = [
    get('scheme'),
    get('host'),
    get('path'),
    get('query'),
    get('opaque'),
    get('fragment'),
    get('userinfo'),
  ]
  const userinfo = user === '' ? '' : `${reading(() => userInfo(user, user))}@`
  let out = scheme === '' ? '' : `${scheme}:`
  if (opaque !== '') out += opaque
  else {
    if (scheme !== '' || host !== '' || user !== '') {
      if (host !== '' || path !== '' || user !== '') out += '//'
      out += userinfo + escape(host, /[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/)
    }
    const shown = escape(path, inPath)
    if (shown !== '' && !shown.startsWith('/') && host !== '') out += '/'
    out += shown
  }
  if (query !== '') out += `?${query}`
  return fragment === '' ? out : `${out}#${escape(fragment, inFragment)}`
}

/** sprig's functions for URLs. */
export const urlFunctions: Readonly<Record<string, GoFunction>> = {
  urlParse: func('string', urlParse, { result: 'map[string]any' }),
  urlJoin: func('map[string]any', urlJoin, { result: 'string' }),
}
