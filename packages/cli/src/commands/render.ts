import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { loadChart, toBytes, type Rendered } from '@ropeway/helm'
import { RopewayCommand } from '../base/command.js'
import * as shared from '../base/flags.js'
import { withDependencies } from '../base/dependencies.js'
import { withNetwork } from '../base/network.js'
import { helmArguments } from '../base/pflag.js'
import { chartFlags, releaseFlags, valuesFlags } from '../base/render-flags.js'
import { hasRemoteValues, renderSettings } from '../base/render-settings.js'
import { nothingWritten } from '../base/resume.js'
import { isRemote, loadTarget } from '../base/target.js'
import * as errors from '../errors.js'
import { warningScreen } from '../screen/warnings.js'
import type { RenderResult } from '../results.js'

const several = { multiple: true, multipleNonGreedy: true } as const

export default class Render extends RopewayCommand {
  static override summary = 'Render a chart as helm template does'
  static override description =
    'Writes to standard output what helm template writes for the same arguments, byte for byte, without helm. A chart that fails ends with exit code 4 and the message of Helm, and nothing on standard output. CHART is a folder, an archive, an oci:// or https:// address, a name in the repository of --repo, or repository/name as helm repo add named it.'
  static override usage = '<%= command.id %> [NAME] CHART [FLAGS]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> ./shop -f prod.yaml --set image.tag=1.2.3',
    '<%= config.bin %> <%= command.id %> live oci://ghcr.io/stefanprodan/charts/podinfo --version 6.7.1 -n shop',
    '<%= config.bin %> <%= command.id %> podinfo --repo https://stefanprodan.github.io/podinfo',
  ]
  static override args = {
    name: Args.string({ description: 'name of the release; a lone argument is the chart', ignoreStdin: true }),
    chart: Args.string({ description: 'chart to render', ignoreStdin: true }),
  }
  static override flags = {
    ...valuesFlags,
    ...releaseFlags,
    'generate-name': Flags.boolean({ char: 'g', description: 'NAME is left out', helpGroup: 'RELEASE' }),
    'include-crds': Flags.boolean({ description: 'CRDs of the chart too', helpGroup: 'OUTPUT' }),
    'skip-crds': Flags.boolean({
      description: 'as in helm: CRDs are left out unless --include-crds asks',
      helpGroup: 'OUTPUT',
    }),
    'show-only': Flags.string({
      ...several,
      char: 's',
      description: 'only what these templates render',
      helpValue: 'templates/FILE',
      helpGroup: 'OUTPUT',
    }),
    'skip-tests': Flags.boolean({ description: 'leave tests out', helpGroup: 'OUTPUT' }),
    ...chartFlags,
    ...shared.networkFlags,
    ...shared.eventFlags,
  }

  async run(): Promise<RenderResult> {
    const argv = helmArguments(this.argv, { ...Render.flags, ...Render.baseFlags }, 'render')
    const { args, flags } = await this.parse(Render, argv)
    const [name, target] = args.chart === undefined ? [undefined, args.name] : [args.name, args.chart]
    if (target === undefined) throw errors.argumentMissing('render', ['CHART'])
    if (name !== undefined && flags['generate-name']) throw namedTwice('--generate-name')
    if (name !== undefined && (flags['name-template'] ?? '') !== '') throw namedTwice('--name-template')
    const faces = this.faces(flags)
    const options = { host: this.config, flags, faces, afterInterrupt: nothingWritten }
    const remote = (await isRemote(target, flags)) || hasRemoteValues(flags) || flags['dependency-update']
    const { rendered, metadata } = await withNetwork(remote, options, async (context) => {
      const settings = await renderSettings(flags, name, context)
      const loaded = await loadTarget(target, flags, context)
      const { files, location } = await withDependencies(target, loaded, flags, context)
      const chart = await loadChart(files, location)
      return { rendered: chart.render(settings), metadata: chart.metadata }
    })
    faces.err.print(warningScreen(rendered.warnings.map(errors.helmWarning), faces.err))
    const text = rendered.text({
      includeCrds: flags['include-crds'],
      noHooks: flags['no-hooks'],
      skipTests: flags['skip-tests'],
      showOnly: flags['show-only'],
    })
    if (!this.jsonEnabled()) process.stdout.write(toBytes(text))
    return { chart: { name: metadata.name, version: metadata.version }, ...resultOf(rendered), text }
  }
}

function namedTwice(flag: string) {
  return errors.flagConflict(flag, 'NAME', 'the release would have two names')
}

function resultOf({ manifests, hooks, notes, warnings }: Rendered): Omit<RenderResult, 'chart' | 'text'> {
  const objects = [...manifests, ...hooks].map(({ template, apiVersion, kind, name, hooks: events, text }) => ({
    ...{ template, apiVersion, kind, name, text },
    hooks: events.length === 0 ? undefined : events,
  }))
  return { objects, notes, warnings }
}
