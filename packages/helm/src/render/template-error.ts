import { TemplateError } from '@ropeway/gotemplate'
import { failMark } from '../functions/helm.js'
import { HelmError } from '../helm-error.js'

/** A template that does not parse, in Helm's words. */
export function parseFailure(error: TemplateError): HelmError {
  const tokens = error.message.split(': ')
  return new HelmError(`parse error at (${tokens[1] ?? ''}): ${tokens.at(-1) ?? ''}`, {
    template: error.file,
    line: error.line,
    cause: error,
  })
}

const marked = new RegExp(`${failMark[0]}(.*)${failMark[1]}`, 's')

/** A template that failed, in Helm's words. */
export function executionFailure(error: TemplateError): HelmError {
  const place = { template: error.file, line: error.line, column: error.column, cause: error }
  const failed = marked.exec(error.message)?.[1]
  if (failed !== undefined) return new HelmError(`execution error at (${error.location}): ${failed}`, place)
  const blocks = blocksOf(error)
  return new HelmError(blocks === undefined ? error.message : blocks.join('\n'), place)
}

/** The chain of errors laid out over lines; undefined when a link of it is no error of a template. */
function blocksOf(error: unknown): string[] | undefined {
  if (!(error instanceof Error)) return undefined
  if (!(error instanceof TemplateError))
    return error.message.startsWith('template: no template ') ? [error.message] : undefined
  const { cause, detail } = error
  const inner = cause instanceof Error && detail.endsWith(cause.message) ? blocksOf(cause) : []
  if (inner === undefined) return undefined
  const message =
    inner.length === 0 || !(cause instanceof Error) ? detail : detail.slice(0, -cause.message.length).trimEnd()
  const { executing = '', node = '' } = error
  return [`${error.location}\n  executing ${JSON.stringify(executing)} at <${node}>:\n    ${message}`, ...inner]
}
