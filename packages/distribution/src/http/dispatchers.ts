import { X509Certificate } from 'node:crypto'
import { createSecureContext, getCACertificates } from 'node:tls'
import { Agent, ProxyAgent, type Dispatcher } from 'undici'
import { certificateInvalid, type Scene } from '../errors.js'
import { hostKey } from '../hosts.js'
import { redactUrl } from '../redact.js'
import type { CertificateLookup, HostCertificates } from './certificates.js'
import { proxyFor, type ProxyOptions } from './no-proxy.js'

/** Whom TLS trusts. Certificates and keys are PEM texts. */
export interface TrustOptions {
  /** Further CAs for all hosts, beside those of Node.js and of the system. */
  readonly ca?: readonly string[] | undefined
  /** TLS material of single hosts; it wins over `certificates`. */
  readonly hosts?: Readonly<Record<string, HostCertificates>> | undefined
  /** Where else the material of a host is looked up, such as `certificatesFromFolders(…)`. */
  readonly certificates?: CertificateLookup | undefined
  /** Hosts (`host[:port]`) whose certificates are not checked and which may speak plain HTTP. */
  readonly insecure?: readonly string[] | undefined
  /** Whether the CAs of the operating system are trusted too. The default is true. */
  readonly systemCa?: boolean | undefined
}

/** In milliseconds. */
export interface Timeouts {
  readonly connect: number
  /** From the last byte of the request to the head of the answer. */
  readonly headers: number
  /** Between two chunks of an answer. */
  readonly body: number
}

export interface Dispatchers {
  /** The connection pool for a URL: one for each combination of trust and proxy. Throws `CERTIFICATE_INVALID`. */
  for(url: URL, scene: Scene): Promise<Dispatcher>
  /** The proxy that leads to a URL, for people; `undefined` without one. */
  proxyOf(url: URL): string | undefined
  close(): Promise<void>
}

interface Trust extends HostCertificates {
  /** The host that it is for; empty for all that have nothing of their own. */
  readonly name: string
  readonly verify: boolean
}

const commonTrust: Trust = { name: '', verify: true }

export function createDispatchers(trust: TrustOptions, proxies: ProxyOptions, timeouts: Timeouts): Dispatchers {
  const hosts = new Map(Object.entries(trust.hosts ?? {}).map(([host, own]) => [hostKey(host), own]))
  const insecure = new Set(trust.insecure?.map(hostKey))
  const trusts = new Map<string, Promise<Trust>>()
  const pools = new Map<string, Dispatcher>()
  const roots = lazy(() => [
    ...getCACertificates('default'),
    ...(trust.systemCa === false ? [] : getCACertificates('system')),
    ...checked(trust.ca),
  ])

  async function findTrust(host: string): Promise<Trust> {
    const own = hosts.get(host) ?? (await trust.certificates?.(host))
    const verify = !insecure.has(host)
    return own === undefined && verify ? commonTrust : { ...own, name: host, verify }
  }

  function trustOf(host: string): Promise<Trust> {
    const known = trusts.get(host) ?? findTrust(host)
    trusts.set(host, known)
    return known
  }

  function createPool(own: Trust, proxy: string | undefined, secure: boolean): Dispatcher {
    const context = (certificates: HostCertificates) =>
      createSecureContext({
        ca: [...roots(), ...checked(certificates.ca)],
        cert: certificates.cert,
        key: certificates.key,
      })
    const tls = secure ? { secureContext: context(own), rejectUnauthorized: own.verify } : {}
    const common = {
      allowH2: false,
      connectTimeout: timeouts.connect,
      headersTimeout: timeouts.headers,
      bodyTimeout: timeouts.body,
    }
    if (proxy === undefined) return new Agent({ ...common, connect: { ...tls, timeout: timeouts.connect } })
    const proxyTls = proxy.startsWith('https:') ? { secureContext: context({}) } : {}
    return new ProxyAgent({ ...common, uri: proxy, requestTls: tls, proxyTls })
  }

  async function poolFor(url: URL): Promise<Dispatcher> {
    const proxy = proxyFor(url, proxies)
    const secure = url.protocol === 'https:'
    const own = secure ? await trustOf(hostKey(url.host)) : commonTrust
    const key = `${secure ? 'tls' : 'plain'} ${own.name} ${proxy ?? ''}`
    const pool = pools.get(key) ?? createPool(own, proxy, secure)
    pools.set(key, pool)
    return pool
  }

  return {
    async for(url, scene) {
      try {
        return await poolFor(url)
      } catch (error) {
        throw certificateInvalid(scene, url.host, error)
      }
    },
    proxyOf(url) {
      const proxy = proxyFor(url, proxies)
      return proxy === undefined ? undefined : redactUrl(proxy)
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
      pools.clear()
    },
  }
}

/** OpenSSL passes over a CA that it cannot read, which would only show as a certificate that is not trusted. */
function checked(ca: readonly string[] = []): readonly string[] {
  return ca.filter((pem) => new X509Certificate(pem).subject !== undefined)
}

function lazy<T>(make: () => T): () => T {
  let value: { readonly made: T } | undefined
  return () => (value ??= { made: make() }).made
}
