import type { Event } from '@ropeway/core'
import { RopewayCommand } from '../base/command.js'
import * as shared from '../base/flags.js'
import { nothingWritten } from '../base/resume.js'
import { withSession } from '../base/session.js'
import { errorJson } from '../screen/error.js'
import * as errors from '../errors.js'
import { count, exactSize } from '../text/measure.js'
import type { VerifyResult } from '../results.js'

export default class Verify extends RopewayCommand {
  static override summary = 'Check every byte of a bundle'
  static override description =
    'Hashes each entry and compares it with what the bundle’s metadata and lock say. Names every entry that is damaged; exit code 6 when there is one.'
  static override usage = '<%= command.id %> BUNDLE [FLAGS]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> platform.tar',
    '<%= config.bin %> <%= command.id %> platform.tar --json --quiet',
  ]
  static override args = { bundle: shared.bundleArgument }
  static override flags = { ...shared.eventFlags }

  async run(): Promise<VerifyResult> {
    const { args, flags } = await this.parse(Verify)
    const faces = this.faces(flags)
    const file = args.bundle
    const options = { host: this.config, flags, faces, afterInterrupt: nothingWritten }
    const verification = await withSession(options, ({ engine, runtime, signal }) =>
      runtime.phase('verify', () => {
        const onProgress = progressEvents(file, (event) => runtime.emit(event))
        return engine.verifyBundle(file, { signal, onProgress })
      }),
    )
    const { identity, size, entries, problems } = verification
    const [only] = problems
    if (only === undefined) {
      this.show(faces, [
        `${faces.out.paint.green('✓')} ${file} is whole: ${count(entries, 'entry', 'entries')}, ${exactSize(size)}`,
        `  identity ${identity}`,
      ])
    } else {
      this.fail(
        problems.length === 1 ? only : errors.severalFailures(problems, `in ${file} are not what they should be`),
        faces,
        flags,
      )
    }
    return {
      file,
      identity,
      size,
      entries,
      ok: only === undefined,
      problems: problems.map((problem) => errorJson(problem, faces.redact)),
    }
  }
}

type Emit = (event: Event) => void

/** One file being read shows as one transfer. */
function progressEvents(file: string, emit: Emit): (done: number, size: number) => void {
  let started = false
  return (done, size) => {
    if (!started) emit({ type: 'blob:start', digest: file, size, artifact: file, resumedAt: 0 })
    started = true
    emit({ type: 'blob:progress', digest: file, done, size })
  }
}
