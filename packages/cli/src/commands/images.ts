import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { toRopewayError, type RopewayError } from '@ropeway/core'
import type { CatalogueEntry, Discovery } from '@ropeway/images'
import { chainFor } from '../base/chain.js'
import { RopewayCommand } from '../base/command.js'
import * as shared from '../base/flags.js'
import { withNetwork } from '../base/network.js'
import { helmArguments } from '../base/pflag.js'
import { chartFlags, releaseFlags, valuesFlags } from '../base/render-flags.js'
import { hasRemoteValues, renderSettings } from '../base/render-settings.js'
import { nothingWritten } from '../base/resume.js'
import { withSession } from '../base/session.js'
import { isRemote } from '../base/target.js'
import { writeNew } from '../base/write.js'
import * as errors from '../errors.js'
import { behindChain } from '../images/chain.js'
import { canonical, chosen, collect, compare, withList, type Collected } from '../images/collect.js'
import { kindOf, lookAtChart, lookAtManifests, textOf } from '../images/target.js'
import type { ImageResult, ImagesResult } from '../results.js'
import { differenceScreen, imagesScreen, listText, whyScreen } from '../screen/images.js'
import { warningScreen } from '../screen/warnings.js'

const several = { multiple: true, multipleNonGreedy: true } as const

