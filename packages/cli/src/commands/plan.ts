import { RopewayCommand } from '../base/command.js'
import { allowsUnproved, chainFor, defaultChain, resolution } from '../base/chain.js'
import { addonOutcomes } from '../base/addon-outcomes.js'
import { addonsFlags } from '../base/addons-flags.js'
import { namesAddons } from '../base/addons.js'
import * as shared from '../base/flags.js'
import { nothingWritten } from '../base/resume.js'
import { withSession } from '../base/session.js'
import { existingPolicy, failureOf, refusalOf } from '../base/transfer.js'
import * as Flags from '@oclif/core/flags'
import { failedScreen } from '../screen/addons.js'
import { planJson, planScreen } from '../screen/plan.js'
import type { PlanResult } from '../results.js'

export default class Plan extends RopewayCommand {
  static override summary = 'Show what a run will move, before a byte moves'
  static override description =
    'Resolves the chain anew (or takes the lock with --locked), asks every sink what it has, and shows artifacts, blobs, bytes before and after sharing, the exact size of the bundle, and the space that is free. Writes nothing.'
  static override usage = '<%= command.id %> [CHAIN] [FLAGS]'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> ropeway.yaml --locked --check',
    '<%= config.bin %> <%= command.id %> --source oci=docker.io/library/alpine:3.22 --platform linux/amd64',
  ]
  static override args = { chain: shared.chainArgument }
  static override flags = {
    check: Flags.boolean({
      description: 'also prove that sinks can be reached, accept the credentials and may be written',
    }),
    ...shared.lockedFlag,
    ...shared.sourceFlag,
    ...shared.chainFlags,
    ...shared.onlyFlag,
    ...shared.existingFlag,
    ...addonsFlags,
    ...shared.unprovedFlag,
    ...shared.networkFlags,
    ...shared.eventFlags,
  }

  async run(): Promise<PlanResult> {
    const { args, flags } = await this.parse(Plan)
    const faces = this.faces(flags)
    const options = { host: this.config, flags, faces, afterInterrupt: nothingWritten }
    const { plan, addons } = await withSession(options, async (session) => {
      const chain = await chainFor(session, args.chain, flags, 'plan')
      const { resolution: resolved, addons: list } = await resolution(session, chain, flags)
      const { check } = flags
      const only = namesAddons(flags) ? undefined : flags.only
      const made = await session.engine.plan(resolved, session.runtime, {
        ...{ only, check, existing: existingPolicy(flags.existing) },
        allowUnproved: allowsUnproved(chain, flags),
      })
      return { plan: made, addons: list && addonOutcomes(list, resolved.lock, made.failures, []) }
    })
    const { paint, columns } = faces.out
    const next = nextCommands(plan.sinks.length, flags.source === undefined && !namesAddons(flags), args.chain)
    this.show(faces, planScreen(plan, { paint, columns, next: plan.errors.length > 0 ? [] : next }))
    this.show(faces, failedScreen(addons ?? [], paint))
    const refused = refusalOf(plan) ?? failureOf(plan)
    if (refused !== undefined) this.fail(refused, faces, flags)
    return { ...planJson(plan), addons }
  }
}

function nextCommands(sinks: number, fromFile: boolean, file = defaultChain): string[] {
  if (!fromFile) return []
  const name = file === defaultChain ? '' : ` ${file}`
  return sinks > 0 ? [`ropeway run${name}`] : [`ropeway export${name} -o FILE`]
}
