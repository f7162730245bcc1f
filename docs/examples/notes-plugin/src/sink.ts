import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  RopewayError,
  defineSink,
  isRopewayError,
  messageOf,
  type ArtifactDelivery,
  type Content,
  type Context,
  type PlannedArtifact,
} from '@ropeway/core'
import { collect, manifestLimit, parseManifest, verified } from '@ropeway/oci'
import { z } from 'zod'

const noteLimit = 16 * 1024 * 1024

export const shelf = defineSink({
  name: 'shelf',
  summary: 'a folder that holds exactly the files of the last delivery',
  shorthand: 'folder',
  options: z.strictObject({ folder: z.string().describe('The folder, relative to the chain.') }),
  accepts: ['file'],
  takes: 'artifacts',
  async survey(_plan, { folder }, { signal }) {
    signal.throwIfAborted()
    return { location: folder, existing: 'overwrite' }
  },
  async check(_plan, { folder }, context) {
    const above = dirname(context.resolvePath(folder))
    const found = await stat(above).catch((error: unknown) => {
      throw shelfUnusable(folder, error)
    })
    if (!found.isDirectory()) throw shelfUnusable(folder, `${above} is no folder`)
  },
  async open(_plan, _survey, { folder }, context) {
    return deliveryTo(folder, context)
  },
})

/** Files are gathered beside the folder; `close` puts them in its place at once. */
function deliveryTo(folder: string, context: Context): ArtifactDelivery {
  const final = context.resolvePath(folder)
  const partial = `${final}.partial`
  const former = `${final}.former`
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw isRopewayError(error) ? error : shelfUnusable(folder, error)
    }
  }
  return {
    type: 'artifacts',
    put: (artifact, content) =>
      attempt(async () => {
        await mkdir(partial, { recursive: true })
        for (const [name, bytes] of await filesOf(artifact, content, context))
          await writeFile(join(partial, name), bytes)
      }),
    close: () =>
      attempt(async () => {
        await mkdir(partial, { recursive: true })
        await rename(final, former).catch(() => undefined)
        await rename(partial, final)
        await rm(former, { recursive: true, force: true })
        return { location: folder, next: [`ls ${folder}`] }
      }),
    // Why it is given up is told already; a folder that cannot be cleaned up must not hide that.
    abort: () => rm(partial, { recursive: true, force: true }).catch(() => undefined),
  }
}

/** The layers that have a title; the engine verified them, and `verified` proves it again where they are used. */
async function filesOf({ root }: PlannedArtifact, content: Content, { signal }: Context) {
  const manifest = parseManifest(
    await collect(verified(content.open(root, { signal }), root), manifestLimit),
    root.mediaType,
  )
  const layers = manifest.type === 'image' ? manifest.layers : []
  const files: [string, Uint8Array][] = []
  for (const layer of layers) {
    const title = layer.annotations?.['org.opencontainers.image.title']
    if (title === undefined || !/^\w[\w.-]*$/.test(title)) continue
    files.push([title, await collect(verified(content.open(layer, { signal }), layer), noteLimit)])
  }
  return files
}

function shelfUnusable(folder: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'SHELF_UNUSABLE',
    side: 'sink',
    message: `nothing can be written to ${folder}: ${messageOf(cause)}`,
    operation: 'writing',
    about: folder,
    hint: 'the folder above it has to exist and to be writable',
    cause,
  })
}
