import type { Json } from './artifact.js'
import type { Descriptor } from './descriptor.js'
import type { Event } from './events.js'
import type { Credential, Registry, RegistryOptions, Role } from './registry.js'

export interface HttpRequest {
  readonly url: string
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** A body; a function is called again for every try. */
  readonly body?: string | Uint8Array | (() => AsyncIterable<Uint8Array>) | undefined
  /** Sent to this host alone; never follows a redirect to another one. */
  readonly credential?: Credential | undefined
  readonly role?: Role | undefined
  readonly signal?: AbortSignal | undefined
}

export interface HttpResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The address that answered in the end, without query. */
  readonly url: string
  readonly body: AsyncIterable<Uint8Array>
}

/** HTTP with the run's limits, proxies, certificates, retries with back-off; bodies are never decompressed. */
export interface Http {
  /** Sends one request; resolves at the response's head, whatever its status. Network faults and 408/429/5xx are tried again first. */
  request(request: HttpRequest): Promise<HttpResponse>
  /** Streams a file; a broken connection goes on by Range. Throws a `RopewayError` unless the answer is 200 or 206. */
  download(
    request: HttpRequest & { readonly offset?: number | undefined; readonly end?: number | undefined },
  ): AsyncIterable<Uint8Array>
}

export interface Log {
  debug(message: string): void
  info(message: string): void
  /** A warning names the thing, the place, the next step. It is shown once, whatever happens often. */
  warn(warning: {
    readonly code: string
    readonly message: string
    readonly about?: string | undefined
    readonly hint?: string | undefined
  }): void
}

/** Small verified content that several phases read: manifests, charts, files under 64 MiB. Kept on disk between runs, size-capped. */
export interface ContentCache {
  /** Bytes of the digest, verified, or `undefined`. */
  read(digest: string): Promise<Uint8Array | undefined>
  write(digest: string, bytes: Uint8Array): Promise<void>
  /** From the cache, else from `open`, verified against digest and size, and kept. Concurrent calls for a digest share one read. */
  fetch(descriptor: Descriptor, open: () => AsyncIterable<Uint8Array>): Promise<Uint8Array>
}

/** Small JSON values that outlive the process, for resuming. Losing them costs work, never correctness. */
export interface StateStore {
  get(key: string): Promise<Json | undefined>
  set(key: string, value: Json): Promise<void>
  delete(key: string): Promise<void>
}

/** Bounds how much runs at once against one host (or whatever `key` names). */
export interface Limiter {
  run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T>
}

/** All that an adapter may reach. Whatever is shared between adapters is shared through it; nothing reads globals. */
export interface Context {
  readonly signal: AbortSignal
  /** The chain that runs; `directory` is absolute. */
  readonly chain: { readonly name: string; readonly version: string; readonly directory: string }
  readonly log: Log
  readonly http: Http
  readonly cache: ContentCache
  readonly state: StateStore
  readonly clock: { now(): number }
  /** The environment of the run; nothing reads `process.env`. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Uniform in [0, 1). */
  random(): number
  emit(event: Event): void
  registry(host: string, role: Role, options?: RegistryOptions): Registry
  /** Credential for a host, asked from all places in their documented order; `undefined` is anonymous. */
  credential(host: string, role: Role): Promise<Credential | undefined>
  limiter(key: string): Limiter
  /** Absolute path of a path that the user wrote, relative to the chain file. */
  resolvePath(path: string): string
}
