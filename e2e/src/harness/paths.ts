import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')
export const cliBin = join(root, 'packages', 'cli', 'bin', 'run.js')
/** Where tools/peers installs the real tools. */
export const peersBin = join(
  process.env['ROPEWAY_PEERS'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'ropeway-peers'),
  'bin',
)
/** The long form: 2 GB of fixtures, more kills. */
export const soak = process.env['ROPEWAY_SOAK'] === '1'
