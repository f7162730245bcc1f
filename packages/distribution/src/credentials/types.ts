import type { Credential, Log, Role } from '@ropeway/core'

/** Finds credentials. */
export interface Credentials {
  /**
   * The credential for a host in a role, or `undefined` for anonymous. Credential files may hold one for a part of the
   * host only (`quay.io/team`), which is found when the repository is given.
   */
  get(host: string, role: Role, repository?: string): Promise<Credential | undefined>
  /** What `get` found or did not find, for errors: places and user names, never secrets. Empty before the first `get`. */
  tried(host: string, role: Role, repository?: string): string[]
  /**
   * Asks the provider that gave `refused` again, because the registry does not take it any more. False when it gives nothing
   * else, or when what is refused was renewed a moment ago: then it is no matter of time.
   */
  renew(host: string, role: Role, repository: string, refused: Credential): Promise<boolean>
  /** A further provider, for one host in one role; it is asked before those that patterns lead to. */
  provide(host: string, role: Role, get: () => Promise<Credential | undefined>): void
}

/** A credential provider of a plugin, bound to the run's context, and the hosts that it is for. */
export interface BoundProvider {
  readonly name: string
  /** Host patterns; `*` stands for any run of characters: `*.dkr.ecr.*.amazonaws.com`. */
  readonly hosts: readonly string[]
  get(host: string, role: Role): Promise<Credential | undefined>
}

export interface HelperResult {
  readonly code: number
  readonly stdout: string
}

/**
 * Runs `docker-credential-<suffix> <action>` with `input` on its standard input. Rejects with an error whose `code` is
 * `ENOENT` when there is no such program, and with any other error when it took too long.
 */
export type RunHelper = (suffix: string, action: 'get' | 'store' | 'erase', input: string) => Promise<HelperResult>

export interface CredentialOptions {
  /** The environment; nothing else is read from it. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The user's home folder. */
  readonly home: string
  readonly providers?: readonly BoundProvider[] | undefined
  /** All hosts that are configured: two that share one name in the environment are refused at once. */
  readonly hosts?: Iterable<string> | undefined
  readonly runHelper?: RunHelper | undefined
  readonly log?: Pick<Log, 'warn'> | undefined
  readonly clock?: { now(): number } | undefined
}
