import { hasPort, hostKey, isLoopback } from '../hosts.js'
import type { Fault } from './faults.js'

/** Which hosts may speak plain HTTP, and which of them do. */
export interface Schemes {
  /** True for loopback addresses and hosts that were named insecure. */
  allowsPlain(host: string): boolean
  /** The URL with the scheme that its host is known to speak. */
  apply(url: URL): URL
  /** The plain URL to try after HTTPS failed in this way; `undefined` when the host must speak HTTPS. */
  fallback(url: URL, fault: Fault): URL | undefined
  /** Remembers that the host answers in plain HTTP. */
  remember(url: URL): void
}

export function createSchemes(insecure: readonly string[] = []): Schemes {
  const named = new Set(insecure.map(hostKey))
  const plain = new Set<string>()

  function allowsPlain(host: string): boolean {
    return isLoopback(host) || named.has(hostKey(host))
  }

  function asPlain(url: URL): URL {
    const changed = new URL(url)
    changed.protocol = 'http:'
    return changed
  }

  return {
    allowsPlain,
    apply: (url) => (url.protocol === 'https:' && plain.has(url.host) ? asPlain(url) : url),
    fallback(url, fault) {
      if (url.protocol !== 'https:' || !allowsPlain(url.host)) return undefined
      // Without a port in the name, plain HTTP is another port, and nothing may listen at 443.
      const elsewhere = fault.kind === 'refused' && !hasPort(url.host)
      return fault.kind === 'plain-server' || elsewhere ? asPlain(url) : undefined
    },
    remember(url) {
      plain.add(url.host)
    },
  }
}
