import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { RopewayError, defineSink, isRopewayError, messageOf } from '@ropeway/core'
import { z } from 'zod'
import { memosIn } from './manifest.js'

/** A folder that holds exactly the memos of the last delivery. */
export const outbox = defineSink({
  name: 'outbox',
  summary: 'A folder with one text file for each memo.',
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
    const found = await stat(above).catch((error) => {
      throw outboxUnusable(folder, error)
    })
    if (!found.isDirectory()) throw outboxUnusable(folder, `${above} is no folder`)
  },
  async open(_plan, _survey, { folder }, context) {
    return delivery(folder, context)
  },
})

function delivery(folder, context) {
  const final = context.resolvePath(folder)
  const [partial, former] = [`${final}.partial`, `${final}.former`]
  const attempt = (work) =>
    work().catch((error) => {
      throw isRopewayError(error) ? error : outboxUnusable(folder, error)
    })
  return {
    type: 'artifacts',
    put: ({ root }, content) =>
      attempt(async () => {
        await mkdir(partial, { recursive: true })
        for (const { name, layer } of memosIn(await collect(content.open(root, context)))) {
          if (/^[a-z0-9][a-z0-9.-]*$/.test(name)) {
            await writeFile(join(partial, name), await collect(content.open(layer, context)))
          }
        }
      }),
    close: () =>
      attempt(async () => {
        await mkdir(partial, { recursive: true })
        await rename(final, former).catch(() => undefined)
        await rename(partial, final)
        await rm(former, { recursive: true, force: true })
        return { location: folder, next: [`ls ${folder}`] }
      }),
    abort: () => rm(partial, { recursive: true, force: true }).catch(() => undefined),
  }
}

async function collect(stream) {
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function outboxUnusable(folder, cause) {
  return new RopewayError({
    code: 'OUTBOX_UNUSABLE',
    side: 'sink',
    message: `nothing can be written to ${folder}: ${messageOf(cause)}`,
    operation: 'writing',
    about: folder,
    hint: 'the folder above it has to exist and to be writable',
    cause,
  })
}
