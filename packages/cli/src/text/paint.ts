import { styleText } from 'node:util'

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'blue' | 'magenta'

/** Colours, or nothing: no colour ever says what the words do not. */
export type Paint = Readonly<Record<Style, (text: string) => string>>

export interface Terminal {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

export function paintFor(enabled: boolean): Paint {
  const style = (name: Style) => (text: string) =>
    enabled && text !== '' ? styleText(name, text, { validateStream: false }) : text
  return {
    bold: style('bold'),
    dim: style('dim'),
    red: style('red'),
    green: style('green'),
    yellow: style('yellow'),
    cyan: style('cyan'),
    blue: style('blue'),
    magenta: style('magenta'),
  }
}

export const plainPaint = paintFor(false)

/** Whether a stream gets colours: `--no-color` and NO_COLOR say no, FORCE_COLOR says yes, else a terminal does. */
export function wantsColor(
  stream: Terminal,
  env: Readonly<Record<string, string | undefined>>,
  noColor: boolean,
): boolean {
  if (noColor || (env['NO_COLOR'] ?? '') !== '') return false
  const forced = env['FORCE_COLOR']
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false'
  return stream.isTTY === true && env['TERM'] !== 'dumb'
}
