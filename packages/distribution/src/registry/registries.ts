import type { Log, Registry, Role } from '@ropeway/core'
import { createAuthorizer } from '../auth/authorizer.js'
import { createTokenCache } from '../auth/token-cache.js'
import type { Credentials } from '../credentials/types.js'
import { apiHost, hostKey } from '../hosts.js'
import type { HttpClient } from '../http/types.js'
import { hasBlob, readBlob } from './blobs.js'
import { checkAccess } from './check.js'
import type { RegistryCore } from './core.js'
import { findManifest, readManifest } from './manifests.js'
import { pushManifest } from './push-manifest.js'
import { listReferrers } from './referrers.js'
import { listTags } from './tags.js'
import { createPushMemory, mountBlob, pushBlob, type PushMemory } from './upload.js'

export interface RegistriesOptions {
  readonly http: HttpClient
  readonly credentials: Credentials
  readonly log: Log
}

export interface Registries {
  /** The client for a host in a role, made once: it keeps its tokens and what it learnt of the host. */
  registry(host: string, role: Role): Registry
}

/** Clients of registries that share one token cache, and the limits of one `HttpClient`. */
export function createRegistries({ http, credentials, log }: RegistriesOptions): Registries {
  const tokens = createTokenCache(http.clock)
  const locks = new Map<string, Promise<unknown>>()
  const memories = new Map<string, PushMemory>()
  const registries = new Map<string, Registry>()

  function create(host: string, role: Role): Registry {
    const base = `https://${apiHost(host)}`
    const authorizer = createAuthorizer({ http, credentials, tokens, host, role, base })
    const memory = memories.get(host) ?? createPushMemory()
    memories.set(host, memory)
    return registryOf({ host, role, base, http, log, authorizer }, memory, locks)
  }

  return {
    registry(host, role) {
      const canonical = hostKey(host)
      const key = `${role} ${canonical}`
      const known = registries.get(key) ?? create(canonical, role)
      registries.set(key, known)
      return known
    },
  }
}

function registryOf(core: RegistryCore, memory: PushMemory, locks: Map<string, Promise<unknown>>): Registry {
  return {
    host: core.host,
    find: (repository, tagOrDigest, options) => findManifest(core, repository, tagOrDigest, options?.signal),
    manifest: (repository, tagOrDigest, options) => readManifest(core, repository, tagOrDigest, options?.signal),
    blob: (repository, descriptor, options) => readBlob(core, repository, descriptor, options),
    has: (repository, descriptor, options) => hasBlob(core, repository, descriptor, options?.signal),
    pushBlob: (repository, descriptor, open, options) =>
      pushBlob(core, memory, descriptor, open, { ...options, repository }),
    mount: (repository, descriptor, from, options) => mountBlob(core, repository, descriptor, from, options?.signal),
    pushManifest: (repository, tagOrDigest, manifest, options) =>
      pushManifest(core, locks, repository, tagOrDigest, manifest, options?.signal),
    referrers: (repository, digest, options) => listReferrers(core, repository, digest, options?.signal),
    tags: (repository, options) => listTags(core, repository, options?.signal),
    check: (repository, actions, options) => checkAccess(core, repository, actions, options?.signal),
  }
}
