import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isForbidden, isMissing } from '../files.js'

/** TLS material for one host, as PEM texts. */
export interface HostCertificates {
  readonly ca?: readonly string[] | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

/** Finds the TLS material of a `host[:port]`; `undefined` when it has none of its own. */
export type CertificateLookup = (host: string) => Promise<HostCertificates | undefined>

/** The folders in which docker, containerd and podman look for certificates, `home` being the user's home folder. */
export function certificateFolders(home: string): readonly string[] {
  return [join(home, '.config/containers/certs.d'), '/etc/containers/certs.d', '/etc/docker/certs.d']
}

/**
 * Reads docker's `certs.d` layout: `<folder>/<host[:port]>/*.crt` are CAs, `NAME.cert` with `NAME.key` is the client's
 * pair. Every folder that knows the host adds its CAs; the first pair wins. Folders that are not
 * there or that this user may not read are passed over.
 */
export function certificatesFromFolders(folders: readonly string[]): CertificateLookup {
  return async (host) => {
    const found = await Promise.all(folders.map((folder) => readFolder(join(folder, host))))
    const ca = found.flatMap((material) => material.ca ?? [])
    const pair = found.find((material) => material.cert !== undefined && material.key !== undefined)
    if (ca.length === 0 && pair === undefined) return undefined
    return { ca, cert: pair?.cert, key: pair?.key }
  }
}

async function readFolder(folder: string): Promise<HostCertificates> {
  const names = await listFolder(folder)
  const ca = await Promise.all(names.filter((name) => name.endsWith('.crt')).map((name) => read(folder, name)))
  const pair = names.find((name) => name.endsWith('.cert') && names.includes(name.replace(/cert$/, 'key')))
  if (pair === undefined) return { ca }
  return { ca, cert: await read(folder, pair), key: await read(folder, pair.replace(/cert$/, 'key')) }
}

function read(folder: string, name: string): Promise<string> {
  return readFile(join(folder, name), 'utf8')
}

async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch (error) {
    if (isMissing(error) || isForbidden(error)) return []
    throw error
  }
}
