// The workspace's rooms (packages and plugins) as data: read by the tsconfig sync, the lint rules, the pack check.
import { readdirSync, readFileSync, existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** Every package and plugin with its folder (relative), manifest and the rooms that it depends on. */
export function rooms() {
  const found = []
  for (const group of ['packages', 'plugins']) {
    for (const name of readdirSync(join(root, group)).sort()) {
      const file = join(root, group, name, 'package.json')
      if (!existsSync(file)) continue
      found.push({ group, name, folder: `${group}/${name}`, manifest: JSON.parse(readFileSync(file, 'utf8')) })
    }
  }
  const folders = new Map(found.map((room) => [room.manifest.name, room.folder]))
  const among = (dependencies) => Object.keys(dependencies ?? {}).flatMap((name) => folders.get(name) ?? [])
  return found.map((room) => ({
    ...room,
    uses: among(room.manifest.dependencies),
    usesInTests: among(room.manifest.devDependencies),
  }))
}
