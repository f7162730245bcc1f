import * as Flags from '@oclif/core/flags'
import { chainFor } from '../base/chain.js'
import { addonsFlags, partialFlag } from '../base/addons-flags.js'
import * as shared from '../base/flags.js'
import { TransferCommand } from '../base/transfer-command.js'
import type { TransferResult } from '../results.js'

export default class Export extends TransferCommand {
  static override summary = 'Write a chain as one bundle'
  static override description =
    'The bundle is an OCI image layout in one tar, byte for byte the same for the same lock. The chain’s own sinks are not used, its transforms are. FILE appears when it is whole and replaces what was there; after an interruption the same command goes on.'
  static override usage = '<%= command.id %> [CHAIN] -o FILE [FLAGS]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> -o platform.tar',
    '<%= config.bin %> <%= command.id %> ropeway.yaml -o platform.tar --locked',
    '<%= config.bin %> <%= command.id %> --source oci=docker.io/library/alpine:3.22 -o alpine.tar',
  ]
  static override args = { chain: shared.chainArgument }
  static override flags = {
    output: Flags.string({ char: 'o', description: 'file to write', helpValue: 'FILE', required: true }),
    ...shared.lockedFlag,
    ...shared.sourceFlag,
    ...shared.chainFlags,
    ...shared.onlyFlag,
    ...shared.existingFlag,
    ...addonsFlags,
    ...partialFlag,
    ...shared.unprovedFlag,
    ...shared.networkFlags,
    ...shared.eventFlags,
  }

  async run(): Promise<TransferResult> {
    const { args, flags } = await this.parse(Export)
    return this.deliver(flags, async (session) => {
      const chain = await chainFor(session, args.chain, flags, 'export')
      return { chain: await session.engine.forExport(chain, flags.output, session.runtime) }
    })
  }
}
