import { listAdapters } from '../base/adapter-list.js'
import { RopewayCommand } from '../base/command.js'
import { adaptersJson, adaptersScreen } from '../screen/adapters.js'
import type { AdaptersResult } from '../results.js'

export default class Adapters extends RopewayCommand {
  static override summary = 'List the adapters that are installed'
  static override description =
    'Sources, transforms, sinks and credential providers of all plugins, as their packages list them; no code of theirs is run. ropeway schema prints their options.'
  static override usage = '<%= command.id %> [FLAGS]'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  async run(): Promise<AdaptersResult> {
    const { flags } = await this.parse(Adapters)
    const faces = this.faces(flags)
    const entries = await listAdapters(this.config)
    this.show(faces, adaptersScreen(entries, faces.out.paint))
    return adaptersJson(entries)
  }
}
