import { createHash } from 'node:crypto'
import type { Credential } from '@ropeway/core'
import type { Clock } from '../http/gate.js'
import { scopesKey } from './scopes.js'
import type { Token, TokenRefusal, TokenRequest } from './token.js'

/** Tokens are renewed this many milliseconds before they expire, so that none expires on its way. */
const margin = 5_000

/**
 * Tokens by host, service, exact set of scopes and credential. A token of other scopes is never used in place of another:
 * there are registries that refuse it.
 */
export interface TokenCache {
  /** A token that is good for now. Several that ask at once share one request. Refusals are not kept. */
  get(host: string, request: TokenRequest, fetch: () => Promise<Token | TokenRefusal>): Promise<Token | TokenRefusal>
  /** Forgets a token that the registry does not take any more, unless another one has come in its place already. */
  drop(host: string, request: TokenRequest, value: string): void
}

export function createTokenCache(clock: Clock): TokenCache {
  const tokens = new Map<string, Token>()
  const running = new Map<string, Promise<Token | TokenRefusal>>()

  return {
    async get(host, request, fetch) {
      const key = keyOf(host, request)
      const known = tokens.get(key)
      if (known !== undefined && known.expires - margin > clock.now()) return known
      const fetching = running.get(key) ?? fetch().finally(() => running.delete(key))
      running.set(key, fetching)
      const result = await fetching
      if ('value' in result) tokens.set(key, result)
      return result
    },
    drop(host, request, value) {
      const key = keyOf(host, request)
      if (tokens.get(key)?.value === value) tokens.delete(key)
    },
  }
}

function keyOf(host: string, { realm, service, scopes, credential }: TokenRequest): string {
  return JSON.stringify([host, realm.href, service, scopesKey(scopes), identityOf(credential)])
}

/** Two credentials are one when all their parts are, whatever place or role they are from. Only its hash is kept. */
function identityOf(credential: Credential | undefined): string {
  if (credential === undefined) return 'anonymous'
  const { username, password, identityToken, registryToken } = credential
  return createHash('sha256')
    .update(JSON.stringify([username, password, identityToken, registryToken]))
    .digest('base64')
}
