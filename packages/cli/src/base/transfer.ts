import type { ExistingPolicy, RopewayError } from '@ropeway/core'
import type { BundleSummary, Chain, Plan, Report } from '@ropeway/engine'
import * as errors from '../errors.js'
import { planHeadline } from '../screen/plan.js'
import { namesAddons } from './addons.js'
import { allowsUnproved, resolution, type ResolveFlags, type Resolved } from './chain.js'
import type { Session } from './session.js'

export interface TransferFlags extends ResolveFlags {
  readonly existing?: string | undefined
}

/** What a command delivers. */
export interface Cargo {
  readonly chain: Chain
  /** The bundle that it comes from. */
  readonly bundle?: Pick<BundleSummary, 'file' | 'identity' | 'size' | 'lock'> | undefined
}

export interface Transfer {
  readonly cargo: Cargo
  readonly resolved: Resolved
  readonly plan: Plan
  readonly report: Report
}

/** Resolves, plans (proving that every sink with something to do can be written to) and delivers to the chain's sinks. */
export async function transfer(session: Session, cargo: Cargo, flags: TransferFlags): Promise<Transfer> {
  const { engine, runtime, renderer } = session
  const resolved = await resolution(session, cargo.chain, flags)
  const only = namesAddons(flags) ? undefined : flags.only
  const existing = existingPolicy(flags.existing)
  const plan = await engine.plan(resolved.resolution, runtime, {
    ...{ only, existing, check: 'needed' },
    allowUnproved: allowsUnproved(cargo.chain, flags),
  })
  renderer.print([planHeadline(plan, cargo.bundle?.lock ?? plan.lock)])
  return { cargo, resolved, plan, report: await engine.deliver(plan, resolved.resolution, runtime) }
}

/** oclif has checked the word. */
export function existingPolicy(word: string | undefined): ExistingPolicy | undefined {
  return word === 'skip' || word === 'verify' || word === 'overwrite' || word === 'fail' ? word : undefined
}

/** One error for all that failed, or none. */
export function failureOf({ failures }: Pick<Report, 'failures'>): RopewayError | undefined {
  const [only] = failures
  if (failures.length < 2) return only
  return errors.severalFailures(
    failures,
    'went wrong on the way',
    'what was delivered stays; run the same command again to go on',
  )
}

/** What keeps a plan from being run, as one error, or nothing. */
export function refusalOf(plan: Pick<Plan, 'errors'>): RopewayError | undefined {
  const [only] = plan.errors
  return plan.errors.length < 2 ? only : errors.severalFailures(plan.errors, 'keep this plan from being run')
}
