import { readFile, stat } from 'node:fs/promises'
import type { Storage } from '@ropeway/registry-server'
import * as errors from '../errors.js'

export interface ServeSettings {
  readonly host: string
  readonly port: number
  readonly readOnly: boolean
  readonly tls: { readonly cert?: string | undefined; readonly key?: string | undefined }
  readonly auth?: { readonly username: string; readonly password: string } | undefined
}

/** A bundle or folder being served. */
export interface Served {
  readonly server: { readonly url: string; readonly host: string }
  /** For people: what is served. */
  readonly what: string
  readonly readOnly: boolean
  /** Lets running requests end, then closes. */
  close(): Promise<void>
}

interface Source {
  readonly storage: Storage
  readonly what: string
  readonly readOnly: boolean
  close(): Promise<void>
}

export async function openServed(path: string, { host, port, readOnly, tls, auth }: ServeSettings): Promise<Served> {
  const { serveRegistry } = await import('@ropeway/registry-server')
  const pair = await readPair(tls)
  const source = await openSource(path)
  try {
    const server = await serveRegistry({
      storage: source.storage,
      host,
      port,
      readOnly: readOnly || source.readOnly,
      tls: pair,
      auth,
    })
    const close = async () => {
      await server.close()
      await source.close()
    }
    return { server, what: source.what, readOnly: readOnly || source.readOnly, close }
  } catch (thrown) {
    await source.close()
    throw thrown
  }
}

async function readPair({ cert, key }: ServeSettings['tls']): Promise<{ cert: string; key: string } | undefined> {
  if (cert === undefined || key === undefined) return undefined
  const read = (file: string) =>
    readFile(file, 'utf8').catch((cause: unknown) => {
      throw errors.fileNotReadable(file, cause)
    })
  return { cert: await read(cert), key: await read(key) }
}

/** A file is a bundle, a folder is a registry; what is not there becomes a folder, unless it is named like a bundle. */
async function openSource(path: string): Promise<Source> {
  const facts = await stat(path).catch(() => undefined)
  if (facts?.isDirectory() === true || (facts === undefined && !path.endsWith('.tar'))) {
    const { folderStorage } = await import('@ropeway/registry-server')
    return { storage: await folderStorage(path), what: 'folder', readOnly: false, close: async () => undefined }
  }
  const [{ openBundle }, { bundleStorage }] = await Promise.all([
    import('@ropeway/bundle'),
    import('@ropeway/registry-server'),
  ])
  const bundle = await openBundle(path)
  const { name, version } = bundle.chain
  return {
    storage: await bundleStorage(bundle),
    what: `${name} ${version}`,
    readOnly: true,
    close: () => bundle.close(),
  }
}
