import type { ExistingPolicy } from '@ropeway/core'
import { forExport, forImport, type ImportTarget } from './chain/adhoc.js'
import type { Chain } from './chain/chain.js'
import { deliver, type Report } from './deliver/deliver.js'
import * as errors from './errors.js'
import type { Lock } from './lock/lock.js'
import { plan } from './plan/plan.js'
import { replay } from './resolve/replay.js'
import { resolve } from './resolve/resolve.js'
import type { Runtime } from './runtime/runtime.js'

/** Resolves a chain and returns its lock; nothing is written. Throws what does not travel: a lock is whole. */
export async function lock(chain: Chain, runtime: Runtime): Promise<Lock> {
  const { lock: made, failures } = await runtime.phase('lock', () => resolve(chain, runtime))
  const [failure] = failures
  if (failure !== undefined) throw failures.length === 1 ? failure : errors.resolveFailed(failures)
  return made
}

export interface TransferOptions {
  /** Deliver exactly this lock, resolving nothing. */
  readonly locked?: Lock | undefined
  readonly only?: readonly string[] | undefined
  readonly existing?: ExistingPolicy | undefined
  /** Charts and manifests travel although not every reference in them is proved. */
  readonly allowUnproved?: boolean | undefined
}

/** Resolves (or replays a lock), plans and delivers to the chain's sinks. Throws when any artifact failed. */
async function transfer(chain: Chain, runtime: Runtime, options: TransferOptions): Promise<Report> {
  const resolution =
    options.locked === undefined
      ? await resolve(chain, runtime, options)
      : await replay(chain, options.locked, runtime, undefined, options)
  const report = await deliver(await plan(resolution, runtime, options), resolution, runtime)
  const [failure] = report.failures
  if (failure === undefined) return report
  const sinks = chain.sinks.map(({ adapter }) => adapter).join(', ')
  throw report.failures.length === 1 ? failure : errors.deliveryFailed(sinks, report.failures)
}

/** Writes a chain as a bundle; the chain's own sinks are not used. */
export async function exportBundle(
  chain: Chain,
  runtime: Runtime,
  options: TransferOptions & { readonly file: string },
): Promise<Report> {
  return transfer(await forExport(chain, options.file, runtime), runtime, options)
}

/** Brings a bundle to a registry or other sinks. */
export async function importBundle(
  file: string,
  runtime: Runtime,
  options: TransferOptions & ImportTarget,
): Promise<Report> {
  return transfer(await forImport(file, options, runtime), runtime, options)
}