export default class Images extends RopewayCommand {
  static override summary = 'Find the images behind charts, manifests and chains'
  static override description =
    'Renders charts as helm does and looks everywhere for images: pod specs, custom resources, arguments, variables, texts in config maps. Images that appear only when something is switched on are optional; texts that look like images are suspected. TARGET is a chart (archive, folder with Chart.yaml, oci://), a chain (YAML with sources and no kind), a manifest (any other YAML) or a folder of manifests. Used images are printed; --optional and --suspected add theirs.'
  static override usage = '<%= command.id %> TARGET... [FLAGS]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> ./shop -f prod.yaml',
    '<%= config.bin %> <%= command.id %> oci://ghcr.io/stefanprodan/charts/podinfo --optional --list -o images.txt',
    '<%= config.bin %> <%= command.id %> ./shop --check images.txt',
    '<%= config.bin %> <%= command.id %> ./shop --why docker.io/library/redis:7',
  ]
  static override strict = false
  static override args = { target: Args.string({ description: 'chart, chain, manifest or folder', ignoreStdin: true }) }
  static override flags = {
    list: Flags.boolean({ description: 'one reference a line, an images.txt', exclusive: ['why', 'check'] }),
    why: Flags.string({ description: 'only where this image comes from', helpValue: 'REF', exclusive: ['check'] }),
    output: Flags.string({
      char: 'o',
      description: 'write the list, or with --json the result, to FILE',
      helpValue: 'FILE',
    }),
    optional: Flags.boolean({ description: 'images too that appear when something is switched' }),
    suspected: Flags.boolean({ description: 'texts too that look like images' }),
    add: Flags.string({ ...several, description: 'images of a list besides', helpValue: 'FILE' }),
    check: Flags.string({ description: 'compare with a list; exit code 4 when they differ', helpValue: 'FILE' }),
    catalogue: Flags.string({
      ...several,
      description: 'file that says where custom resources hold images',
      helpValue: 'FILE',
    }),
    name: Flags.string({
      description: 'name of the release',
      helpValue: 'NAME',
      default: 'release-name',
      helpGroup: 'RELEASE',
    }),
    ...valuesFlags,
    ...releaseFlags,
    ...chartFlags,
    var: shared.chainFlags.var,
    ...shared.networkFlags,
    ...shared.eventFlags,
  }

  async run(): Promise<ImagesResult> {
    const { argv, flags } = await this.given()
    const targets = argv.map(String)
    if (targets.length === 0) throw errors.argumentMissing('images', ['TARGET'])
    const faces = this.faces(flags)
    const { found, failures } = await this.look(targets, flags)
    let collected = collect(found)
    for (const file of flags.add ?? []) {
      const added = withList(collected, await textOf(file), file)
      collected = added.collected
      failures.push(...added.invalid)
    }
    faces.err.print(warningScreen(collected.warnings.map(errors.helmWarning), faces.err))
    const images = flags.why === undefined ? chosen(collected, flags) : why(collected, flags.why)
    const { unresolved, filled, warnings } = collected
    const result: ImagesResult = { images, unresolved, filled, warnings }
    if (flags.check !== undefined) {
      const difference = compare(images, await textOf(flags.check), flags.check)
      result.check = { missing: difference.missing, extra: difference.extra }
      failures.push(...difference.invalid)
      this.show(faces, differenceScreen(difference, flags.check, faces.out.paint))
      if (difference.missing.length + difference.extra.length > 0) {
        failures.push(errors.imageListDiffers(flags.check, difference.missing.length, difference.extra.length))
      }
    } else await this.print(images, collected, targets, flags, result)
    const [first] = failures
    if (first !== undefined) {
      this.fail(failures.length === 1 ? first : errors.severalFailures(failures, 'went wrong'), faces, flags)
    }
    return result
  }

  /** The command line, with flags as helm takes them. */
  async given() {
    const known = { ...Images.flags, ...Images.baseFlags }
    return this.parse(Images, helmArguments(this.argv, known, 'images'))
  }

  private async print(
    images: readonly ImageResult[],
    collected: Collected,
    targets: readonly string[],
    flags: Parsed,
    result: ImagesResult,
  ): Promise<void> {
    const faces = this.faces(flags)
    const { output } = flags
    if (output !== undefined) {
      const text = this.jsonEnabled() ? `${JSON.stringify(result, null, 2)}\n` : listText(images)
      await writeNew(output, text, true)
      if (flags.list) return
    } else if (flags.list) {
      if (!this.jsonEnabled()) process.stdout.write(listText(images))
      return
    }
    const { paint, columns } = faces.out
    if (flags.why !== undefined) return this.show(faces, whyScreen(images, paint))
    const { optional, suspected } = flags
    this.show(faces, imagesScreen(images, collected, { paint, columns, optional, suspected, targets }))
  }

  /** Looks at one target after the other; one that fails does not keep the others from being looked at. */
  private async look(targets: readonly string[], flags: Parsed): Promise<Looked> {
    const looked: Looked = { found: [], failures: [] }
    const faces = this.faces(flags)
    const options = { host: this.config, flags, faces, afterInterrupt: nothingWritten }
    const catalogue = await catalogueOf(flags.catalogue)
    const remotes = await Promise.all(targets.map((target) => isRemote(target, flags)))
    const kinds = new Map<string, Awaited<ReturnType<typeof kindOf>>>()
    for (const target of targets) kinds.set(target, await kindOf(target, flags))
    const charts = targets.filter((target) => kinds.get(target) === 'chart')
    await withNetwork(
      charts.length > 0 && (remotes.includes(true) || hasRemoteValues(flags)),
      options,
      async (context) => {
        const settings = await renderSettings(flags, flags.name, context)
        for (const target of targets) {
          const kind = kinds.get(target) ?? 'chart'
          if (kind === 'chain') continue
          await attempt(looked, target, async () =>
            kind === 'chart'
              ? lookAtChart(target, flags, { settings, catalogue, optional: true, context })
              : lookAtManifests(target, kind, catalogue),
          )
        }
      },
    )
    for (const target of targets.filter((each) => kinds.get(each) === 'chain')) {
      await attempt(looked, target, () =>
        withSession(options, async (session) => {
          const chain = await chainFor(session, target, { var: flags.var, insecure: flags.insecure }, 'images')
          const { discovery, failures } = behindChain(await session.engine.resolve(chain, session.runtime), target)
          looked.failures.push(...failures)
          return discovery
        }),
      )
    }
    return looked
  }
}

type Parsed = Awaited<ReturnType<Images['given']>>['flags']

interface Looked {
  readonly found: { readonly target: string; readonly discovery: Discovery }[]
  readonly failures: RopewayError[]
}

async function attempt(looked: Looked, target: string, look: () => Promise<Discovery>): Promise<void> {
  try {
    looked.found.push({ target, discovery: await look() })
  } catch (error) {
    looked.failures.push(toRopewayError(error))
  }
}

function why(collected: Collected, reference: string): readonly ImageResult[] {
  const images = collected.images.filter((image) => canonical(image.reference) === canonical(reference))
  if (images.length > 0) return images
  throw errors.imageNotFound(
    reference,
    collected.images.map((image) => image.reference),
  )
}

async function catalogueOf(files: readonly string[] | undefined): Promise<readonly CatalogueEntry[]> {
  const { parseCatalogue } = await import('@ropeway/images')
  const entries: CatalogueEntry[] = []
  for (const file of files ?? []) entries.push(...parseCatalogue(await textOf(file), file))
  return entries
}
