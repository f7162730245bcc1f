import type { Paint } from '../text/paint.js'
import { groupsFor } from './groups.js'
import type { Owners } from './owners.js'
import { ndjsonRenderer, openEventLog } from './ndjson.js'
import { plainRenderer } from './plain.js'
import { quietRenderer, together, type Output, type Renderer } from './renderer.js'
import { ttyRenderer } from './tty.js'

export interface RendererChoice {
  readonly output: Output
  readonly env: Readonly<Record<string, string | undefined>>
  readonly paint: Paint
  readonly quiet: boolean
  readonly verbose: boolean
  readonly debug: boolean
  /** File of `--events`. */
  readonly events?: string | undefined
  readonly owners?: Owners | undefined
  readonly redact: (value: unknown) => unknown
  readonly now: () => number
}

/** An interval that does not keep the process alive: the hang guard needs the loop to drain. */
function every(milliseconds: number, action: () => void): () => void {
  const timer = setInterval(action, milliseconds)
  timer.unref()
  return () => clearInterval(timer)
}

/** The renderer for where standard error goes: a terminal, a log, nowhere; and the event log, when there is one. */
export async function chooseRenderer(choice: RendererChoice): Promise<Renderer> {
  const { events, output, redact } = choice
  const log = events === undefined ? [] : [ndjsonRenderer(await openEventLog(events, output), redact)]
  return together(events === '-' ? log : [progressRenderer(choice), ...log])
}

function progressRenderer({ output, env, paint, quiet, verbose, debug, owners, now }: RendererChoice): Renderer {
  if (quiet) return quietRenderer
  const verbosity = debug ? 'debug' : verbose ? 'verbose' : 'normal'
  const ci = env['CI'] !== undefined && env['CI'] !== '' && env['CI'] !== 'false'
  if (output.isTTY === true && !ci && env['TERM'] !== 'dumb')
    return ttyRenderer({ output, paint, verbosity, owners, now, every })
  return plainRenderer({ output, paint, verbosity, groups: groupsFor(env), owners, now, every })
}
