import { chainFor } from '../base/chain.js'
import { addonsFlags, partialFlag } from '../base/addons-flags.js'
import { namesAddons } from '../base/addons.js'
import * as shared from '../base/flags.js'
import { TransferCommand } from '../base/transfer-command.js'
import * as errors from '../errors.js'
import type { TransferResult } from '../results.js'

export default class Run extends TransferCommand {
  static override summary = 'Deliver a chain to its sinks'
  static override description =
    'Resolves the chain anew (or takes the lock with --locked), proves that every sink can be reached and written, and delivers. What is there already is not sent again, so the same command goes on after an interruption. With --values or --catalog the addons of these files take the place of a chain; one that fails does not stop the others.'
  static override usage = [
    '<%= command.id %> [CHAIN] [FLAGS]',
    '<%= command.id %> --values FILE | --catalog FILE... --to HOST[/prefix] [FLAGS]',
  ]
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> ropeway.yaml --locked --json',
    '<%= config.bin %> <%= command.id %> --values addons.yaml --to 111122223333.dkr.ecr.eu-central-1.amazonaws.com --only karpenter,keda',
    '<%= config.bin %> <%= command.id %> --only "image:registry.example/app/*" --concurrency 8',
  ]
  static override args = { chain: shared.chainArgument }
  static override flags = {
    ...shared.lockedFlag,
    ...shared.chainFlags,
    ...shared.onlyFlag,
    ...shared.existingFlag,
    ...addonsFlags,
    ...partialFlag,
    ...shared.networkFlags,
    ...shared.eventFlags,
  }

  async run(): Promise<TransferResult> {
    const { args, flags } = await this.parse(Run)
    return this.deliver(flags, async (session) => {
      const chain = await chainFor(session, args.chain, flags, 'run')
      if (chain.sinks.length > 0) return { chain }
      if (namesAddons(flags)) throw errors.sinkMissing('name a registry: --to HOST[/prefix]')
      throw errors.sinkMissing('name one under "sinks:" in the chain, or write a bundle with: ropeway export -o FILE')
    })
  }
}
