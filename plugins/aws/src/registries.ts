import type { Context, DeliveryPlan, Registry } from '@ropeway/core'
import { createEcrApi, type EcrApi } from './api.js'
import * as errors from './errors.js'
import { parseEcrHost, type EcrRegistry, type PrivateRegistry, type PublicRegistry } from './hosts.js'
import type { EcrOptions } from './options.js'
import { createEcrPublicApi, type EcrPublicApi } from './public-api.js'
import { credentialFor } from './token.js'

/** What names a registry besides its host. */
export type RegistryOptions = Pick<EcrOptions, 'registry' | 'account' | 'region' | 'endpoint'>

/** The registry behind a host: as the host says, else as the options do. Throws `ECR_HOST_UNKNOWN`. */
export function registryBehind(host: string, options: RegistryOptions): EcrRegistry {
  const parsed = parseEcrHost(host)
  if (parsed !== undefined) return parsed
  const { registry, account, region } = options
  if (registry?.split('/', 1)[0] === host && account !== undefined && region !== undefined) {
    return { kind: 'private', host, account, region, fips: false, dualStack: false }
  }
  throw errors.hostUnknown(host, registry)
}

/** The registries that a plan delivers to. */
export function registriesOf(plan: DeliveryPlan, options: RegistryOptions): readonly EcrRegistry[] {
  const hosts = new Set(plan.artifacts.flatMap(({ destinations }) => destinations.map(({ registry }) => registry)))
  return [...hosts].map((host) => registryBehind(host, options))
}

/** The registries of one call of the sink: their APIs, made when they are first asked for, and their clients. */
export interface Registries {
  registry(host: string): EcrRegistry
  privateApi(registry: PrivateRegistry): Promise<EcrApi>
  publicApi(registry: PublicRegistry): Promise<EcrPublicApi>
  /** The client of the distribution API, whose credentials are tokens of AWS whatever the host is called. */
  client(host: string): Registry
}

export function createRegistries(options: RegistryOptions, context: Context): Registries {
  const privates = new Map<string, Promise<EcrApi>>()
  const publics = new Map<string, Promise<EcrPublicApi>>()
  const { endpoint } = options
  return {
    registry: (host) => registryBehind(host, options),
    privateApi(registry) {
      const known = privates.get(registry.host) ?? createEcrApi({ registry, endpoint, role: 'sink' }, context)
      privates.set(registry.host, known)
      return known
    },
    publicApi(registry) {
      const known = publics.get(registry.host) ?? createEcrPublicApi({ registry, endpoint, role: 'sink' }, context)
      publics.set(registry.host, known)
      return known
    },
    client(host) {
      const registry = registryBehind(host, options)
      return context.registry(host, 'sink', {
        credential: () => credentialFor(registry, endpoint, 'sink', context),
      })
    },
  }
}
