import { Command } from '@oclif/core/command'
import { toRopewayError, type RopewayError } from '@ropeway/core'
import { errorJson, errorScreen, exitCodeOf } from '../screen/error.js'
import { globalFlags, type GlobalFlags } from './flags.js'
import { facesOf, type Faces } from './screen.js'

/** What all commands share: global flags, `--json`, screens, and how errors leave. */
export abstract class RopewayCommand extends Command {
  static override enableJsonFlag = true
  static override baseFlags = globalFlags
  #failure: RopewayError | undefined

  /** Standard output and error, with colours if they may have them. */
  protected faces(flags: GlobalFlags): Faces {
    return facesOf(process, flags['no-color'] === true)
  }

  /** Prints the result for people; `--json` prints the returned value instead. */
  protected show(faces: Faces, lines: readonly string[]): void {
    if (!this.jsonEnabled()) faces.out.print(lines)
  }

  /** Ends with an error after the result: the result is printed too, with `error` in its JSON. */
  protected fail(thrown: unknown, faces: Faces, flags: GlobalFlags): void {
    const error = toRopewayError(thrown)
    this.#failure = error
    process.exitCode = exitCodeOf(error)
    if (this.jsonEnabled()) return
    const { paint, columns } = faces.err
    faces.err.print(errorScreen(error, { paint, columns, debug: flags.debug, redact: faces.redact }))
  }

  /** All errors are shown in one place, by the host's `start`. */
  protected override catch(error: Error): Promise<void> {
    return Promise.reject(error)
  }

  protected override toSuccessJson(result: unknown): unknown {
    const failure = this.#failure
    if (failure === undefined || result === null || typeof result !== 'object') return result
    return { ...result, error: errorJson(failure, facesOf(process, true).redact) }
  }

  protected override logJson(json: unknown): void {
    process.stdout.write(`${JSON.stringify(json, null, 2)}\n`)
  }
}
