import { Config } from '@oclif/core/config'
import * as errors from './errors.js'
import { facesOf } from './base/screen.js'
import { hostError } from './host-error.js'
import { errorJson, errorScreen, exitCodeOf } from './screen/error.js'
import { z } from 'zod'

/** oclif ends a command by throwing this, with the exit code; there is nothing to show. */
const Exit = z.object({ code: z.literal('EEXIT'), oclif: z.object({ exit: z.number() }) })

/** Shows what ended a command and returns the exit code. `undefined` means that it stopped without ending. */
export async function reportError(thrown: unknown, argv: readonly string[], root: string): Promise<number> {
  const exit = Exit.safeParse(thrown)
  if (exit.success) return exit.data.oclif.exit
  const given = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv
  const { out, err, redact } = facesOf(process, given.includes('--no-color'))
  const error =
    thrown === undefined
      ? errors.adapterHung('working')
      : hostError(thrown, { command: argv[0] ?? '', commands: await commands(root) })
  if (given.includes('--json')) {
    out.print([JSON.stringify({ error: errorJson(error, redact) }, null, 2)])
  } else {
    const { paint, columns } = err
    err.print(errorScreen(error, { paint, columns, debug: given.includes('--debug'), redact }))
  }
  return exitCodeOf(error)
}

async function commands(root: string): Promise<string[]> {
  const config = await Config.load({ root }).catch(() => undefined)
  return (config?.commands ?? []).flatMap(({ id, hidden }) => (hidden === true ? [] : [id.replaceAll(':', ' ')]))
}
