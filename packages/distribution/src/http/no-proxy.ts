import { BlockList, isIP } from 'node:net'
import { hostnameOf, isLoopback } from '../hosts.js'

/** Proxies as the usual variables name them. `noProxy` is a list by commas or blanks: hosts, domains, addresses, CIDR, `*`. */
export interface ProxyOptions {
  readonly httpProxy?: string | undefined
  readonly httpsProxy?: string | undefined
  readonly noProxy?: string | undefined
}

/** The proxy for a URL, or `undefined` to go straight. Loopback addresses are never sent to a proxy. */
export function proxyFor(url: URL, options: ProxyOptions): string | undefined {
  const proxy = url.protocol === 'https:' ? options.httpsProxy : options.httpProxy
  if (proxy === undefined || proxy === '' || isLoopback(url.host)) return undefined
  if (bypasses(url, options.noProxy ?? '')) return undefined
  return proxy.includes('://') ? proxy : `http://${proxy}`
}

function bypasses(url: URL, noProxy: string): boolean {
  return noProxy.split(/[\s,]+/).some((entry) => entry !== '' && matches(url, entry.toLowerCase()))
}

function matches(url: URL, entry: string): boolean {
  if (entry === '*') return true
  const hostname = hostnameOf(url.host)
  if (entry.includes('/')) return inSubnet(hostname, entry)
  const { name, port } = splitPort(entry)
  if (port !== undefined && port !== effectivePort(url)) return false
  if (isIP(name) !== 0) return sameAddress(hostname, name)
  if (name.startsWith('*.')) return hostname.endsWith(name.slice(1))
  if (name.startsWith('.')) return hostname.endsWith(name)
  return hostname === name || hostname.endsWith(`.${name}`)
}

function splitPort(entry: string): { readonly name: string; readonly port: string | undefined } {
  if (isIP(entry) === 6) return { name: entry, port: undefined }
  const port = /:(\d+)$/.exec(entry)?.[1]
  return { name: hostnameOf(entry), port }
}

function effectivePort(url: URL): string {
  return url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const family = isIP(address)
  return family === 0 ? undefined : family === 4 ? 'ipv4' : 'ipv6'
}

function sameAddress(hostname: string, address: string): boolean {
  const wanted = familyOf(address)
  const has = familyOf(hostname)
  if (wanted === undefined || has === undefined) return false
  const list = new BlockList()
  list.addAddress(address, wanted)
  return list.check(hostname, has)
}

function inSubnet(hostname: string, cidr: string): boolean {
  const [network = '', bits = ''] = cidr.replace(/[[\]]/g, '').split('/')
  const wanted = familyOf(network)
  const has = familyOf(hostname)
  const prefix = Number(bits)
  if (wanted === undefined || has === undefined || !/^\d+$/.test(bits) || prefix > (wanted === 'ipv4' ? 32 : 128)) {
    return false
  }
  const list = new BlockList()
  list.addSubnet(network, prefix, wanted)
  return list.check(hostname, has)
}
