import { inspect } from 'node:util'
import type { Credential } from '@ropeway/core'

/** A credential that shows where it is from and whose it is, but no secret, wherever it is printed. */
export function createCredential(parts: Credential): Credential {
  const credential = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined))
  const shown = () => credentialLabel(parts)
  Object.defineProperty(credential, 'toJSON', { value: () => ({ origin: parts.origin, username: parts.username }) })
  Object.defineProperty(credential, 'toString', { value: shown })
  Object.defineProperty(credential, inspect.custom, { value: shown })
  return Object.freeze(credential) as unknown as Credential
}

/** Where a credential is from and whose it is: `~/.docker/config.json (user ci-bot)`. */
export function credentialLabel(credential: Pick<Credential, 'origin' | 'username'>): string {
  const { origin, username } = credential
  return username === undefined ? origin : `${origin} (user ${username})`
}
