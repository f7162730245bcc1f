import type { AdapterPackage } from '@ropeway/engine'

/** The part of oclif's configuration that tells which packages are installed. */
export interface PluginHost {
  readonly plugins: ReadonlyMap<string, HostPlugin>
}

interface HostPlugin {
  readonly name: string
  readonly version: string
  readonly root: string
  readonly pjson: unknown
}

/** Every package that oclif loaded, built-in or installed, all alike, in the order of their names. */
export function adapterPackages({ plugins }: PluginHost): AdapterPackage[] {
  return [...plugins.values()]
    .map(({ name, version, root, pjson }) => ({ name, version, root, manifest: pjson }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}
