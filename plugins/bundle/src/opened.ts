import { stat } from 'node:fs/promises'
import { relative, sep } from 'node:path'
import type { Content, Context } from '@ropeway/core'
import { openBundle, openFile, type Bundle } from '@ropeway/bundle'

interface Opened {
  /** Changes when the file does. */
  readonly stamp: string
  readonly bundle: Promise<Bundle>
}

/**
 * Bundles that a run has opened, by its content cache, which all its contexts share: a replayed lock opens each of its
 * artifacts on its own, and a bundle's table need not be read for each. An open bundle holds no file handle.
 */
const openedByRun = new WeakMap<Context['cache'], Map<string, Opened>>()

type BundleContext = Pick<Context, 'cache' | 'chain' | 'resolvePath'>

/** What a bundle is called in locks and messages: its path relative to the chain, which is the same on every machine. */
export function nameOf(path: string, { chain, resolvePath }: Pick<Context, 'chain' | 'resolvePath'>): string {
  const name = relative(chain.directory, resolvePath(path)).split(sep).join('/')
  return name === '' ? path : name
}

/** The bundle at a path as the user wrote it. Throws what `openBundle` throws. */
export async function bundleAt(path: string, context: BundleContext): Promise<Bundle> {
  const absolute = context.resolvePath(path)
  const opened = openedByRun.get(context.cache) ?? new Map<string, Opened>()
  openedByRun.set(context.cache, opened)
  const stamp = await stampOf(absolute)
  const known = opened.get(absolute)
  if (known !== undefined && known.stamp === stamp) return known.bundle
  const bundle = openFile(absolute, nameOf(path, context)).then(openBundle)
  opened.set(absolute, { stamp, bundle })
  bundle.catch(() => opened.delete(absolute))
  return bundle
}

/**
 * Content of the bundle that was opened at a path, by digest: when another bundle stands there later, what that one holds too
 * is still found.
 */
export function contentAt(path: string, { content: { referrers } }: Bundle, context: BundleContext): Content {
  return {
    async *open(descriptor, options) {
      options?.signal?.throwIfAborted()
      const { content } = await bundleAt(path, context)
      yield* content.open(descriptor, options)
    },
    ...(referrers === undefined ? {} : { referrers }),
  }
}

async function stampOf(absolute: string): Promise<string> {
  return stat(absolute).then(
    ({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`,
    () => 'absent',
  )
}
