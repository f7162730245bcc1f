import * as Flags from '@oclif/core/flags'
import { isRopewayError } from '@ropeway/core'
import type { Lock as LockFile } from '@ropeway/engine'
import { chainFor, defaultChain, resolution } from '../base/chain.js'
import { shown } from '../text/path.js'
import { RopewayCommand } from '../base/command.js'
import { addonOutcomes } from '../base/addon-outcomes.js'
import { addonsFlags, partialFlag } from '../base/addons-flags.js'
import { namesAddons } from '../base/addons.js'
import * as shared from '../base/flags.js'
import { nothingWritten } from '../base/resume.js'
import { withSession, type Session } from '../base/session.js'
import * as errors from '../errors.js'
import { failureOf } from '../base/transfer.js'
import { addonsScreen } from '../screen/addons.js'
import { diffJson, lockScreen } from '../screen/lock.js'
import { warningScreen } from '../screen/warnings.js'
import type { LockResult } from '../results.js'

export default class Lock extends RopewayCommand {
  static override summary = 'Pin everything that a chain delivers, by digest'
  static override description =
    'Writes the lock beside the chain, its ending replaced by .lock, to be committed to git. Two resolves with equal results write the same bytes. With --check nothing is written: exit code 6 tells that the chain resolves to something else now, and what moved.'
  static override usage = '<%= command.id %> [CHAIN] [FLAGS]'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> ropeway.yaml -o release.lock',
    '<%= config.bin %> <%= command.id %> --check',
  ]
  static override args = { chain: shared.chainArgument }
  static override flags = {
    output: Flags.string({
      char: 'o',
      description: 'file to write, elsewhere than beside the chain',
      helpValue: 'FILE',
    }),
    check: Flags.boolean({
      aliases: ['locked'],
      description: 'resolve anew, write nothing, and fail when the lock is not that any more',
    }),
    ...shared.chainFlags,
    ...shared.onlyFlag,
    ...addonsFlags,
    ...partialFlag,
    ...shared.unprovedFlag,
    ...shared.networkFlags,
    ...shared.eventFlags,
  }

  async run(): Promise<LockResult> {
    const { args, flags } = await this.parse(Lock)
    if ((flags.only ?? []).length > 0 && !namesAddons(flags)) {
      throw errors.flagInvalid('lock', '--only is for addons here: name them with --values or --catalog')
    }
    const faces = this.faces(flags)
    const options = { host: this.config, flags, faces, afterInterrupt: nothingWritten }
    const done = await withSession(options, async (session) => {
      const { engine, runtime } = session
      const chain = await chainFor(session, args.chain, flags, 'lock')
      const resolved = await resolution(session, chain, { ...flags, locked: false })
      const { lock, lockDigest, failures } = resolved.resolution
      const addons = resolved.addons === undefined ? undefined : addonOutcomes(resolved.addons, lock, failures, [])
      const file = flags.output ?? engine.lockFileOf(chain.file ?? defaultChain)
      const before = await lockBefore(session, file, flags.check)
      const diff = before === undefined ? undefined : engine.diffLocks(before, lock)
      const changed = before === undefined || engine.lockDigest(before) !== lockDigest
      const whole = failures.length === 0 || flags.partial
      if (changed && whole && !flags.check) await engine.writeLock(file, lock)
      const warnings = { warnings: runtime.warnings(), unseen: session.unseen() }
      return { file, lock, lockDigest, diff, changed, failures, whole, addons, ...warnings }
    })
    const { file, lock, lockDigest, diff, changed, failures, whole, addons } = done
    if (!this.jsonEnabled()) faces.err.print(warningScreen(done.unseen, faces.err))
    const outdated = changed && whole && flags.check
    if (addons !== undefined) this.show(faces, addonsScreen(addons, faces.out.paint))
    if (whole)
      this.show(faces, lockScreen({ file: shown(file), lock, lockDigest, diff, changed, outdated }, faces.out.paint))
    const failure = failureOf({ failures })
    if (failure !== undefined) this.fail(failure, faces, flags)
    else if (outdated) this.fail(errors.lockOutdated(shown(file)), faces, flags)
    return {
      file,
      lock: lockDigest,
      changed,
      chain: lock.chain,
      platforms: lock.platforms,
      artifacts: lock.artifacts.map(({ id, kind, root, destinations }) => ({
        id,
        kind,
        digest: root.digest,
        destinations,
      })),
      diff: diff === undefined ? undefined : diffJson(diff),
      addons,
      warnings: done.warnings,
    }
  }
}

/** The lock that is there; a file that is none counts as absent, unless it is to be checked. */
async function lockBefore({ engine }: Session, file: string, check: boolean): Promise<LockFile | undefined> {
  try {
    return await engine.readLock(file)
  } catch (thrown) {
    if (check || !isRopewayError(thrown) || (thrown.code !== 'LOCK_MISSING' && thrown.code !== 'LOCK_INVALID'))
      throw thrown
    return undefined
  }
}
