import { resolve } from 'node:path'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { addonsOf, readAddonFiles } from '../base/addons.js'
import { RopewayCommand } from '../base/command.js'
import * as shared from '../base/flags.js'
import { refuseExisting, writeNew } from '../base/write.js'
import { catalogScreen } from '../screen/addons.js'
import { shown } from '../text/path.js'
import type { CatalogResult } from '../results.js'

export default class Catalog extends RopewayCommand {
  static override summary = 'Make a catalog of the addons in a GitOps values file'
  static override description =
    'Lists each addon with chart, repository, version and release, as `ropeway run --catalog` takes it. What is only known on the cluster or comes from git is named and left out. Releases are made unique. Without -o the catalog is printed. Never replaces a file without --force.'
  static override usage = '<%= command.id %> VALUES [-o FILE] [FLAGS]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> addons.yaml -o catalog.yaml',
    '<%= config.bin %> <%= command.id %> addons.yaml --only karpenter,keda',
  ]
  static override args = {
    values: Args.string({ description: 'GitOps values file', required: true, ignoreStdin: true }),
  }
  static override flags = {
    output: Flags.string({ char: 'o', description: 'file to write', helpValue: 'FILE' }),
    only: Flags.string({
      ...shared.several,
      description: 'only the addon of this chart; whole names, in any case',
      helpValue: 'CHART[,...]',
    }),
    exclude: Flags.string({
      ...shared.several,
      description: 'leave out the addon of this chart; wins over --only',
      helpValue: 'CHART[,...]',
    }),
    force: Flags.boolean({ description: 'replace the file when it is there' }),
  }

  async run(): Promise<CatalogResult> {
    const { args, flags } = await this.parse(Catalog)
    const faces = this.faces(flags)
    const file = flags.output === undefined ? undefined : resolve(flags.output)
    if (file !== undefined && !flags.force) await refuseExisting(file)
    const { addons, skipped } = await readAddonFiles(args, addonsOf(flags), process.cwd())
    const { catalogText } = await import('@ropeway/helm')
    const { text, renamed } = catalogText(addons)
    if (file !== undefined) await writeNew(file, text, flags.force)
    const screen = catalogScreen(
      { file: file === undefined ? undefined : shown(file), addons, skipped, renamed },
      faces.err.paint,
    )
    if (!this.jsonEnabled()) faces.err.print(screen)
    if (file === undefined) this.show(faces, text.trimEnd().split('\n'))
    return {
      file,
      addons: addons.map(({ name, chart, repository, version, release }) => ({
        name,
        chart,
        repository,
        version,
        release,
      })),
      skipped: skipped.map(({ name, place, reason }) => ({ name, at: place, reason })),
      renamed,
    }
  }
}
