export {
  adapterTable,
  loadAdapters,
  readAdapterPackages,
  sinkFor,
  type AdapterEntry,
  type AdapterPackage,
  type AdapterTable,
} from './adapters/table.js'
export { addonsChain, initialAddonsChain, type AddonsChain } from './chain/addons.js'
export { adHocChain, forExport, forImport, withSinks, type AdHoc, type ImportTarget } from './chain/adhoc.js'
export type { Chain, SinkStep, SourceStep, Step } from './chain/chain.js'
export { initialChain, type InitialAnswers } from './chain/init.js'
export { defineChain, loadChain, type ChainOrigin, type LoadOptions } from './chain/load.js'
export { forRelocation } from './chain/relocation.js'
export { chainSchema } from './chain/schema.js'
export type { Variables } from './chain/variables.js'
export { inspectBundle, verifyBundle, type BundleSummary, type Verification } from './bundle/inspect.js'
export { scan, writeScan, type Scan, type ScanOptions, type ScannedChart, type WrittenChart } from './scan.js'
export { exportBundle, importBundle, lock } from './run.js'
export { deliver, type Report } from './deliver/deliver.js'
export { fetchContent } from './fetch.js'
export type { Receipt, ReceiptEntry } from './deliver/receipt.js'
export { diffLocks, type LockDiff } from './lock/diff.js'
export { lockDigest, lockFileOf, parseLock, readLock, serializeLock, writeLock, type Lock } from './lock/lock.js'
export { plan, type PlanOptions } from './plan/plan.js'
export type { NameDecision, Plan, PlanEntry, PlannedSink, PlanWarning } from './plan/types.js'
export { prune, type PrunedRepository, type PruneOptions, type Pruning } from './prune/prune.js'
export { replay } from './resolve/replay.js'
export { resolve, type ResolveOptions } from './resolve/resolve.js'
export type { Resolution, ResolvedArtifact } from './resolve/resolved.js'
export { httpSettings, type TrustSettings } from './runtime/network.js'
export { createRuntime, type Runtime, type RuntimeOptions } from './runtime/runtime.js'
