import type { Context, Credential, HttpResponse, Registry, Role } from '@ropeway/core'
import { fakeContext } from '../context/fake-context.js'

/** A context that remembers what an adapter does with it. */
export interface Watch {
  readonly context: Context
  /** What was begun through the context and has neither ended nor been given up. */
  pending(): readonly string[]
  /** Secret values that the context handed out. */
  readonly secrets: ReadonlySet<string>
  /** Calls that change a registry. */
  readonly writes: readonly string[]
  /** Roles in which hosts were asked for. */
  readonly roles: ReadonlySet<Role>
  /** What was logged and emitted, as text. */
  readonly told: readonly string[]
}

interface Tracker {
  promise<T>(what: string, work: Promise<T>): Promise<T>
  stream(what: string, source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
}

/** The context as another machine has it: nothing is in its cache and its state. */
export function elsewhere(context: Context): Context {
  const { cache, state } = fakeContext()
  return { ...delegated(context), cache, state }
}

/** Wraps a context; everything goes through to the wrapped one. */
export function watchContext(context: Context): Watch {
  const open = new Set<{ readonly what: string }>()
  const secrets = new Set<string>()
  const writes: string[] = []
  const roles = new Set<Role>()
  const told: string[] = []
  const tell = (...parts: readonly unknown[]): void => void told.push(JSON.stringify(parts))
  const track: Tracker = {
    async promise(what, work) {
      const entry = { what }
      open.add(entry)
      try {
        return await work
      } finally {
        open.delete(entry)
      }
    },
    async *stream(what, source) {
      const entry = { what }
      open.add(entry)
      try {
        yield* source
      } finally {
        open.delete(entry)
      }
    },
  }
  const watched: Context = {
    ...delegated(context),
    log: {
      debug: (message) => {
        tell(message)
        context.log.debug(message)
      },
      info: (message) => {
        tell(message)
        context.log.info(message)
      },
      warn: (warning) => {
        tell(warning)
        context.log.warn(warning)
      },
    },
    emit: (event) => {
      tell(event)
      context.emit(event)
    },
    http: {
      async request(request) {
        const what = `request ${request.url}`
        return watchedResponse(what, await track.promise(what, context.http.request(request)), track)
      },
      download: (request) => track.stream(`download ${request.url}`, context.http.download(request)),
    },
    cache: {
      read: (digest) => context.cache.read(digest),
      write: (digest, bytes) => context.cache.write(digest, bytes),
      fetch: (descriptor, openContent) =>
        track.promise(`fetch ${descriptor.digest}`, context.cache.fetch(descriptor, openContent)),
    },
    registry(host, role, options) {
      roles.add(role)
      return watchedRegistry(context.registry(host, role, options), track, writes)
    },
    async credential(host, role) {
      roles.add(role)
      const credential = await track.promise(`credential ${host}`, context.credential(host, role))
      for (const secret of secretsOf(credential)) secrets.add(secret)
      return credential
    },
    limiter(key) {
      const limiter = context.limiter(key)
      return { run: (task, signal) => track.promise(`limiter ${key}`, limiter.run(task, signal)) }
    },
  }
  return { context: watched, pending: () => [...open].map(({ what }) => what), secrets, writes, roles, told }
}

/** A context of which single parts can be replaced, also when it is an object of a class. */
function delegated(context: Context): Context {
  const { signal, chain, log, http, cache, state, clock, env } = context
  return {
    signal,
    chain,
    log,
    http,
    cache,
    state,
    clock,
    env,
    random: () => context.random(),
    emit: (event) => context.emit(event),
    registry: (host, role, options) => context.registry(host, role, options),
    credential: (host, role) => context.credential(host, role),
    limiter: (key) => context.limiter(key),
    resolvePath: (path) => context.resolvePath(path),
  }
}

function watchedResponse(what: string, response: HttpResponse, track: Tracker): HttpResponse {
  const { status, headers, url, body } = response
  return { status, headers, url, body: track.stream(`${what} (body)`, body) }
}

function watchedRegistry(registry: Registry, track: Tracker, writes: string[]): Registry {
  const { host } = registry
  const write = <T>(what: string, work: Promise<T>): Promise<T> => {
    writes.push(`${what} ${host}`)
    return track.promise(`${what} ${host}`, work)
  }
  return {
    host,
    find: (...args) => track.promise(`find ${host}/${args[0]}`, registry.find(...args)),
    manifest: (...args) => track.promise(`manifest ${host}/${args[0]}`, registry.manifest(...args)),
    blob: (...args) => track.stream(`blob ${host}/${args[0]}`, registry.blob(...args)),
    has: (...args) => track.promise(`has ${host}/${args[0]}`, registry.has(...args)),
    pushBlob: (...args) => write('pushBlob', registry.pushBlob(...args)),
    mount: (...args) => write('mount', registry.mount(...args)),
    pushManifest: (...args) => write('pushManifest', registry.pushManifest(...args)),
    referrers: (...args) => track.promise(`referrers ${host}/${args[0]}`, registry.referrers(...args)),
    tags: (...args) => registry.tags(...args),
    check: (...args) => track.promise(`check ${host}/${args[0]}`, registry.check(...args)),
  }
}

function secretsOf(credential: Credential | undefined): readonly string[] {
  const { password, identityToken, registryToken } = credential ?? {}
  return [password, identityToken, registryToken].flatMap((secret) =>
    secret === undefined || secret === '' ? [] : [secret],
  )
}
