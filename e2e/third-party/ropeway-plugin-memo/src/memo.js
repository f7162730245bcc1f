import { RopewayError, defineSource } from '@ropeway/core'
import { z } from 'zod'
import { artifactOf } from './manifest.js'

const Options = z.strictObject({
  memos: z
    .record(z.string().regex(/^[a-z0-9][a-z0-9.-]*$/), z.string())
    .describe('Name → text.')
    .default({}),
  from: z.array(z.string()).describe('Memos that a registry holds: `host/repository:tag`.').default([]),
})

/** Memos: texts that stand in the chain, or that a registry holds. */
export const memo = defineSource({
  name: 'memo',
  summary: 'Memos: short texts from the chain itself or from a registry.',
  options: Options,
  async *resolve({ memos, from }, context) {
    for (const [name, text] of Object.entries(memos)) {
      context.signal.throwIfAborted()
      yield text.trim() === '' ? { about: name, error: memoEmpty(name) } : written(name, text, context)
    }
    const kept = from.map((reference) =>
      keptAt(reference, context).catch((error) => failure(reference, error, context)),
    )
    yield* await Promise.all(kept)
  },
  async reopen({ source: { locator } }, _options, context) {
    return 'text' in locator ? contentOf(artifactOf(locator.name, locator.text)) : contentAt(locator, context)
  },
})

function written(name, text, { chain }) {
  const artifact = artifactOf(name, text)
  return {
    kind: 'file',
    name,
    version: chain.version,
    source: { location: `memo ${name}`, locator: { name, text } },
    root: artifact.root,
    content: contentOf(artifact),
    naming: { path: `${chain.name}/${name}`, tags: [chain.version] },
    derived: [{ digest: artifact.root.digest, recipe: { type: 'memo.text/1', name } }],
  }
}

function contentOf({ bytes }) {
  return {
    async *open({ digest }, { offset = 0, end, signal } = {}) {
      signal?.throwIfAborted()
      const whole = bytes.get(digest)
      if (whole === undefined) throw memoUnreadable(digest, 'no memo holds it')
      yield whole.subarray(offset, end)
    },
  }
}

async function keptAt(text, context) {
  const [, registry, repository, tag] = /^([^/]+)\/(.+):([^:/]+)$/.exec(text) ?? []
  if (registry === undefined) throw memoUnreadable(text, 'it is not host/repository:tag')
  const { signal } = context
  const { descriptor } = await context.registry(registry, 'source').manifest(repository, tag, { signal })
  const { mediaType, digest, size } = descriptor
  return {
    kind: 'file',
    name: repository,
    version: tag,
    source: { location: text, reference: { registry, repository, tag }, locator: { registry, repository } },
    root: { mediaType, digest, size },
    content: contentAt({ registry, repository }, context),
    naming: { path: repository, tags: [tag] },
  }
}

function contentAt({ registry, repository }, context) {
  return { open: (descriptor, options) => context.registry(registry, 'source').blob(repository, descriptor, options) }
}

function failure(about, error, { signal }) {
  signal.throwIfAborted()
  return { about, error }
}

function memoEmpty(name) {
  return new RopewayError({
    code: 'MEMO_EMPTY',
    side: 'source',
    message: `the memo ${name} says nothing`,
    about: name,
    hint: 'write something, or leave the memo out',
  })
}

function memoUnreadable(about, reason) {
  return new RopewayError({
    code: 'MEMO_UNREADABLE',
    side: 'source',
    message: `the memo ${about} cannot be read: ${reason}`,
    about,
    hint: 'write host/repository:tag, as in registry.example/memos/welcome:1',
  })
}
