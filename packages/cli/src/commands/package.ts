import { hash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { missingDependencies, packageChart, type PackedChart } from '@ropeway/helm'
import { RopewayCommand } from '../base/command.js'
import { allDependencies } from '../base/dependencies.js'
import * as shared from '../base/flags.js'
import { withNetwork } from '../base/network.js'
import { nothingWritten } from '../base/resume.js'
import { loadTarget } from '../base/target.js'
import { replaceFile } from '../base/write.js'
import * as errors from '../errors.js'
import { size } from '../text/measure.js'
import { shown } from '../text/path.js'
import type { PackageResult } from '../results.js'

export default class Package extends RopewayCommand {
  static override summary = 'Pack a chart with its dependencies'
  static override description =
    'Gives what helm dependency build and helm package give: name-version.tgz with all dependencies in it, those that its charts/ lacks fetched as Chart.lock pins them. The chart itself stays as it is. Equal charts give equal bytes.'
  static override usage = '<%= command.id %> CHART -o DIR [FLAGS]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> ./shop -o out',
    '<%= config.bin %> <%= command.id %> ./shop -o out --version 1.2.3 --app-version 7',
  ]
  static override args = {
    chart: Args.string({ description: 'folder or archive of the chart', required: true, ignoreStdin: true }),
  }
  static override flags = {
    output: Flags.string({
      char: 'o',
      description: 'folder to write to; made when it is missing',
      helpValue: 'DIR',
      required: true,
    }),
    version: Flags.string({ description: 'version of the chart, in place of its own', helpValue: 'VERSION' }),
    'app-version': Flags.string({ description: 'appVersion of the chart, in place of its own', helpValue: 'VERSION' }),
    'pass-credentials': Flags.boolean({
      description: 'give credentials of a repository to other hosts that its index names',
    }),
    ...shared.networkFlags,
    ...shared.eventFlags,
  }

  async run(): Promise<PackageResult> {
    const { args, flags } = await this.parse(Package)
    const faces = this.faces(flags)
    const options = { host: this.config, flags, faces, afterInterrupt: nothingWritten }
    const given = await loadTarget(args.chart, {})
    const missing = (await missingDependencies(given.files, given.location)).length > 0
    const packed = await withNetwork(missing, options, async (context) => {
      const { files, location } = await allDependencies(args.chart, given, flags, context, true)
      return packageChart(files, location, { version: flags.version, appVersion: flags['app-version'] })
    })
    const file = await writeChart(resolve(flags.output), packed)
    const { archive, metadata } = packed
    this.show(faces, [`${faces.out.paint.green('✓')} wrote ${shown(file)} (${size(archive.byteLength)})`])
    const digest = `sha256:${hash('sha256', archive)}`
    return { file, name: metadata.name, version: metadata.version, digest, size: archive.byteLength }
  }
}

/** Writes the archive; one that is there is replaced, as helm does. Throws `FILE_NOT_WRITABLE`. */
async function writeChart(directory: string, { archive, metadata }: PackedChart): Promise<string> {
  const file = join(directory, `${metadata.name}-${metadata.version}.tgz`)
  await mkdir(directory, { recursive: true }).catch((error: unknown) => {
    throw errors.fileNotWritable(shown(directory), error)
  })
  await replaceFile(file, archive)
  return file
}
