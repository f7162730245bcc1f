import { basename, dirname, relative, resolve } from 'node:path'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { addonsFlags } from '../base/addons-flags.js'
import { addonsOf, checkAddonsFlags, namesAddons, readAddonFiles, type AddonsFlags } from '../base/addons.js'
import { askQuestions } from '../base/ask.js'
import { defaultChain } from '../base/chain.js'
import { shown } from '../text/path.js'
import { RopewayCommand } from '../base/command.js'
import * as shared from '../base/flags.js'
import { adapterPackages } from '../base/packages.js'
import type { Faces } from '../base/screen.js'
import { refuseExisting, writeNew } from '../base/write.js'
import { nextLines } from '../screen/summary.js'
import type { InitResult } from '../results.js'

export default class Init extends RopewayCommand {
  static override summary = 'Write a commented chain file to start from'
  static override description =
    'Asks three questions at most; a flag answers its question, and --yes takes the defaults. With --values or --catalog it asks nothing and writes the chain of these addons. Never replaces a file without --force.'
  static override usage = '<%= command.id %> [FILE] [FLAGS]'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --yes --name platform --reference docker.io/library/alpine:3.22',
    '<%= config.bin %> <%= command.id %> mirror.yaml --registry harbor.corp:5000/mirror',
    '<%= config.bin %> <%= command.id %> --values addons.yaml --to harbor.corp:5000/mirror',
  ]
  static override args = {
    file: Args.string({ description: 'file to write; the default is ./ropeway.yaml', ignoreStdin: true }),
  }
  static override flags = {
    name: Flags.string({ description: 'name of the chain', helpValue: 'NAME' }),
    reference: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      description: 'an image, or another OCI artifact, to carry',
      helpValue: 'REFERENCE',
    }),
    registry: Flags.string({ description: 'registry on the other side', helpValue: 'HOST[/prefix]' }),
    ...addonsFlags,
    ...shared.onlyFlag,
    platform: shared.chainFlags.platform,
    yes: Flags.boolean({ char: 'y', description: 'ask nothing' }),
    force: Flags.boolean({ description: 'replace the file when it is there' }),
  }

  async run(): Promise<InitResult> {
    const { args, flags } = await this.parse(Init)
    const faces = this.faces(flags)
    const file = resolve(args.file ?? defaultChain)
    if (!flags.force) await refuseExisting(file)
    checkAddonsFlags(flags, undefined, 'init')
    if (namesAddons(flags)) return this.#writeAddons(file, flags, faces)
    const asks = !flags.yes && !this.jsonEnabled() && process.stdin.isTTY && process.stderr.isTTY
    const given = { name: flags.name, references: flags.reference, registry: flags.registry }
    const defaultName = nameOf(resolve(file, '..'))
    const answers = asks ? await askQuestions(given, defaultName) : { ...given, name: given.name ?? defaultName }
    const { initialChain } = await import('@ropeway/engine')
    await writeNew(file, initialChain(answers), flags.force)
    const name = shown(file)
    const chain = name === defaultChain ? '' : ` ${name}`
    this.show(faces, [
      `${faces.out.paint.green('✓')} wrote ${name}`,
      ...nextLines([`ropeway plan${chain}`, `ropeway lock${chain}`, `ropeway export${chain} -o ${answers.name}.tar`]),
    ])
    return { file, name: answers.name }
  }

  /** The chain of addons that the flags say; its paths are relative to it. */
  async #writeAddons(file: string, flags: AddonsFlags & InitFlags, faces: Faces): Promise<InitResult> {
    const chain = addonsOf(flags)
    await readAddonFiles(chain, chain, process.cwd())
    const { initialAddonsChain, loadAdapters } = await import('@ropeway/engine')
    const near = (path: string) => relative(dirname(file), resolve(path))
    const placed = {
      ...chain,
      name: flags.name ?? 'addons',
      values: chain.values === undefined ? undefined : near(chain.values),
      catalogs: chain.catalogs?.map(near),
      overrides: chain.overrides === undefined ? undefined : near(chain.overrides),
    }
    await writeNew(file, initialAddonsChain(placed, loadAdapters(adapterPackages(this.config))), flags.force)
    const name = shown(file)
    const argument = name === defaultChain ? '' : ` ${name}`
    const commands = [`ropeway plan${argument}`, `ropeway lock${argument}`, `ropeway run${argument} --locked`]
    this.show(faces, [`${faces.out.paint.green('✓')} wrote ${name}`, ...nextLines(commands)])
    return { file, name: placed.name }
  }
}

interface InitFlags {
  readonly name?: string | undefined
  readonly force: boolean
}

/** A folder's name, made into a chain's name. */
function nameOf(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
  return name === '' ? 'platform' : name
}
