import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { RopewayCommand } from '../base/command.js'
import * as shared from '../base/flags.js'
import { nothingRemoved } from '../base/resume.js'
import { withSession } from '../base/session.js'
import * as errors from '../errors.js'
import { pruneJson, pruneScreen } from '../screen/prune.js'
import { warningScreen } from '../screen/warnings.js'
import { age } from '../text/age.js'
import type { PruneResult } from '../results.js'

export default class Prune extends RopewayCommand {
  static override summary = 'Remove from a registry what is not needed any more'
  static override description =
    'Shows what would go, and removes it with --yes only. All rules that are given have to hold at once. What goes, goes with its parts and signatures; what a kept index needs stays. For sinks that can list and remove what they hold.'
  static override usage = '<%= command.id %> SINK[=OPTIONS] [FLAGS]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> ecr --registry 123456789012.dkr.ecr.eu-central-1.amazonaws.com --keep 5 --older-than 90d',
    '<%= config.bin %> <%= command.id %> ecr --pattern "mirror/*:*-rc*" --yes',
    '<%= config.bin %> <%= command.id %> ecr --not-in platform.lock --not-in edge.lock --older-than 30d',
  ]
  static override args = {
    sink: Args.string({
      description: 'a sink, as in ecr or "ecr={region: eu-central-1}"',
      required: true,
      ignoreStdin: true,
    }),
  }
  static override flags = {
    registry: Flags.string({ description: 'registry to look at, or a part of it', helpValue: 'HOST[/prefix]' }),
    pattern: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      description: 'only repositories, or tags in them, that fit',
      helpValue: 'REPOSITORY[:TAG]',
      helpGroup: 'RULES',
    }),
    keep: Flags.integer({
      description: 'the newest of each repository stay',
      helpValue: 'N',
      helpGroup: 'RULES',
      min: 0,
    }),
    'older-than': Flags.string({
      description: 'what is younger stays: 90d, 12h, 4w',
      helpValue: 'AGE',
      helpGroup: 'RULES',
    }),
    'not-in': Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      description: 'what this lock delivers stays',
      helpValue: 'LOCK',
      helpGroup: 'RULES',
    }),
    untagged: Flags.boolean({
      description: 'also what has no tag and belongs to nothing',
      helpGroup: 'RULES',
    }),
    yes: Flags.boolean({ description: 'remove it; otherwise it is only shown', default: false }),
    ...shared.networkFlags,
    ...shared.eventFlags,
  }

  async run(): Promise<PruneResult> {
    const { args, flags } = await this.parse(Prune)
    const faces = this.faces(flags)
    const olderThan = flags['older-than'] === undefined ? undefined : ageOf(flags['older-than'])
    const options = { host: this.config, flags, faces, afterInterrupt: nothingRemoved }
    const { pruning, failures, unseen } = await withSession(options, async ({ engine, runtime, unseen: warnings }) => {
      const { registry, pattern: patterns, keep, untagged, insecure } = flags
      const notIn =
        flags['not-in'] === undefined
          ? undefined
          : await Promise.all(flags['not-in'].map((file) => engine.readLock(file)))
      const found = await engine.prune(
        { sink: args.sink, registry, patterns, keep, olderThan, notIn, untagged, insecure, directory: process.cwd() },
        runtime,
      )
      return { pruning: found, failures: flags.yes ? await found.remove() : [], unseen: warnings() }
    })
    if (!this.jsonEnabled()) faces.err.print(warningScreen(unseen, faces.err))
    this.show(faces, pruneScreen(pruning, { removed: flags.yes, failures: failures.length }, faces.out.paint))
    const [only, ...more] = failures
    if (only !== undefined) {
      this.fail(
        more.length === 0 ? only : errors.severalFailures(failures, `could not be removed from ${pruning.location}`),
        faces,
        flags,
      )
    }
    return pruneJson(pruning, flags.yes)
  }
}

function ageOf(text: string): number {
  const milliseconds = age(text)
  if (milliseconds === undefined)
    throw errors.flagInvalid('prune', `--older-than ${text}: an age like 90d, 12h or 4w is expected`)
  return milliseconds
}
