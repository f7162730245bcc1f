import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { AdapterEntry } from '@ropeway/engine'
import { adapterPackages, type PluginHost } from './packages.js'

/** What the list of adapters shows of each. */
export type ListedAdapter = Pick<AdapterEntry, 'kind' | 'name' | 'plugin' | 'version' | 'hosts'>

interface Kept {
  readonly key: string
  readonly adapters: readonly ListedAdapter[]
}

/**
 * The adapters of all installed packages. The engine makes the list from what the packages say of themselves; as long as
 * they say the same, the list of the last time is taken, since importing the engine would take longer than all the rest.
 */
export async function listAdapters(
  host: PluginHost & { readonly cacheDir: string; readonly version: string },
): Promise<readonly ListedAdapter[]> {
  const packages = adapterPackages(host)
  const key = JSON.stringify([
    host.version,
    packages.map(({ name, version, root, manifest }) => [name, version, root, said(manifest)]),
  ])
  const file = join(host.cacheDir, 'adapters.json')
  const kept = await readKept(file)
  if (kept?.key === key) return kept.adapters
  const { loadAdapters } = await import('@ropeway/engine')
  const adapters = loadAdapters(packages).list().map(listed)
  await keep(file, { key, adapters })
  return adapters
}

function listed({ kind, name, plugin, version, hosts }: AdapterEntry): ListedAdapter {
  return { kind, name, plugin, version, hosts }
}

/** All of a package.json that the list depends on. */
function said(manifest: unknown): unknown {
  const oclif = manifest !== null && typeof manifest === 'object' && 'oclif' in manifest ? manifest.oclif : undefined
  return oclif !== null && typeof oclif === 'object' && 'ropeway' in oclif ? oclif.ropeway : undefined
}

async function readKept(file: string): Promise<Kept | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    return isKept(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** A file whose key is right was written by this very version. */
function isKept(value: unknown): value is Kept {
  return (
    value !== null &&
    typeof value === 'object' &&
    'key' in value &&
    'adapters' in value &&
    Array.isArray(value.adapters)
  )
}

/** Losing it costs a moment the next time, so nothing is said when it cannot be written. */
async function keep(file: string, kept: Kept): Promise<void> {
  const partial = `${file}.${process.pid}.tmp`
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(partial, JSON.stringify(kept))
    await rename(partial, file)
  } catch {
    return
  }
}
