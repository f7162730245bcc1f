import { isRopewayError, type Credential, type Role } from '@ropeway/core'
import { credentialFileInvalid, credentialHelperAbsent } from '../errors.js'
import { readIfPresent } from '../files.js'
import { hostKey } from '../hosts.js'
import { findEntry, helperFor, parseAuthFile, serverFor, type AuthFile } from './auth-file.js'
import { credentialLabel } from './credential.js'
import { environmentNames, fromEnvironment } from './environment.js'
import { askHelper, helperProgram, helperRunner } from './helper.js'
import { checkHostNames } from './names.js'
import { credentialPlaces, type Place } from './places.js'
import type { BoundProvider, CredentialOptions, Credentials } from './types.js'

/** What asking all places gave. */
interface Finding {
  readonly credential: Credential | undefined
  /** For errors. */
  readonly tried: readonly string[]
}

/**
 * Credentials from all places in their order (docs/credentials.md): the environment, providers of plugins,
 * `REGISTRY_AUTH_FILE`, `DOCKER_AUTH_CONFIG`, docker's, podman's and Helm's files. Asked once for each host, role and
 * repository, and again when a credential has expired.
 */
export function createCredentials(options: CredentialOptions): Credentials {
  checkHostNames(options.hosts ?? [])
  const runHelper = options.runHelper ?? helperRunner(options.env)
  const clock = options.clock ?? { now: () => Date.now() }
  const places = credentialPlaces(options)
  const findings = new Map<string, Promise<Finding>>()
  const files = new Map<string, Promise<AuthFile | undefined>>()
  const lookUps = new Map<string, Promise<Credential | undefined>>()
  const tried = new Map<string, readonly string[]>()

  /** One call for all that ask for the same; a failure is not kept. */
  function once<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
    const running =
      known.get(key) ??
      make().catch((error: unknown) => {
        known.delete(key)
        throw error
      })
    known.set(key, running)
    return running
  }

  async function readPlace(place: Place, role: Role): Promise<AuthFile | undefined> {
    try {
      const text = place.text ?? (await readIfPresent(place.file ?? ''))
      return text === undefined ? undefined : parseAuthFile(text, place.label, role)
    } catch (error) {
      throw isRopewayError(error) ? error : credentialFileInvalid(place.label, 'it cannot be read', role, error)
    }
  }

  async function fromHelper(suffix: string, host: string, role: Role, file: AuthFile): Promise<Credential | undefined> {
    const answer = await askHelper(runHelper, suffix, serverFor(host), { host, file: file.label, side: role })
    if (answer !== 'absent') return answer
    options.log?.warn(credentialHelperAbsent(helperProgram(suffix), file.label))
    return undefined
  }

  async function fromFile(place: Place, host: string, role: Role, repository: string): Promise<Credential | undefined> {
    const file = await once(files, place.label, () => readPlace(place, role))
    if (file === undefined) return undefined
    const suffix = helperFor(file, host)
    const kept =
      suffix === undefined
        ? undefined
        : await once(lookUps, `${suffix} ${host}`, () => fromHelper(suffix, host, role, file))
    return kept ?? findEntry(file, host, repository, role)
  }

  async function fromProviders(host: string, role: Role): Promise<Credential | undefined> {
    for (const provider of options.providers ?? []) {
      const credential = isFor(provider, host) ? await provider.get(host, role) : undefined
      if (credential !== undefined) return credential
    }
    return undefined
  }

  async function find(host: string, role: Role, repository: string): Promise<Finding> {
    const direct = fromEnvironment(options.env, host, role) ?? (await fromProviders(host, role))
    if (direct !== undefined) return { credential: direct, tried: [credentialLabel(direct)] }
    for (const place of places) {
      const credential = await fromFile(place, host, role, repository)
      if (credential !== undefined) return { credential, tried: [credentialLabel(credential)] }
    }
    const looked = [...environmentNames(host, role), ...places.map(({ label }) => label)]
    return { credential: undefined, tried: ['anonymous', `nothing for ${host} in ${looked.join(', ')}`] }
  }

  return {
    async get(host, role, repository = '') {
      const canonical = hostKey(host)
      const key = `${role} ${canonical}/${repository}`
      const ask = () => find(canonical, role, repository)
      let finding = await once(findings, key, ask)
      const { expires } = finding.credential ?? {}
      if (expires !== undefined && expires <= clock.now()) {
        findings.delete(key)
        finding = await once(findings, key, ask)
      }
      tried.set(key, finding.tried)
      return finding.credential
    },
    tried: (host, role, repository = '') => [...(tried.get(`${role} ${hostKey(host)}/${repository}`) ?? [])],
  }
}

function isFor(provider: BoundProvider, host: string): boolean {
  return provider.hosts.some((pattern) => {
    const parts = pattern
      .toLowerCase()
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    return new RegExp(`^${parts.join('.*')}$`).test(host)
  })
}
