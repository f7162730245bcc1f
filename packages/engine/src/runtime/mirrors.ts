import type { Context, Registry } from '@ropeway/core'
import type { Chain } from '../chain/chain.js'

/**
 * Registries as the chain has them: what is read from a host that has a mirror is read there, below the mirror's prefix. What is
 * written goes where it says.
 */
export function mirrored(registry: Context['registry'], mirrors: Chain['mirrors']): Context['registry'] {
  if (mirrors.size === 0) return registry
  return (host, role) => {
    const mirror = role === 'source' ? mirrors.get(host) : undefined
    if (mirror === undefined) return registry(host, role)
    return below(registry(mirror.registry, role), host, mirror.prefix)
  }
}

/** A registry that has all its repositories below a prefix in another one. */
function below(client: Registry, host: string, prefix: string): Registry {
  if (prefix === '') return { ...client, host }
  const at = (repository: string) => `${prefix}/${repository}`
  return {
    host,
    find: (repository, wanted, options) => client.find(at(repository), wanted, options),
    manifest: (repository, wanted, options) => client.manifest(at(repository), wanted, options),
    blob: (repository, descriptor, options) => client.blob(at(repository), descriptor, options),
    has: (repository, descriptor, options) => client.has(at(repository), descriptor, options),
    pushBlob: (repository, descriptor, open, options) => client.pushBlob(at(repository), descriptor, open, options),
    mount: (repository, descriptor, from, options) => client.mount(at(repository), descriptor, at(from), options),
    pushManifest: (repository, wanted, manifest, options) =>
      client.pushManifest(at(repository), wanted, manifest, options),
    referrers: (repository, digest, options) => client.referrers(at(repository), digest, options),
    tags: (repository, options) => client.tags(at(repository), options),
    check: (repository, actions, options) => client.check(at(repository), actions, options),
  }
}
