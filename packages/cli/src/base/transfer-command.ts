import type { PlanWarning } from '@ropeway/engine'
import { addonsScreen } from '../screen/addons.js'
import { reportScreen } from '../screen/report.js'
import { warningScreen } from '../screen/warnings.js'
import type { TransferResult } from '../results.js'
import type { Paint } from '../text/paint.js'
import { addonOutcomes } from './addon-outcomes.js'
import { RopewayCommand } from './command.js'
import { goesOn } from './resume.js'
import { withSession, type Session, type SessionFlags } from './session.js'
import { failureOf, transfer, type Cargo, type Transfer, type TransferFlags } from './transfer.js'

interface Finished extends Transfer {
  readonly unseen: readonly PlanWarning[]
  readonly warnings: readonly PlanWarning[]
}

/** What `run`, `export` and `import` share: they deliver a chain, and differ in how they come by it. */
export abstract class TransferCommand extends RopewayCommand {
  /** Delivers, shows how it ended, and returns what `--json` prints. */
  protected async deliver(
    flags: SessionFlags & TransferFlags,
    load: (session: Session) => Promise<Cargo>,
    words: { readonly done?: (transfer: Transfer, paint: Paint) => string[] } = {},
  ): Promise<TransferResult> {
    const faces = this.faces(flags)
    const options = { host: this.config, flags, faces, afterInterrupt: goesOn(process.argv.slice(2)) }
    const finished = await withSession(options, async (session): Promise<Finished> => {
      const done = await transfer(session, await load(session), flags)
      const warnings = [...done.plan.warnings, ...session.runtime.warnings()]
      return { ...done, warnings: unique(warnings), unseen: session.unseen(done.plan.warnings) }
    })
    const { cargo, resolved, plan, report } = finished
    const { addons: list, resolution } = resolved
    const addons =
      list === undefined ? undefined : addonOutcomes(list, resolution.lock, report.failures, report.receipts)
    if (!this.jsonEnabled()) faces.err.print(warningScreen(finished.unseen, faces.err))
    this.show(faces, reportScreen(report.receipts, faces.out.paint))
    if (addons !== undefined) this.show(faces, addonsScreen(addons, faces.out.paint))
    const failure = failureOf(report)
    if (failure === undefined) this.show(faces, words.done?.(finished, faces.out.paint) ?? [])
    else this.fail(failure, faces, flags)
    return {
      chain: plan.chain,
      lock: cargo.bundle?.lock ?? plan.lock,
      bundle: cargo.bundle ?? plan.bundle,
      receipts: report.receipts,
      bytes: report.bytes,
      milliseconds: report.milliseconds,
      addons,
      warnings: finished.warnings,
    }
  }
}

function unique(warnings: readonly PlanWarning[]): PlanWarning[] {
  return [...new Map(warnings.map((warning) => [JSON.stringify(warning), warning])).values()]
}
