// What `ropeway lock`, `plan`, `export` and `import` do, as a script:
//   node docs/examples/mirror.ts CHAIN BUNDLE HOST[/prefix]
// Writes the lock beside the chain, the bundle to BUNDLE, and brings it to the registry.
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import {
  createRuntime,
  exportBundle,
  importBundle,
  loadAdapters,
  loadChain,
  lockFileOf,
  plan,
  readAdapterPackages,
  resolve,
  writeLock,
} from '@ropeway/engine'

const [file = 'ropeway.yaml', bundle = 'bundle.tar', registry] = process.argv.slice(2)

// The adapters that the CLI has. A script of your own names packages, or gives adapters directly: adapterTable([mySource]).
const host = createRequire(import.meta.url).resolve('@ropeway/cli/package.json')
const adapters = loadAdapters(readAdapterPackages(host))

// Ctrl-C stops all transfers. What was sealed stays, and the next run goes on from there.
const stop = new AbortController()
process.once('SIGINT', () => stop.abort())

const runtime = createRuntime({
  adapters,
  env: process.env,
  home: homedir(),
  signal: stop.signal,
  onEvent(event) {
    if (event.type === 'artifact:done') console.error(`${event.outcome} ${event.id} at ${event.sink}`)
    if (event.type === 'warning') console.error(`warning: ${event.message}`)
  },
})
try {
  const chain = await loadChain({ file }, adapters, { variables: { env: process.env } })
  const resolution = await resolve(chain, runtime)
  await writeLock(lockFileOf(file), resolution.lock)
  console.log(`lock ${resolution.lockDigest}`)

  const planned = await plan(resolution, runtime)
  console.log(`plan ${planned.artifacts.length} artifacts, ${planned.totals.bytes} bytes`)

  const exported = await exportBundle(chain, runtime, { file: bundle, locked: resolution.lock })
  for (const { location, facts } of exported.receipts) console.log(`bundle ${location} ${facts['identity']}`)

  if (registry !== undefined) {
    const imported = await importBundle(bundle, runtime, { registry })
    for (const { location, complete } of imported.receipts) console.log(`import ${location} complete: ${complete}`)
  }
} finally {
  await runtime.close()
}
