import { readFileSync } from 'node:fs'
import type { Context, Event, Log } from '@ropeway/core'
import {
  certificateFolders,
  certificatesFromFolders,
  checkHostNames,
  createCredentials,
  createHttp,
  createRegistries,
  credentialVariable,
  type BoundProvider,
  type HttpOptions,
} from '@ropeway/distribution'
import type { AdapterTable } from '../adapters/table.js'
import * as errors from '../errors.js'
import { guarded } from '../resolve/guard.js'

/** All of a context that talks to other machines. */
export interface Network extends Pick<Context, 'http' | 'registry' | 'credential' | 'limiter'> {
  /** Closes all connections. */
  close(): Promise<void>
}

export interface NetworkOptions {
  /** The environment: credentials, proxies and the like are looked up in it. The default is empty: anonymous, no proxy. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** The user's home folder, for docker's and podman's files; absent: the one of `env`, else none is read. */
  readonly home?: string | undefined
}

export interface TrustSettings extends NetworkOptions {
  /** Hosts that may speak plain HTTP and whose certificates are not checked. */
  readonly insecure?: readonly string[] | undefined
  /** Files with certificates (PEM) to trust besides the system's. */
  readonly caFiles?: readonly string[] | undefined
}

interface Shared extends TrustSettings {
  /** Hosts that are known from the start. */
  readonly hosts?: readonly string[] | undefined
  readonly adapters: AdapterTable
  readonly log: Log
  readonly signal: AbortSignal
  readonly clock: { now(): number }
  readonly concurrency: number
  readonly onEvent: (event: Event) => void
}

/** Requests and downloads at once to one host: room for every blob in flight and for the small requests beside them. */
const leastPerHost = 8

/**
 * One HTTP client, one token cache and one set of limits for all adapters of a run. Throws `CA_FILE_INVALID`, and
 * `CREDENTIAL_AMBIGUOUS` before either of two hosts gets the password of the other.
 */
export function createNetwork(shared: Shared): Network {
  const env = shared.env ?? {}
  const home = homeOf(shared)
  const hosts = new Set<string>()

  /** Two hosts that read one variable must not share a password by accident. */
  function knowHost(host: string): void {
    if (hosts.has(host)) return
    const name = credentialVariable(host)
    if (env[`ROPEWAY_REGISTRY_${name}_USERNAME`] !== undefined) {
      checkHostNames([...hosts, host].filter((other) => credentialVariable(other) === name))
    }
    hosts.add(host)
  }
  for (const host of shared.hosts ?? []) knowHost(host)

  const http = createHttp({
    ...httpSettings(shared),
    concurrency: Math.max(leastPerHost, shared.concurrency),
    userAgent: 'ropeway',
    onEvent: shared.onEvent,
    clock: shared.clock,
  })
  const providers = providersOf(shared, http)
  const credentials = createCredentials({ env, home, providers, log: shared.log, clock: shared.clock })
  const registries = createRegistries({ http, credentials, log: shared.log })

  return {
    http,
    registry(host, role, { credential } = {}) {
      knowHost(host)
      if (credential !== undefined) credentials.provide(host, role, credential)
      return registries.registry(host, role)
    },
    async credential(host, role) {
      knowHost(host)
      return credentials.get(host, role)
    },
    limiter: (key) => http.limiter(key),
    close: () => http.close(),
  }
}

/** Trust and proxies of this machine, as every connection of Ropeway uses them. Throws `CA_FILE_INVALID`. */
export function httpSettings(options: TrustSettings): HttpOptions {
  const env = options.env ?? {}
  const home = homeOf(options)
  const variable = (name: string) => env[name.toLowerCase()] ?? env[name]
  return {
    insecure: options.insecure,
    ca: [...(options.caFiles ?? []), ...caFilesOf(env)].map(readCa),
    certificates: home === '' ? undefined : certificatesFromFolders(certificateFolders(home)),
    httpProxy: variable('HTTP_PROXY'),
    httpsProxy: variable('HTTPS_PROXY') ?? variable('ALL_PROXY'),
    noProxy: variable('NO_PROXY'),
  }
}

function homeOf({ env, home }: NetworkOptions): string {
  return home ?? env?.['HOME'] ?? ''
}

function caFilesOf(env: Readonly<Record<string, string | undefined>>): string[] {
  const file = env['ROPEWAY_CA_FILE'] ?? env['SSL_CERT_FILE']
  return file === undefined || file === '' ? [] : [file]
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (thrown) {
    throw errors.caFileInvalid(file, thrown)
  }
}

function providersOf({ adapters, log, signal, clock, env = {} }: Shared, http: Context['http']): BoundProvider[] {
  const context = { http, log, signal, clock, env }
  return adapters
    .list()
    .filter(({ kind }) => kind === 'credentials')
    .map(({ name, hosts = [] }) => ({
      name,
      hosts,
      get: (host, role) =>
        guarded({ kind: 'credentials', adapter: name, operation: `giving credentials for ${host}` }, signal, async () =>
          (await adapters.load('credentials', name)).get(host, role, context),
        ),
    }))
}
