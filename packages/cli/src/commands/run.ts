import { resolve } from 'node:path'
import * as Flags from '@oclif/core/flags'
import { allowsUnproved, chainFor, defaultChain } from '../base/chain.js'
import { addonsFlags, partialFlag } from '../base/addons-flags.js'
import { addonOutcomes } from '../base/addon-outcomes.js'
import { addonsIn, namesAddons } from '../base/addons.js'
import * as shared from '../base/flags.js'
import { nothingWritten } from '../base/resume.js'
import { withSession } from '../base/session.js'
import { failureOf } from '../base/transfer.js'
import { TransferCommand } from '../base/transfer-command.js'
import * as errors from '../errors.js'
import type { ScanResult, TransferResult } from '../results.js'
import { addonsScreen } from '../screen/addons.js'
import { scanJson, scanScreen } from '../screen/scan.js'
import { warningScreen } from '../screen/warnings.js'
import { shown } from '../text/path.js'

export default class Run extends TransferCommand {
  static override summary = 'Deliver a chain to its sinks'
  static override description =
    'Resolves the chain anew (or takes the lock with --locked), proves that every sink with something to do can be written to, and delivers. What is there already is not sent again, so the same command goes on after an interruption. With --values or --catalog the addons of these files take the place of a chain; one that fails does not stop the others.'
  static override usage = [
    '<%= command.id %> [CHAIN] [FLAGS]',
    '<%= command.id %> --values FILE | --catalog FILE... --to HOST[/prefix] [FLAGS]',
  ]
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> ropeway.yaml --locked --json',
    '<%= config.bin %> <%= command.id %> --scan-only -o ./helm-charts',
    '<%= config.bin %> <%= command.id %> --values addons.yaml --to 111122223333.dkr.ecr.eu-central-1.amazonaws.com --only karpenter,keda',
    '<%= config.bin %> <%= command.id %> --only "image:registry.example/app/*" --concurrency 8',
  ]
  static override args = { chain: shared.chainArgument }
  static override flags = {
    'scan-only': Flags.boolean({
      description: 'everything but delivery: write what would become of each chart, with its proof',
    }),
    output: Flags.string({
      char: 'o',
      description: 'folder for --scan-only; the default is ./helm-charts',
      helpValue: 'DIR',
      dependsOn: ['scan-only'],
    }),
    ...shared.lockedFlag,
    ...shared.chainFlags,
    ...shared.onlyFlag,
    ...shared.existingFlag,
    ...addonsFlags,
    ...partialFlag,
    ...shared.unprovedFlag,
    ...shared.networkFlags,
    ...shared.eventFlags,
  }

  async run(): Promise<TransferResult | ScanResult> {
    const { args, flags } = await this.given()
    if (flags['scan-only']) return this.scan(args.chain, flags)
    return this.deliver(flags, async (session) => {
      const chain = await chainFor(session, args.chain, flags, 'run')
      if (chain.sinks.length > 0) return { chain }
      if (namesAddons(flags)) throw errors.sinkMissing('name a registry: --to HOST[/prefix]')
      throw errors.sinkMissing('name one under "sinks:" in the chain, or write a bundle with: ropeway export -o FILE')
    })
  }

  async given() {
    return this.parse(Run)
  }

  /** Writes what would become of each chart. */
  private async scan(file: string | undefined, flags: Parsed): Promise<ScanResult> {
    const faces = this.faces(flags)
    const options = { host: this.config, flags, faces, afterInterrupt: nothingWritten }
    const directory = resolve(flags.output ?? 'helm-charts')
    const done = await withSession(options, async (session) => {
      const { engine, runtime } = session
      const chain = await chainFor(session, file, flags, 'run')
      const lockFile = engine.lockFileOf(chain.file ?? defaultChain)
      const locked = flags.locked ? await engine.readLock(lockFile) : undefined
      const list = await addonsIn(chain, session)
      const scan = await engine.scan(chain, runtime, {
        ...{ locked, lockFile: shown(lockFile), keepGoing: list !== undefined },
        only: namesAddons(flags) ? undefined : flags.only,
        allowUnproved: allowsUnproved(chain, flags),
      })
      await engine.writeScan(scan, directory, { unpack: true })
      return { scan, list, unseen: session.unseen(), warnings: runtime.warnings() }
    })
    const { charts, failures, resolution } = done.scan
    const addons = done.list && addonOutcomes(done.list, resolution.lock, failures, [])
    if (!this.jsonEnabled()) faces.err.print(warningScreen(done.unseen, faces.err))
    this.show(faces, scanScreen(charts, shown(directory), faces.out.paint))
    if (addons !== undefined) this.show(faces, addonsScreen(addons, faces.out.paint))
    const failure = failureOf({ failures })
    if (failure !== undefined) this.fail(failure, faces, flags)
    return { directory, charts: charts.map((chart) => scanJson(chart)), addons, warnings: done.warnings }
  }
}

type Parsed = Awaited<ReturnType<Run['given']>>['flags']
