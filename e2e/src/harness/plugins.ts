import { execFile } from 'node:child_process'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { root } from './paths.ts'

const exec = promisify(execFile)

/** No package registry answers there. */
export const noPackageRegistry = { npm_config_registry: 'http://127.0.0.1:9/', npm_config_fetch_retries: '0' }

const offline = { env: { ...process.env, ...noPackageRegistry } }

async function npmPack(folder: string, into: string): Promise<string> {
  const { stdout } = await exec('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', into], {
    ...offline,
    cwd: folder,
  })
  return join(into, stdout.trim())
}

/**
 * Packs a plugin from a folder outside of the workspace, with copies of its own of @ropeway/core (as npm would bring it) and of
 * zod. Nothing is downloaded. Returns the archive.
 */
export async function packPlugin(folder: string, into: string): Promise<string> {
  const copy = join(into, basename(folder))
  const modules = join(copy, 'node_modules')
  await cp(folder, copy, { recursive: true })
  await mkdir(join(modules, '@ropeway', 'core'), { recursive: true })
  const core = await npmPack(join(root, 'packages', 'core'), into)
  await exec('tar', ['-xzf', core, '--strip-components=1', '-C', join(modules, '@ropeway', 'core')])
  for (const name of ['zod', '@standard-schema/spec']) {
    await cp(join(root, 'node_modules', name), join(modules, name), { recursive: true, dereference: true })
  }
  return npmPack(copy, into)
}

export interface SmallPlugin {
  readonly name: string
  /** The default is 1. */
  readonly apiVersion?: number | undefined
  /** What stands under `oclif.ropeway.adapters`; the module is index.js. */
  readonly adapters: readonly { readonly kind: string; readonly name: string; readonly export: string }[]
  /** Text of index.js. `brand` is there: it makes an adapter of a plain object, without any package. */
  readonly code: string
}

const brand = `
const brand = (adapter) => Object.defineProperty(adapter, Symbol.for('ropeway.adapter/1'), { value: true })
const jsonSchema = { input: () => ({ type: 'object' }), output: () => ({ type: 'object' }) }
const anything = { '~standard': { version: 1, vendor: 'none', validate: (value) => ({ value }), jsonSchema } }
`

/** Writes a plugin that imports nothing at all, to be linked. Returns its folder. */
export async function writePlugin(folder: string, plugin: SmallPlugin): Promise<string> {
  const { name, apiVersion = 1, adapters, code } = plugin
  const ropeway = { apiVersion, adapters: adapters.map((adapter) => ({ ...adapter, module: './index.js' })) }
  await mkdir(folder, { recursive: true })
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name, version: '1.0.0', type: 'module', sideEffects: false, oclif: { ropeway } }, null, 2),
  )
  await writeFile(join(folder, 'index.js'), brand + code)
  return folder
}
