import { resolve } from 'node:path'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { loadChart, packChart } from '@ropeway/helm'
import { discoverChart, relocateChart, relocationUnproved, type RelocationMode } from '@ropeway/images'
import { RopewayCommand } from '../base/command.js'
import { allowsUnproved, chainFor } from '../base/chain.js'
import { collisionsAt, destinationsAt, objectionTo, type Destinations } from '../base/destinations.js'
import * as shared from '../base/flags.js'
import { withNetwork } from '../base/network.js'
import { helmArguments } from '../base/pflag.js'
import { writeRelocated, type RelocatedChart } from '../base/relocated.js'
import { chartFlags, releaseFlags, valuesFlags } from '../base/render-flags.js'
import { hasRemoteValues, renderSettings } from '../base/render-settings.js'
import { nothingWritten } from '../base/resume.js'
import { withSession } from '../base/session.js'
import { failureOf } from '../base/transfer.js'
import { isRemote, loadTarget, type LoadedTarget } from '../base/target.js'
import * as errors from '../errors.js'
import { kindOf } from '../images/target.js'
import type { RelocateResult } from '../results.js'
import { relocateScreen } from '../screen/relocate.js'
import { warningScreen } from '../screen/warnings.js'
import { shown } from '../text/path.js'

export default class Relocate extends RopewayCommand {
  static override summary = 'Rewrite charts for another registry, and prove it'
  static override description =
    'Finds every image of a chart, changes the chart so that it refers to the registry, and proves by rendering that each reference moved and that nothing else differs. Works on names, without the registry. Writes the archive, values.yaml (the values that move the images, to be given after your own), proof.json and proof.md to DIR; for each chart of a chain to DIR/<chart>-<version>. A chart that is not proved ends with exit code 4 and leaves its proof alone. Values that are given here shape what is rendered and never become a part of the chart.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> ./shop --registry harbor.example/mirror -o relocated',
    '<%= config.bin %> <%= command.id %> shop-1.2.3.tgz --registry harbor.example:5000 -o relocated --mode overlay -f prod.yaml',
    '<%= config.bin %> <%= command.id %> ropeway.yaml --registry harbor.example/mirror -o relocated',
  ]
  static override args = {
    target: Args.string({ description: 'chart, or chain with charts', required: true, ignoreStdin: true }),
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
    ...shared.chainFlags,
    ...shared.networkFlags,
    ...shared.eventFlags,
  }

  async run(): Promise<RelocateResult> {
    const { args, flags } = await this.given()
    const destinations = destinationsAt(flags.registry, 'relocate')
    return (await kindOf(args.target, flags)) === 'chain'
      ? this.relocateChain(args.target, flags, destinations)
      : this.relocateChart(args.target, flags, destinations)
  }

  /** The command line, with flags as helm takes them. */
  async given() {
    return this.parse(Relocate, helmArguments(this.argv, { ...Relocate.flags, ...Relocate.baseFlags }, 'relocate'))
  }

  private async relocateChart(where: string, flags: Parsed, destinations: Destinations): Promise<RelocateResult> {
    const faces = this.faces(flags)
    const options = { host: this.config, flags, faces, afterInterrupt: nothingWritten }
    const remote = (await isRemote(where, flags)) || hasRemoteValues(flags) || flags['dependency-update']
    const { target, settings } = await withNetwork(remote, options, async (context) => ({
      settings: await renderSettings(flags, flags.name, context),
      target: await loadTarget(where, flags, context),
    }))
    const discovery = discoverChart(await loadChart(target.files, target.location), settings)
    const carried = new Set(
      discovery.images.filter((image) => image.class !== 'suspected').map(({ reference }) => reference),
    )
    const used = new Set(discovery.images.flatMap((image) => (image.class === 'used' ? [image.reference] : [])))
    const collisions = collisionsAt(destinations, carried)
    const serious = collisions.filter(({ references }) => references.some((reference) => used.has(reference)))
    const relocation = await relocateChart(target.files, {
      ...{ settings, mode: modeOf(flags), discovery },
      destination: (reference) => (carried.has(reference) ? destinations.of(reference) : undefined),
      along: (reference) => destinations.of(reference),
      objection: (reference) => objectionTo(reference, serious),
      repository: `oci://${destinations.registry}`,
    })
    const { proof, overlay, files, changed } = relocation
    const archive = await archiveOf(target, changed ? files : undefined)
    const directory = resolve(flags.output)
    const chart: RelocatedChart = { archive, overlay, proof }
    const written = await writeRelocated(chart, directory, flags['allow-unproved'])
    const { chart: name, version, proved } = proof
    const warnings = collisions.filter((each) => !serious.includes(each)).map(errors.optionalCollision)
    faces.err.print(warningScreen(warnings, faces.err))
    const result: RelocateResult = { charts: [{ name, version, proved, directory, files: written, proof }], warnings }
    this.show(faces, relocateScreen(result, shown, faces.out.paint))
    if (!proved && !flags['allow-unproved']) {
      const hint = `read ${shown(directory)}/proof.md; --allow-unproved writes the chart all the same`
      this.fail(relocationUnproved(`${name} ${version}`, proof, { hint }), faces, flags)
    }
    return result
  }

  /** Each chart of a chain, and what its transforms edit in it, into a folder of its own. */
  private async relocateChain(file: string, flags: Parsed, { registry }: Destinations): Promise<RelocateResult> {
    refuseRenderFlags(flags)
    const faces = this.faces(flags)
    const options = { host: this.config, flags, faces, afterInterrupt: nothingWritten }
    const done = await withSession(options, async (session) => {
      const { engine, runtime } = session
      const chain = await chainFor(session, file, { var: flags.var, platform: flags.platform }, 'relocate')
      const named = await engine.forRelocation(chain, { registry, mode: modeOf(flags) }, runtime)
      const scan = await engine.scan(named, runtime, { allowUnproved: allowsUnproved(chain, flags) })
      const written = await engine.writeScan(scan, resolve(flags.output))
      return { written, failures: scan.failures, unseen: session.unseen() }
    })
    if (!this.jsonEnabled()) faces.err.print(warningScreen(done.unseen, faces.err))
    const charts = done.written.flatMap(({ chart, directory, files }) => {
      const { name, version, proof } = chart
      return proof === undefined ? [] : [{ name, version, proved: proof.proved, directory, files, proof }]
    })
    const result: RelocateResult = { charts, warnings: done.unseen }
    this.show(faces, relocateScreen(result, shown, faces.out.paint))
    const failure = failureOf(done)
    if (failure !== undefined) this.fail(failure, faces, flags)
    return result
  }
}

type Parsed = Awaited<ReturnType<Relocate['given']>>['flags']

function modeOf({ mode }: Pick<Parsed, 'mode'>): RelocationMode {
  return mode === 'overlay' ? 'overlay' : 'embed'
}

/** A chain says itself with what its charts are rendered. */
function refuseRenderFlags(flags: Parsed): void {
  const given = Object.entries(flags).filter(([, value]) => value !== undefined && value !== false)
  const own = new Set(Object.keys({ ...valuesFlags, ...releaseFlags, ...chartFlags, name: true }))
  const flag = given.map(([name]) => name).find((name) => own.has(name))
  if (flag !== undefined) throw errors.flagConflict('a chain', `--${flag}`, 'values of its charts stand in the chain')
}

/** As published where nothing changed. */
async function archiveOf(target: LoadedTarget, changed: LoadedTarget['files'] | undefined): Promise<Uint8Array> {
  if (changed === undefined && target.archive !== undefined) return target.archive
  return (await packChart(changed ?? target.files, target.location)).archive
}
