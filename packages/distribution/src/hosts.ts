import { BlockList, isIP } from 'node:net'
import { canonicalHost, dockerHub } from '@ropeway/oci'

/** Docker Hub has three names: people's (`docker.io`), the API's, and the key of its entry in credential files. */
const hubApiHost = 'registry-1.docker.io'
export const hubCredentialKey = 'https://index.docker.io/v1/'

/** A host in the one spelling that is used as a key: lower case, Docker Hub's other names folded into `docker.io`. */
export function hostKey(host: string): string {
  return canonicalHost(host.toLowerCase())
}

/** Whether the host is one of Docker Hub's names. */
export function isDockerHub(host: string): boolean {
  return hostKey(host) === dockerHub
}

/** The host that serves the distribution API of a registry. */
export function apiHost(host: string): string {
  return isDockerHub(host) ? hubApiHost : hostKey(host)
}

/** `hostname` of a `host[:port]`, brackets of an IPv6 address removed. */
export function hostnameOf(host: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(host)
  if (bracketed?.[1] !== undefined) return bracketed[1]
  const colon = host.lastIndexOf(':')
  return colon === -1 ? host : host.slice(0, colon)
}

/** Whether a `host[:port]` names a port. */
export function hasPort(host: string): boolean {
  return /:\d+$/.test(host.replace(/^\[[^\]]*\]/, ''))
}

const loopbackAddresses = new BlockList()
loopbackAddresses.addSubnet('127.0.0.0', 8, 'ipv4')
loopbackAddresses.addAddress('::1', 'ipv6')

const reservedAddresses = new BlockList()
reservedAddresses.addSubnet('169.254.0.0', 16, 'ipv4')
reservedAddresses.addSubnet('0.0.0.0', 8, 'ipv4')
reservedAddresses.addAddress('100.100.100.200', 'ipv4')
reservedAddresses.addSubnet('fe80::', 10, 'ipv6')
reservedAddresses.addAddress('fd00:ec2::254', 'ipv6')
reservedAddresses.addAddress('::', 'ipv6')

const metadataNames = new Set(['metadata.google.internal', 'metadata.goog', 'instance-data.ec2.internal'])

function listed(list: BlockList, hostname: string): boolean {
  const family = isIP(hostname)
  return family !== 0 && list.check(hostname, family === 4 ? 'ipv4' : 'ipv6')
}

/** True for `localhost`, 127.0.0.0/8 and ::1, given as `host[:port]`. */
export function isLoopback(host: string): boolean {
  const hostname = hostnameOf(host).toLowerCase()
  return hostname === 'localhost' || listed(loopbackAddresses, hostname)
}

/** True for link-local addresses and cloud metadata services: a registry has no business sending a client there. */
export function isReserved(host: string): boolean {
  const hostname = hostnameOf(host).toLowerCase().replace(/\.$/, '')
  return metadataNames.has(hostname) || listed(reservedAddresses, hostname)
}

/**
 * Why an address that a server gave (redirect, token realm, upload location) must not be followed; `undefined`: it may.
 * Private networks are allowed: an air-gapped site has nothing else.
 */
export function refusal(from: URL, to: URL): string | undefined {
  if (to.protocol !== 'https:' && to.protocol !== 'http:') return `it is not HTTP but ${to.protocol.replace(':', '')}`
  // On the way from this machine to itself nobody listens.
  if (isLoopback(from.host) && isLoopback(to.host)) return undefined
  if (from.protocol === 'https:' && to.protocol === 'http:') return 'it leaves HTTPS for plain HTTP'
  if (from.host === to.host) return undefined
  if (isReserved(to.host)) return 'it is a link-local or metadata address'
  const local = isLoopback(to.host) || /(^|\.)localhost\.?$/.test(to.hostname)
  if (local) return 'it points back at this machine'
  return undefined
}

/** Whether a host, in its canonical spelling, fits one of the patterns; `*` stands for any run of characters. */
export function fitsHost(patterns: readonly string[], host: string): boolean {
  return patterns.some((pattern) => {
    const parts = pattern
      .toLowerCase()
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    return new RegExp(`^${parts.join('.*')}$`).test(host)
  })
}
