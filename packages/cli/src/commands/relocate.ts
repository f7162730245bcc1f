import { resolve } from 'node:path'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { loadChart, packChart } from '@ropeway/helm'
import { discoverChart, relocateChart, type RelocationMode } from '@ropeway/images'
import { RopewayCommand } from '../base/command.js'
import { destinationsAt } from '../base/destinations.js'
import * as shared from '../base/flags.js'
import { withNetwork } from '../base/network.js'
import { helmArguments } from '../base/pflag.js'
import { openPoints, writeRelocated, type RelocatedChart } from '../base/relocated.js'
import { chartFlags, releaseFlags, valuesFlags } from '../base/render-flags.js'
import { hasRemoteValues, renderSettings } from '../base/render-settings.js'
import { nothingWritten } from '../base/resume.js'
import { isRemote, loadTarget, type LoadedTarget } from '../base/target.js'
import * as errors from '../errors.js'
import type { RelocateResult } from '../results.js'
import { relocateScreen } from '../screen/relocate.js'
import { shown } from '../text/path.js'

export default class Relocate extends RopewayCommand {
  static override summary = 'Rewrite a chart for another registry, and prove it'
  static override description =
    'Finds every image of a chart, changes the chart so that it refers to the registry, and proves by rendering that each reference moved and that nothing else differs. Works on names, without the registry. Writes the archive, values.yaml (the values that move the images, to be given after your own), proof.json and proof.md to DIR. A chart that is not proved ends with exit code 4 and leaves its proof alone. Values that are given here shape what is rendered and never become a part of the chart.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> ./shop --registry harbor.example/mirror -o relocated',
    '<%= config.bin %> <%= command.id %> shop-1.2.3.tgz --registry harbor.example:5000 -o relocated --mode overlay -f prod.yaml',
  ]
  static override args = {
    target: Args.string({ description: 'chart to relocate', required: true, ignoreStdin: true }),
  }
  static override flags = {
    registry: Flags.string({ description: 'where the images will be', helpValue: 'HOST[/prefix]', required: true }),
    output: Flags.string({ char: 'o', description: 'folder to write to', helpValue: 'DIR', required: true }),
    mode: Flags.string({
      description: 'embed changes the defaults of the chart; overlay leaves it as it is and only writes values.yaml',
      options: ['embed', 'overlay'],
      default: 'embed',
    }),
    'allow-unproved': Flags.boolean({ description: 'write the chart also when it is not proved' }),
    name: Flags.string({ description: 'name of the release', helpValue: 'NAME', helpGroup: 'RELEASE' }),
    ...valuesFlags,
    ...releaseFlags,
    ...chartFlags,
    ...shared.networkFlags,
    ...shared.eventFlags,
  }

  async run(): Promise<RelocateResult> {
    const argv = helmArguments(this.argv, { ...Relocate.flags, ...Relocate.baseFlags }, 'relocate')
    const { args, flags } = await this.parse(Relocate, argv)
    const faces = this.faces(flags)
    const destinations = destinationsAt(flags.registry, 'relocate')
    const options = { host: this.config, flags, faces, afterInterrupt: nothingWritten }
    const remote = (await isRemote(args.target, flags)) || hasRemoteValues(flags) || flags['dependency-update']
    const { target, settings } = await withNetwork(remote, options, async (context) => ({
      settings: await renderSettings(flags, flags.name, context),
      target: await loadTarget(args.target, flags, context),
    }))
    const discovery = discoverChart(await loadChart(target.files, target.location), settings)
    const carried = new Set(
      discovery.images.filter((image) => image.class !== 'suspected').map(({ reference }) => reference),
    )
    const mode: RelocationMode = flags.mode === 'overlay' ? 'overlay' : 'embed'
    const relocation = await relocateChart(target.files, {
      ...{ settings, mode, discovery },
      destination: (reference) => (carried.has(reference) ? destinations.of(reference) : undefined),
      repository: (address) => (/^(?:https?|oci):/i.test(address) ? `oci://${destinations.registry}` : undefined),
    })
    const { proof, overlay, files, changed } = relocation
    const archive = await archiveOf(target, changed ? files : undefined)
    const directory = resolve(flags.output)
    const chart: RelocatedChart = { archive, overlay, proof }
    const written = await writeRelocated(chart, directory, flags['allow-unproved'])
    const { chart: name, version, proved } = proof
    const result: RelocateResult = { charts: [{ name, version, proved, directory, files: written, proof }] }
    this.show(faces, relocateScreen(result, shown(directory), faces.out.paint))
    if (!proved && !flags['allow-unproved']) {
      this.fail(
        errors.relocationUnproved(`${name} ${version}`, openPoints(proof), `${shown(directory)}/proof.md`),
        faces,
        flags,
      )
    }
    return result
  }
}

/** As published where nothing changed. */
async function archiveOf(target: LoadedTarget, changed: LoadedTarget['files'] | undefined): Promise<Uint8Array> {
  if (changed === undefined && target.archive !== undefined) return target.archive
  return (await packChart(changed ?? target.files, target.location)).archive
}
