import type { HelmError } from '@ropeway/helm'
import { helmWarning } from '../errors.js'
import { printable } from '../text/printable.js'
import type { ErrorScreenOptions } from './error.js'
import { warningScreen } from './warnings.js'

/** True for what Helm refuses; the message is Helm's own. */
export function isHelmError(thrown: unknown): thrown is HelmError {
  return thrown instanceof Error && thrown.name === 'HelmError' && 'rendered' in thrown
}

/**
 * A chart that failed: what was warned of before; the message as Helm prints it, never wrapped, indented or shortened; then the place. With
 * `debug`, what templates had rendered until something in it was no YAML.
 */
export function chartErrorLines(error: HelmError, options: ErrorScreenOptions): string[] {
  return [...warningScreen(error.warnings.map(helmWarning), options), ...failureLines(error, options)]
}

function failureLines(error: HelmError, { paint, debug }: ErrorScreenOptions): string[] {
  const { message, rendered, template, line } = error
  const lines = `${paint.red('Error: ')}${printable(message)}`.split('\n')
  if (rendered !== undefined && debug !== true) lines.push('', 'Use --debug flag to render out invalid YAML')
  if (template !== undefined) {
    lines.push(`  ${paint.dim('at')}     ${template}${line === undefined ? '' : `:${String(line)}`}`)
  }
  if (debug !== true) return lines
  const texts = [...(rendered ?? [])].filter(([, text]) => text.trim() !== '')
  return [...lines, ...texts.flatMap(([name, text]) => ['---', `# Source: ${name}`, ...printable(text).split('\n')])]
}
