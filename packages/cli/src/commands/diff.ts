import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { RopewayCommand } from '../base/command.js'
import * as errors from '../errors.js'
import { diffJson, diffScreen } from '../screen/lock.js'
import type { DiffResult } from '../results.js'

export default class Diff extends RopewayCommand {
  static override summary = 'Show what changed between two locks'
  static override description =
    'Lists what came, what went, and what is another content now. Exit code 0 either way; with --exit-code 6 when the locks differ.'
  static override usage = '<%= command.id %> FROM TO [FLAGS]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> old.lock ropeway.lock',
    '<%= config.bin %> <%= command.id %> old.lock ropeway.lock --exit-code --json',
  ]
  static override args = {
    from: Args.string({ description: 'lock file', required: true, ignoreStdin: true }),
    to: Args.string({ description: 'lock file', required: true, ignoreStdin: true }),
  }
  static override flags = { 'exit-code': Flags.boolean({ description: 'exit code 6 when the locks differ' }) }

  async run(): Promise<DiffResult> {
    const { args, flags } = await this.parse(Diff)
    const faces = this.faces(flags)
    const { diffLocks, readLock } = await import('@ropeway/engine')
    const [from, to] = await Promise.all([readLock(args.from), readLock(args.to)])
    const diff = diffLocks(from, to)
    this.show(faces, diffScreen(diff, faces.out.paint))
    if (!diff.equal && flags['exit-code']) this.fail(errors.locksDiffer(args.from, args.to), faces, flags)
    return diffJson(diff)
  }
}
