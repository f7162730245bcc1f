import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve as resolvePath, isAbsolute, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  apiVersion,
  isAdapter,
  messageOf,
  type Adapter,
  type AdapterKind,
  type CredentialProvider,
  type Sink,
  type Source,
  type Transform,
} from '@ropeway/core'
import { fitsHost } from '@ropeway/distribution'
import { canonicalHost } from '@ropeway/oci'
import { z } from 'zod'
import * as errors from '../errors.js'
import { AdapterManifest, ListingManifest, PackageManifest } from './manifest.js'

/** A package that may list adapters: an oclif plugin, or anything with such a package.json. */
export interface AdapterPackage {
  readonly name: string
  readonly version: string
  /** Absolute folder of the package. */
  readonly root: string
  /** Its package.json, parsed. */
  readonly manifest: unknown
}

/** One adapter as its package lists it; nothing was imported to know this. */
export interface AdapterEntry {
  readonly kind: AdapterKind
  readonly name: string
  readonly plugin: string
  readonly version: string
  /** Absolute path of the module. */
  readonly module: string
  readonly export: string
  /** Host patterns of a credentials provider, or of a sink that is for certain registries. */
  readonly hosts?: readonly string[] | undefined
}

export interface AdaptersByKind {
  source: Source<unknown>
  transform: Transform<unknown>
  sink: Sink<unknown>
  credentials: CredentialProvider
}

/** All adapters of a host, sorted by kind and name. */
export interface AdapterTable {
  list(): readonly AdapterEntry[]
  find(kind: AdapterKind, name: string): AdapterEntry | undefined
  /** Imports the adapter's module, once, and checks that it is what its package says. */
  load<Kind extends AdapterKind>(kind: Kind, name: string): Promise<AdaptersByKind[Kind]>
}

/**
 * Reads the adapters that packages list, without importing any. Throws `ADAPTER_NAME_TAKEN` when two packages claim one name,
 * `ADAPTER_MANIFEST_INVALID` or `ADAPTER_API_VERSION` for a package that this version cannot use.
 */
export function loadAdapters(packages: readonly AdapterPackage[]): AdapterTable {
  const entries = new Map<string, AdapterEntry>()
  for (const from of [...packages].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    for (const entry of entriesOf(from)) {
      const key = `${entry.kind}:${entry.name}`
      const taken = entries.get(key)
      if (taken !== undefined) throw errors.adapterNameTaken(entry.kind, entry.name, taken.plugin, entry.plugin)
      entries.set(key, entry)
    }
  }
  const sorted = [...entries.keys()].sort().flatMap((key) => entries.get(key) ?? [])
  const loaded = new Map<AdapterEntry, Promise<Adapter>>()

  return {
    list: () => sorted,
    find: (kind, name) => entries.get(`${kind}:${name}`),
    load<Kind extends AdapterKind>(kind: Kind, name: string): Promise<AdaptersByKind[Kind]> {
      const entry = entries.get(`${kind}:${name}`)
      if (entry === undefined) {
        const known = sorted.filter((candidate) => candidate.kind === kind).map((candidate) => candidate.name)
        return Promise.reject(errors.adapterUnknown(kind, name, known))
      }
      const running = loaded.get(entry) ?? importAdapter(entry)
      loaded.set(entry, running)
      // importAdapter checks that the adapter's kind is the entry's, which is `kind`.
      return running as Promise<AdaptersByKind[Kind]>
    },
  }
}

/** A table of adapters that are at hand already: for scripts and tests. */
export function adapterTable(adapters: readonly (Adapter & { readonly hosts?: readonly string[] })[]): AdapterTable {
  const entries = adapters.map((adapter): AdapterEntry => {
    const { kind, name, hosts } = adapter
    return { kind, name, hosts, plugin: '(given)', version: '0.0.0', module: '', export: '' }
  })
  return {
    list: () => entries,
    find: (kind, name) => entries.find((entry) => entry.kind === kind && entry.name === name),
    async load<Kind extends AdapterKind>(kind: Kind, name: string): Promise<AdaptersByKind[Kind]> {
      const adapter = adapters.find((candidate) => candidate.kind === kind && candidate.name === name)
      if (adapter === undefined) {
        const known = adapters.filter((candidate) => candidate.kind === kind).map((candidate) => candidate.name)
        throw errors.adapterUnknown(kind, name, known)
      }
      return adapter as AdaptersByKind[Kind]
    },
  }
}

