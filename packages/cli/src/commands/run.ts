import { chainFor } from '../base/chain.js'
import * as shared from '../base/flags.js'
import { TransferCommand } from '../base/transfer-command.js'
import * as errors from '../errors.js'
import type { TransferResult } from '../results.js'

export default class Run extends TransferCommand {
  static override summary = 'Deliver a chain to its sinks'
  static override description =
    'Resolves the chain anew (or takes the lock with --locked), proves that every sink can be reached and written, and delivers. What is there already is not sent again, so the same command goes on after an interruption.'
  static override usage = '<%= command.id %> [CHAIN] [FLAGS]'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> ropeway.yaml --locked --json',
    '<%= config.bin %> <%= command.id %> --only "image:registry.example/app/*" --concurrency 8',
  ]
  static override args = { chain: shared.chainArgument }
  static override flags = {
    ...shared.lockedFlag,
    ...shared.chainFlags,
    ...shared.onlyFlag,
    ...shared.existingFlag,
    ...shared.networkFlags,
    ...shared.eventFlags,
  }

  async run(): Promise<TransferResult> {
    const { args, flags } = await this.parse(Run)
    return this.deliver(flags, async (session) => {
      const chain = await chainFor(session, args.chain, flags, 'run')
      if (chain.sinks.length > 0) return { chain }
      throw errors.sinkMissing('name one under "sinks:" in the chain, or write a bundle with: ropeway export -o FILE')
    })
  }
}
