// Writes oclif's manifest of the CLI after its build, so that a start imports no command but the one that runs.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Plugin } from '@oclif/core/config'
import { settings } from '@oclif/core/settings'
import { root as workspace } from '../workspace/rooms.mjs'

settings.enableAutoTranspile = false
const root = join(workspace, 'packages', 'cli')
const plugin = new Plugin({
  root,
  type: 'core',
  ignoreManifest: true,
  errorOnManifestCreate: true,
  respectNoCacheDefault: true,
})
await plugin.load()
const file = join(root, 'oclif.manifest.json')
const text = `${JSON.stringify(plugin.manifest, null, 2)}\n`
if (read() !== text) writeFileSync(file, text)

function read() {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
