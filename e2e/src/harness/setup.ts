import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.ts'

/** Brings the peers before the first test: a missing judge fails, it does not skip. */
export default function setup(): void {
  if (!existsSync(join(root, 'packages/cli/dist'))) throw new Error('build first: npm run build')
  const { status } = spawnSync(process.execPath, [join(root, 'tools/peers/install.ts'), '--for', 'e2e'], {
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error('the peers that judge e2e could not be installed; see above')
}
