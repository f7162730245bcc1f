import { readdirSync, readFileSync } from 'node:fs'
import { createRequire, findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createDigester } from '@ropeway/oci'
import { z } from 'zod'

/** The rooms whose code decides what an analysis says. */
const rooms: ReadonlySet<string> = new Set(['@ropeway/images', '@ropeway/helm', '@ropeway/gotemplate'])

const packageSchema = z.object({ version: z.string(), dependencies: z.record(z.string(), z.string()).default({}) })

let known: { readonly version: string | undefined } | undefined

/**
 * A digest of the code that an analysis is made by: the files of its rooms, the versions of what they depend on, and that of Node.
 * Two programs with the same one say the same of the same input. `undefined` where the code cannot be found as files.
 */
export function codeVersion(): string | undefined {
  known ??= { version: computed() }
  return known.version
}

function computed(): string | undefined {
  const digester = createDigester()
  const add = (part: string | Uint8Array) => {
    const bytes = Buffer.from(part)
    digester.update(Buffer.from(`${String(bytes.byteLength)}:`))
    digester.update(bytes)
  }
  try {
    add(process.version)
    const found = addPackage('@ropeway/images', import.meta.url, add, new Set())
    return found ? digester.digest() : undefined
  } catch {
    return undefined
  }
}

/** False when a package is not there. */
function addPackage(name: string, base: string, add: (part: string | Uint8Array) => void, seen: Set<string>): boolean {
  const file = findPackageJSON(name, base)
  if (file === undefined) return false
  if (seen.has(file)) return true
  seen.add(file)
  const { version, dependencies } = packageSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  add(`${name}@${version}`)
  if (!rooms.has(name)) return true
  const folder = dirname(createRequire(base).resolve(name))
  for (const path of codeFiles(folder)) {
    add(path)
    add(readFileSync(join(folder, path)))
  }
  const below = pathToFileURL(file).href
  return Object.keys(dependencies)
    .sort()
    .every((dependency) => addPackage(dependency, below, add, seen))
}

function codeFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /(?<!\.d|\.test|\.fixture)\.[jt]s$/.test(path))
    .sort()
}
