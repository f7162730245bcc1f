import { resolve } from 'node:path'
import * as Flags from '@oclif/core/flags'
import { relocationModes, type RelocationMode } from '@ropeway/core'
import { defaultChain, loadOptions } from '../base/chain.js'
import * as shared from '../base/flags.js'
import type { Session } from '../base/session.js'
import type { Transfer } from '../base/transfer.js'
import { TransferCommand } from '../base/transfer-command.js'
import * as errors from '../errors.js'
import { planHeadline } from '../screen/plan.js'
import { count } from '../text/measure.js'
import type { Paint } from '../text/paint.js'
import type { TransferResult } from '../results.js'

export default class Import extends TransferCommand {
  static override summary = 'Bring a bundle to a registry, or to any sink'
  static override description =
    'Names are made from where things came from: --registry HOST[/prefix] gives images, charts and files their default places there; a chain brings its own transforms and sinks. Charts and manifests are relocated for where they go, and proved, without any network but the destination’s. Every byte is verified against its digest on the way. After an interruption the same command goes on.'
  static override usage = [
    '<%= command.id %> BUNDLE --registry HOST[/prefix] [FLAGS]',
    '<%= command.id %> BUNDLE --sink NAME[=OPTIONS] [FLAGS]',
    '<%= command.id %> BUNDLE --chain FILE [FLAGS]',
  ]
  static override examples = [
    '<%= config.bin %> <%= command.id %> platform.tar --registry harbor.corp:5000/mirror',
    '<%= config.bin %> <%= command.id %> platform.tar --chain far-side.yaml',
    '<%= config.bin %> <%= command.id %> platform.tar --registry localhost:5000 --only chart',
  ]
  static override args = { bundle: shared.bundleArgument }
  static override flags = {
    registry: Flags.string({ description: 'registry to bring it to', helpValue: 'HOST[/prefix]' }),
    sink: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      description: 'a sink, as in registry or "tarball={path: copy.tar}"',
      helpValue: 'NAME[=OPTIONS]',
    }),
    charts: Flags.string({
      options: [...relocationModes],
      description: 'how references in charts and manifests follow; as-is leaves them as they are in the bundle',
    }),
    chain: Flags.string({ description: 'chain whose transforms and sinks are taken', helpValue: 'FILE' }),
    ...shared.chainFlags,
    ...shared.onlyFlag,
    ...shared.existingFlag,
    ...shared.unprovedFlag,
    ...shared.networkFlags,
    ...shared.eventFlags,
  }

  async run(): Promise<TransferResult> {
    const { args, flags } = await this.parse(Import)
    const load = async (session: Session) => {
      const { engine, runtime } = session
      const { chain: file, registry, sink: sinks } = flags
      const directory = process.cwd()
      const options = loadOptions(flags, 'import', file ?? resolve(directory, defaultChain))
      const target = file === undefined ? undefined : await engine.loadChain({ file }, runtime.adapters, options)
      const chain = await engine.forImport(
        args.bundle,
        { registry, sinks, chain: target, charts: modeOf(flags.charts), directory, ...options },
        runtime,
      )
      if (chain.sinks.length === 0) {
        throw errors.sinkMissing('name one: --registry HOST[/prefix], --sink NAME, or --chain FILE')
      }
      const { file: path, identity, size, lock } = await engine.inspectBundle(args.bundle)
      return { chain, bundle: { file: path, identity, size, lock } }
    }
    return this.deliver(flags, load, { done: completeLines })
  }
}

/** oclif has checked the word. */
function modeOf(word: string | undefined): RelocationMode | undefined {
  return relocationModes.find((mode) => mode === word)
}

/** What came, from which lock, and that it is whole. */
function completeLines({ plan, cargo }: Transfer, paint: Paint): string[] {
  const { artifacts, totals } = plan
  const whole = `${count(artifacts.length, 'artifact')}, ${count(totals.blobs, 'blob')}, each under its digest`
  return [`${paint.green('✓')} complete: ${planHeadline(plan, cargo.bundle?.lock ?? plan.lock)}`, `  ${whole}`]
}
