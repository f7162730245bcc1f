import { credentialAmbiguous } from '../errors.js'
import { hostKey } from '../hosts.js'

/** `HOST` in `ROPEWAY_REGISTRY_<HOST>_USERNAME`: with its port, in capitals, all but letters and digits as `_`. */
export function credentialVariable(host: string): string {
  return hostKey(host)
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '_')
}

/**
 * Throws `CREDENTIAL_AMBIGUOUS` when two of the hosts have one name in the environment (`a-b.example`, `a.b.example`).
 * Call it with all hosts that a chain configures.
 */
export function checkHostNames(hosts: Iterable<string>): void {
  const known = new Map<string, string>()
  for (const host of new Set([...hosts].map(hostKey))) {
    const variable = credentialVariable(host)
    const other = known.get(variable)
    if (other !== undefined) throw credentialAmbiguous(other, host, variable)
    known.set(variable, host)
  }
}