/** The sink for a place of which only `HOST[/prefix]` is known: one whose host patterns fit, else the one for any registry. */
export function sinkFor(place: string, adapters: AdapterTable): string {
  const host = canonicalHost((place.split('/', 1)[0] ?? '').toLowerCase())
  const fitting = adapters.list().find(({ kind, hosts = [] }) => kind === 'sink' && fitsHost(hosts, host))
  return fitting?.name ?? 'registry'
}

/**
 * The packages that a host's package.json names under `oclif.plugins`: what the CLI sees, for scripts without oclif. One that
 * is not installed is left out. Throws `ADAPTER_MANIFEST_INVALID` for a package.json that cannot be read.
 */
export function readAdapterPackages(hostPackageJson: string): AdapterPackage[] {
  const host = readPackageJson(hostPackageJson).facts
  const require = createRequire(hostPackageJson)
  return (host.oclif?.plugins ?? []).flatMap((name): AdapterPackage[] => {
    const file = findPackageJson(require, name)
    if (file === undefined) return []
    const { manifest, facts } = readPackageJson(file)
    return [{ name, version: facts.version, root: dirname(file), manifest }]
  })
}

function readPackageJson(file: string): { readonly manifest: unknown; readonly facts: PackageManifest } {
  let manifest: unknown
  try {
    manifest = JSON.parse(readFileSync(file, 'utf8'))
  } catch (thrown) {
    throw errors.adapterManifestInvalid(file, messageOf(thrown))
  }
  const facts = PackageManifest.safeParse(manifest)
  if (!facts.success) throw errors.adapterManifestInvalid(file, z.prettifyError(facts.error))
  return { manifest, facts: facts.data }
}

function findPackageJson(require: NodeJS.Require, name: string): string | undefined {
  for (const folder of require.resolve.paths(name) ?? []) {
    const file = join(folder, name, 'package.json')
    try {
      readFileSync(file)
      return file
    } catch {
      continue
    }
  }
  return undefined
}

function entriesOf(from: AdapterPackage): AdapterEntry[] {
  const manifest = ListingManifest.safeParse(from.manifest)
  const data = manifest.success ? manifest.data.oclif.ropeway : undefined
  if (data === undefined) return []
  const version = z.object({ apiVersion: z.unknown() }).safeParse(data)
  if (version.success && typeof version.data.apiVersion === 'number' && version.data.apiVersion !== apiVersion) {
    throw errors.adapterApiVersion(from.name, version.data.apiVersion, apiVersion)
  }
  const parsed = AdapterManifest.safeParse(data)
  if (!parsed.success) throw errors.adapterManifestInvalid(from.name, z.prettifyError(parsed.error))
  return parsed.data.adapters.map((adapter): AdapterEntry => {
    const module = resolvePath(from.root, adapter.module)
    const inside = relative(from.root, module)
    if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
      throw errors.adapterManifestInvalid(from.name, `module ${adapter.module} is outside of the package`)
    }
    return {
      kind: adapter.kind,
      name: adapter.name,
      plugin: from.name,
      version: from.version,
      module,
      export: adapter.export,
      hosts: 'hosts' in adapter ? adapter.hosts : undefined,
    }
  })
}

async function importAdapter(entry: AdapterEntry): Promise<Adapter> {
  let module: Record<string, unknown>
  try {
    module = (await import(pathToFileURL(entry.module).href)) as Record<string, unknown>
  } catch (thrown) {
    throw errors.adapterImportFailed(entry.kind, entry.name, entry.plugin, thrown)
  }
  const adapter = module[entry.export]
  if (!isAdapter(adapter)) {
    throw errors.adapterLies(entry.kind, entry.name, entry.plugin, `its export "${entry.export}" is not an adapter`)
  }
  if (adapter.kind !== entry.kind || adapter.name !== entry.name) {
    throw errors.adapterLies(
      entry.kind,
      entry.name,
      entry.plugin,
      `it says of itself that it is ${adapter.kind} "${adapter.name}"`,
    )
  }
  return adapter
}
