import type { Credential, Role } from '@ropeway/core'
import { fitsHost } from '../hosts.js'
import type { Clock } from '../http/gate.js'
import { current, isExpired } from './current.js'
import type { BoundProvider } from './types.js'

/** The providers of a run: each is asked once for a host in a role, however many repositories need it. */
export interface Providers {
  /** From the first that has one. */
  get(host: string, role: Role): Promise<Credential | undefined>
  /** A further one, for one host in one role; takes the place of the one that was added for it before. */
  add(host: string, role: Role, ask: () => Promise<Credential | undefined>): void
  /** Forgets what a provider gave. False when none of them gave it. */
  forget(host: string, role: Role, refused: Credential): Promise<boolean>
}

export function createProviders(listed: readonly BoundProvider[], clock: Clock): Providers {
  const added = new Map<string, () => Promise<Credential | undefined>>()
  const answers = new Map<string, Promise<Credential | undefined>>()
  /** Whoever gave it: a credential that another one took the place of is not asked for again. */
  const given = new WeakSet<Credential>()

  async function ask(key: string, get: () => Promise<Credential | undefined>): Promise<Credential | undefined> {
    const credential = await current(answers, key, get, (value) => isExpired(value, clock))
    if (credential !== undefined) given.add(credential)
    return credential
  }

  return {
    async get(host, role) {
      const own = added.get(`${role} ${host}`)
      const first = own === undefined ? undefined : await ask(`(added) ${role} ${host}`, own)
      if (first !== undefined) return first
      for (const provider of listed) {
        if (!fitsHost(provider.hosts, host)) continue
        const credential = await ask(`${provider.name} ${role} ${host}`, () => provider.get(host, role))
        if (credential !== undefined) return credential
      }
      return undefined
    },
    add: (host, role, get) => void added.set(`${role} ${host}`, get),
    async forget(host, role, refused) {
      for (const key of answers.keys()) {
        const answer = answers.get(key)
        if (!key.endsWith(` ${role} ${host}`) || (await answer?.catch(() => undefined)) !== refused) continue
        if (answers.get(key) === answer) answers.delete(key)
      }
      return given.has(refused)
    },
  }
}

/** Whether two credentials are sent alike. */
export function isSameSecret(one: Credential, other: Credential): boolean {
  return (
    one.username === other.username &&
    one.password === other.password &&
    one.identityToken === other.identityToken &&
    one.registryToken === other.registryToken
  )
}
