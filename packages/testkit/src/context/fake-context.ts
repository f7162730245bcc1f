import { resolve } from 'node:path'
import type { Context, Credential, Event, Http, HttpRequest, HttpResponse, Json, Log } from '@ropeway/core'
import { collect, verified, verifyBytes } from '@ropeway/oci'
import { fakeNotFound } from '../errors.js'
import { bytesContent } from './bytes-content.js'
import { memoryRegistry, type MemoryRegistry } from './memory-registry.js'

/** What a fake answers to a request. */
export interface FakeReply {
  /** The default is 200. */
  readonly status?: number | undefined
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: Uint8Array | string | undefined
}

export interface FakeContextOptions {
  readonly registries?: readonly MemoryRegistry[] | undefined
  /** Answers requests; `undefined` is 404. The default knows no address. */
  readonly http?: ((request: HttpRequest) => FakeReply | undefined) | undefined
  /** By host. The default is none. */
  readonly credentials?: Readonly<Record<string, Credential>> | undefined
  /** The default is empty. */
  readonly env?: Context['env'] | undefined
  readonly signal?: AbortSignal | undefined
  /** The default is `kit` `1.0.0` in `/nowhere`. */
  readonly chain?: Context['chain'] | undefined
  /** Kept over several contexts when the same map is passed. */
  readonly cache?: Map<string, Uint8Array> | undefined
  /** Kept over several contexts when the same map is passed. */
  readonly state?: Map<string, Json> | undefined
  /** Milliseconds since the epoch; the fake's clock stands still. The default is 0. */
  readonly now?: number | undefined
}

/** A context in memory with what was sent through it. */
export interface FakeContext extends Context {
  readonly events: readonly Event[]
  readonly warnings: readonly Parameters<Log['warn']>[0][]
}

/** A complete `Context` without engine, network and disk, for tests of adapters. Hosts that were not given are unknown. */
export function fakeContext(options: FakeContextOptions = {}): FakeContext {
  const signal = options.signal ?? new AbortController().signal
  const chain = options.chain ?? { name: 'kit', version: '1.0.0', directory: '/nowhere' }
  const cache = options.cache ?? new Map<string, Uint8Array>()
  const state = options.state ?? new Map<string, Json>()
  const registries = new Map(options.registries?.map((registry) => [registry.host, registry]))
  const events: Event[] = []
  const warnings: Parameters<Log['warn']>[0][] = []
  return {
    signal,
    chain,
    events,
    warnings,
    log: { debug: () => undefined, info: () => undefined, warn: (warning) => void warnings.push(warning) },
    http: fakeHttp(options.http ?? (() => undefined), signal),
    cache: {
      read: async (digest) => cache.get(digest),
      async write(digest, bytes) {
        verifyBytes(bytes, { digest, size: bytes.byteLength })
        cache.set(digest, bytes)
      },
      async fetch(descriptor, open) {
        const known = cache.get(descriptor.digest)
        if (known !== undefined) return known
        const bytes = await collect(verified(open(), descriptor), descriptor.size)
        cache.set(descriptor.digest, bytes)
        return bytes
      },
    },
    state: {
      get: async (key) => structuredClone(state.get(key)),
      set: async (key, value) => void state.set(key, structuredClone(value)),
      delete: async (key) => void state.delete(key),
    },
    clock: { now: () => options.now ?? 0 },
    env: options.env ?? {},
    random: () => 0.5,
    emit: (event) => void events.push(event),
    registry: (host, role) => (registries.get(host) ?? memoryRegistry(host)).client(role, signal),
    async credential(host) {
      signal.throwIfAborted()
      return options.credentials?.[host]
    },
    limiter: () => ({
      async run(task, taskSignal) {
        taskSignal?.throwIfAborted()
        return await task()
      },
    }),
    resolvePath: (path) => resolve(chain.directory, path),
  }
}

function fakeHttp(answer: (request: HttpRequest) => FakeReply | undefined, runSignal: AbortSignal): Http {
  const reply = (
    request: HttpRequest,
  ): { readonly status: number; readonly bytes: Uint8Array; readonly headers: Readonly<Record<string, string>> } => {
    runSignal.throwIfAborted()
    request.signal?.throwIfAborted()
    const { status = 200, headers = {}, body = '' } = answer(request) ?? { status: 404 }
    return { status, headers, bytes: typeof body === 'string' ? new TextEncoder().encode(body) : body }
  }
  return {
    async request(request): Promise<HttpResponse> {
      const { status, headers, bytes } = reply(request)
      const url = request.url.replace(/[?#].*$/, '')
      return { status, headers, url, body: bytesContent(bytes, { signal: request.signal }) }
    },
    async *download(request) {
      const { status, bytes } = reply(request)
      if (status !== 200) throw fakeNotFound(request.role ?? 'source', request.url.replace(/[?#].*$/, ''))
      yield* bytesContent(bytes, request)
    },
  }
}
