import { RopewayCommand } from '../base/command.js'
import * as shared from '../base/flags.js'
import { bundleJson, bundleScreen } from '../screen/bundle.js'
import type { InspectResult } from '../results.js'

export default class Inspect extends RopewayCommand {
  static override summary = 'Show what a bundle holds'
  static override description =
    'Reads the metadata of a bundle alone: chain, lock, platforms, artifacts. To check every byte of it use verify.'
  static override usage = '<%= command.id %> BUNDLE [FLAGS]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> platform.tar',
    '<%= config.bin %> <%= command.id %> platform.tar --json',
  ]
  static override args = { bundle: shared.bundleArgument }

  async run(): Promise<InspectResult> {
    const { args, flags } = await this.parse(Inspect)
    const faces = this.faces(flags)
    const { inspectBundle } = await import('@ropeway/engine')
    const summary = await inspectBundle(args.bundle)
    this.show(faces, bundleScreen(summary, args.bundle, faces.out.paint))
    return bundleJson(summary)
  }
}
