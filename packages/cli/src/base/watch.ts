import type {
  Adapter,
  Artifact,
  Content,
  CredentialProvider,
  Delivery,
  Failure,
  Sink,
  Source,
  Transform,
} from '@ropeway/core'
import type { AdapterTable } from '@ropeway/engine'

/** A call into an adapter that has not come back yet. */
export interface Unanswered {
  /** `source "helm"`. */
  readonly adapter: string
  readonly operation: string
}

export interface Watch {
  /** The same adapters; calls into them are remembered until they come back. */
  readonly table: AdapterTable
  /** The call that began last and has not come back: where a run that stands still stands. */
  unanswered(): Unanswered | undefined
}

/** Remembers which adapter is being waited for, so that a hang can be blamed on the one that hangs. */
export function watchAdapters(table: AdapterTable): Watch {
  const open = new Set<Unanswered>()
  const watched = new Map<Adapter, Adapter>()
  return {
    table: {
      ...table,
      async load(kind, name) {
        const adapter = await table.load(kind, name)
        const known = watched.get(adapter) ?? watchAdapter(adapter, open)
        watched.set(adapter, known)
        // What watchAdapter returns is of the kind that it was given.
        return known as typeof adapter
      },
    },
    unanswered: () => [...open].at(-1),
  }
}

function watchAdapter(adapter: Adapter, open: Set<Unanswered>): Adapter {
  const calls = callsInto(`${adapter.kind} "${adapter.name}"`, open)
  switch (adapter.kind) {
    case 'source':
      return watchSource(adapter, calls)
    case 'transform':
      return watchTransform(adapter, calls)
    case 'sink':
      return watchSink(adapter, calls)
    case 'credentials':
      return watchCredentials(adapter, calls)
  }
}

interface Calls {
  call<T>(operation: string, action: () => Promise<T>): Promise<T>
  stream<T>(operation: string, action: () => AsyncIterable<T>): AsyncIterable<T>
}

function callsInto(adapter: string, open: Set<Unanswered>): Calls {
  async function call<T>(operation: string, action: () => Promise<T>): Promise<T> {
    const waiting = { adapter, operation }
    open.add(waiting)
    try {
      return await action()
    } finally {
      open.delete(waiting)
    }
  }
  async function* stream<T>(operation: string, action: () => AsyncIterable<T>): AsyncIterable<T> {
    const iterator = action()[Symbol.asyncIterator]()
    let done: boolean | undefined
    try {
      for (;;) {
        const next = await call(operation, () => iterator.next())
        done = next.done
        if (next.done === true) return
        yield next.value
      }
    } finally {
      if (done !== true) await iterator.return?.()
    }
  }
  return { call, stream }
}

function watchSource(source: Source<unknown>, { call, stream }: Calls): Source<unknown> {
  const { inputs } = source
  const watchedItem = (item: Artifact | Failure): Artifact | Failure =>
    isObject(item) && 'content' in item
      ? { ...item, content: watchContent(item.content, item.name, { call, stream }) }
      : item
  return {
    ...source,
    async *resolve(options, context) {
      for await (const item of stream('resolving', () => source.resolve(options, context))) yield watchedItem(item)
    },
    async reopen(locked, options, context) {
      const content = await call(`opening ${locked.id}`, () => source.reopen(locked, options, context))
      return watchContent(content, locked.name, { call, stream })
    },
    ...(inputs === undefined
      ? {}
      : { inputs: (options, context) => call('reading local files', () => inputs.call(source, options, context)) }),
  }
}

/** What a plugin gives may be anything; what is not of its type goes on as it is, for the engine to refuse. */
function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function watchContent(content: Content, name: string, { call, stream }: Calls): Content {
  if (!isObject(content)) return content
  const { referrers } = content
  return {
    open: (descriptor, options) => stream(`reading ${name}`, () => content.open(descriptor, options)),
    ...(referrers === undefined
      ? {}
      : {
          referrers: (subject, options) =>
            call(`asking what refers to ${name}`, () => referrers.call(content, subject, options)),
        }),
  }
}

function watchTransform(transform: Transform<unknown>, { call }: Calls): Transform<unknown> {
  return {
    ...transform,
    apply: (artifacts, options, context) =>
      call('changing artifacts', () => transform.apply(artifacts, options, context)),
  }
}

function watchSink(sink: Sink<unknown>, calls: Calls): Sink<unknown> {
  const { check } = sink
  const { call } = calls
  return {
    ...sink,
    survey: (plan, options, context) => call('looking at the destination', () => sink.survey(plan, options, context)),
    ...(check === undefined
      ? {}
      : {
          check: (plan, options, context) =>
            call('checking the destination', () => check.call(sink, plan, options, context)),
        }),
    async open(plan, survey, options, context) {
      const delivery = await call('opening the destination', () => sink.open(plan, survey, options, context))
      return watchDelivery(delivery, calls)
    },
  }
}

function watchCredentials(provider: CredentialProvider, { call }: Calls): CredentialProvider {
  return {
    ...provider,
    get: (host, role, context) => call(`giving credentials for ${host}`, () => provider.get(host, role, context)),
  }
}

function watchDelivery(delivery: Delivery, { call }: Calls): Delivery {
  if (!isObject(delivery)) return delivery
  const ending = {
    close: () => call('closing the delivery', () => delivery.close()),
    abort: (reason: unknown) => call('giving up', () => delivery.abort(reason)),
  }
  switch (delivery.type) {
    case 'artifacts':
      return {
        type: 'artifacts',
        ...ending,
        put: (artifact, content) => call(`taking ${artifact.id}`, () => delivery.put(artifact, content)),
      }
    case 'bytes': {
      const { read } = delivery
      return {
        type: 'bytes',
        unit: delivery.unit,
        ...ending,
        stored: () => call('telling what is stored', () => delivery.stored()),
        write: (range, bytes) => call('writing', () => delivery.write(range, bytes)),
        seal: (range) => call('sealing', () => delivery.seal(range)),
        ...(read === undefined ? {} : { read: read.bind(delivery) }),
      }
    }
    case 'store': {
      const { mount } = delivery
      return {
        type: 'store',
        ...ending,
        prepare: (repositories) => call('preparing repositories', () => delivery.prepare(repositories)),
        missing: (slots) => call('telling what is missing', () => delivery.missing(slots)),
        blob: (slot, content, options) => call('taking a blob', () => delivery.blob(slot, content, options)),
        ...(mount === undefined
          ? {}
          : { mount: (slot, from) => call('mounting a blob', () => mount.call(delivery, slot, from)) }),
        manifest: (slot, manifest) => call('taking a manifest', () => delivery.manifest(slot, manifest)),
        tag: (slot, manifest, tags) => call('tagging', () => delivery.tag(slot, manifest, tags)),
      }
    }
    default:
      return delivery
  }
}
