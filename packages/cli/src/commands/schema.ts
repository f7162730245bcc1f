import { RopewayCommand } from '../base/command.js'
import { adapterPackages } from '../base/packages.js'

export default class Schema extends RopewayCommand {
  static override summary = 'Print the JSON Schema of the chain file'
  static override description =
    'Made from the adapters that are installed, so it knows the options of plugins too. Editors check and complete a chain with it.'
  static override usage = '<%= command.id %> [FLAGS]'
  static override examples = ['<%= config.bin %> <%= command.id %> > ropeway.schema.json']

  async run(): Promise<unknown> {
    await this.parse(Schema)
    const { chainSchema, loadAdapters } = await import('@ropeway/engine')
    const schema = await chainSchema(loadAdapters(adapterPackages(this.config)))
    if (!this.jsonEnabled()) this.logJson(schema)
    return schema
  }
}
