import type { Paint } from '../text/paint.js'
import { printableLine } from '../text/printable.js'
import { wrap } from '../text/width.js'

export interface Warning {
  readonly code: string
  readonly message: string
  readonly about?: string | undefined
  readonly hint?: string | undefined
}

/** A warning names the thing, the place, the next step. The step is never broken: it can be pasted. */
export function warningLines({ message, about, hint }: Warning, paint: Paint, columns = Infinity): string[] {
  const subject = about === undefined || message.includes(about) ? '' : ` (${about})`
  const text = wrap(printableLine(message + subject), columns - 2)
  return [
    ...text.map((line, index) => `${index === 0 ? paint.yellow('!') : ' '} ${line}`),
    ...(hint?.split('\n') ?? []).map((line) => `  ${printableLine(line)}`),
  ]
}

export function warningScreen(
  warnings: readonly Warning[],
  { paint, columns }: { readonly paint: Paint; readonly columns: number },
): string[] {
  return warnings.flatMap((warning) => warningLines(warning, paint, columns - 2).map((line) => `  ${line}`))
}
