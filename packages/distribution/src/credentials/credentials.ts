import { isRopewayError, type Credential, type Role } from '@ropeway/core'
import { credentialFileInvalid, credentialHelperAbsent } from '../errors.js'
import { readIfPresent } from '../files.js'
import { hostKey } from '../hosts.js'
import { findEntry, helperFor, parseAuthFile, serverFor, type AuthFile } from './auth-file.js'
import { credentialLabel } from './credential.js'
import { environmentNames, fromEnvironment } from './environment.js'
import { askHelper, helperProgram, helperRunner } from './helper.js'
import { current, isExpired, once } from './current.js'
import { checkHostNames } from './names.js'
import { credentialPlaces, type Place } from './places.js'
import { createProviders, isSameSecret } from './providers.js'
import type { CredentialOptions, Credentials } from './types.js'

/** What asking all places gave. */
interface Finding {
  readonly credential: Credential | undefined
  /** For errors. */
  readonly tried: readonly string[]
}

/** A credential that was renewed less than these milliseconds ago and is refused is not refused for its age. */
const justRenewed = 60_000

/**
 * Credentials from all places in their order (docs/credentials.md): the environment, providers of plugins,
 * `REGISTRY_AUTH_FILE`, `DOCKER_AUTH_CONFIG`, docker's, podman's and Helm's files. Asked once for each host, role and
 * repository, a provider once for each host and role; asked again when a credential has expired.
 */
export function createCredentials(options: CredentialOptions): Credentials {
  checkHostNames(options.hosts ?? [])
  const runHelper = options.runHelper ?? helperRunner(options.env)
  const clock = options.clock ?? { now: () => Date.now() }
  const places = credentialPlaces(options)
  const providers = createProviders(options.providers ?? [], clock)
  const renewed = new WeakMap<Credential, number>()
  const findings = new Map<string, Promise<Finding>>()
  const files = new Map<string, Promise<AuthFile | undefined>>()
  const lookUps = new Map<string, Promise<Credential | undefined>>()
  const tried = new Map<string, readonly string[]>()

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

  async function find(host: string, role: Role, repository: string): Promise<Finding> {
    const direct = fromEnvironment(options.env, host, role) ?? (await providers.get(host, role))
    if (direct !== undefined) return { credential: direct, tried: [credentialLabel(direct)] }
    for (const place of places) {
      const credential = await fromFile(place, host, role, repository)
      if (credential !== undefined) return { credential, tried: [credentialLabel(credential)] }
    }
    const looked = [...environmentNames(host, role), ...places.map(({ label }) => label)]
    return { credential: undefined, tried: ['anonymous', `nothing for ${host} in ${looked.join(', ')}`] }
  }

  async function get(host: string, role: Role, repository = ''): Promise<Credential | undefined> {
    const canonical = hostKey(host)
    const key = `${role} ${canonical}/${repository}`
    const finding = await current(
      findings,
      key,
      () => find(canonical, role, repository),
      ({ credential }) => isExpired(credential, clock),
    )
    tried.set(key, finding.tried)
    return finding.credential
  }

  return {
    get,
    tried: (host, role, repository = '') => [...(tried.get(`${role} ${hostKey(host)}/${repository}`) ?? [])],
    async renew(host, role, repository, refused) {
      const canonical = hostKey(host)
      const since = renewed.get(refused)
      if (since !== undefined && clock.now() - since < justRenewed) return false
      if (!(await providers.forget(canonical, role, refused))) return false
      const key = `${role} ${canonical}/${repository}`
      const known = findings.get(key)
      if ((await known)?.credential === refused && findings.get(key) === known) findings.delete(key)
      const credential = await get(host, role, repository)
      if (credential === undefined || isSameSecret(credential, refused)) return false
      renewed.set(credential, renewed.get(credential) ?? clock.now())
      return true
    },
    provide: (host, role, ask) => providers.add(hostKey(host), role, ask),
  }
}
