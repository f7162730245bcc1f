import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Problem } from './problem.js'

export type Action = 'pull' | 'push' | 'delete'

/** What a request may do. */
export interface Access {
  /** `undefined` as repository: the list of all repositories. */
  allows(repository: string | undefined, action: Action): boolean
}

/** One thing that a request needs; `undefined` as repository: the list of all repositories. */
export interface Need {
  readonly repository: string | undefined
  readonly actions: readonly Action[]
  /** Named in the challenge, but the request is also admitted without it. */
  readonly optional?: boolean | undefined
}

/** Decides who may do what. */
export interface Guard {
  /** Tells what the sender of the request may do. Throws UNAUTHORIZED, with the challenge, when it may not do what it needs. */
  admit(request: IncomingMessage, needs: readonly Need[], origin: string): Access
}

/** User name and password, asked for by HTTP basic authentication. */
export interface BasicAuth {
  readonly type?: 'basic' | undefined
  readonly username: string
  readonly password: string
}

const everything: Access = { allows: () => true }

/** Compares in constant time. */
export function sameSecret(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}

/** User name and password of an `Authorization: Basic` header. */
export function basicCredentials(header: string | undefined): { username: string; password: string } | undefined {
  const match = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(header ?? '')
  if (match === null) return undefined
  const text = Buffer.from(match[1] ?? '', 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon === -1 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** Lets everybody do everything. */
export const openGuard: Guard = { admit: () => everything }

/** Asks for one user name and password; who has them may do everything. */
export function basicGuard(auth: BasicAuth): Guard {
  return {
    admit(request) {
      const given = basicCredentials(request.headers.authorization)
      const right =
        given !== undefined && sameSecret(given.username, auth.username) && sameSecret(given.password, auth.password)
      if (right) return everything
      throw new Problem('UNAUTHORIZED', given ? 'user name or password is wrong' : 'authentication is required', {
        headers: { 'www-authenticate': 'Basic realm="ropeway", charset="UTF-8"' },
      })
    },
  }
}
