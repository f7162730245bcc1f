import { quote } from './format/quote.js'

/** Where an error happened and what was wrong there. */
export interface TemplateErrorDetails {
  /** `parse`: the text is no template. `execute`: rendering failed. `limit`: rendering went beyond a limit of the caller. */
  readonly stage: 'parse' | 'execute' | 'limit'
  /** Go's text for what was wrong, without the place. */
  readonly detail: string
  /** The name under which the text was parsed: the file. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** Bytes from the start of the line, from 0; parse errors have none. */
  readonly column?: number | undefined
  /** The template that was being executed: the file, or a definition in it. */
  readonly executing?: string | undefined
  /** The part of the action that was being evaluated, in Go's normal form. */
  readonly node?: string | undefined
  readonly cause?: unknown
}

/**
 * A template does not parse or cannot be rendered. The message is Go's, with template, line and column. When a function failed, `cause` is
 * what it threw; an error inside a template that a function executed is a `TemplateError` again.
 */
export class TemplateError extends Error implements TemplateErrorDetails {
  override readonly name = 'TemplateError'
  readonly stage: TemplateErrorDetails['stage']
  readonly detail: string
  readonly file: string
  readonly line: number
  readonly column: number | undefined
  readonly executing: string | undefined
  readonly node: string | undefined

  constructor(message: string, details: TemplateErrorDetails) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.stage = details.stage
    this.detail = details.detail
    this.file = details.file
    this.line = details.line
    this.column = details.column
    this.executing = details.executing
    this.node = details.node
  }

  /** `FILE:LINE:COLUMN`, as the message has it. */
  get location(): string {
    return `${this.file}:${this.line}${this.column === undefined ? '' : `:${this.column}`}`
  }
}

/** What a function throws to fail: the message becomes `error calling NAME: MESSAGE`. Any other `Error` works as well. */
export class FunctionError extends Error {
  override readonly name = 'FunctionError'
}

/** The text of a call that printed or computed more than the caller allows. */
export class LimitError extends Error {
  override readonly name = 'LimitError'
}

/** A function failed; Go's text of the failure. */
export function functionError(message: string): FunctionError {
  return new FunctionError(message)
}

/** More text than the limit allows. The template repeats itself without end, or the limit is too low for it. */
export function outputTooLarge(limit: number): LimitError {
  return new LimitError(`the text is longer than the limit of ${limit} characters`)
}

/** More work than the limit allows. The template loops or recurses without end, or the limit is too low for it. */
export function tooManySteps(limit: number): LimitError {
  return new LimitError(`the template takes more than the limit of ${limit} steps`)
}

/** The caller has set a limit of time, and it is over. */
export function outOfTime(): LimitError {
  return new LimitError('the template takes longer than is allowed')
}

/** Templates are nested deeper than allowed: one calls itself without end. */
export function tooDeep(limit: number): LimitError {
  return new LimitError(`exceeded maximum template depth (${limit})`)
}

/** A value or an expression is nested deeper than the stack allows. */
export function nestedTooDeeply(): LimitError {
  return new LimitError('values or templates are nested too deeply')
}

/** A value is too large to be copied, compared or written: it holds the same parts many times over. */
export function valueTooLarge(limit: number): LimitError {
  return new LimitError(`a value has more than the limit of ${limit} parts`)
}

/** A function was declared with a type that does not exist: a mistake of whoever declared it. */
export function unknownType(text: string): TypeError {
  return new TypeError(`"${text}" is not a known Go type`)
}

/** The set has no template of this name. */
export function noTemplate(name: string, set: string): FunctionError {
  return functionError(`template: no template ${quote(name)} associated with template ${quote(set)}`)
}

/** A text is no template. */
export function parseError(file: string, line: number, detail: string): TemplateError {
  return new TemplateError(`template: ${file}:${line}: ${detail}`, { stage: 'parse', detail, file, line })
}

/** Rendering failed at a node. */
export function executeError(details: TemplateErrorDetails): TemplateError {
  const { file, line, column, executing = '', node = '', detail } = details
  const at = node === '' ? '' : ` at <${node}>`
  const message = `template: ${file}:${line}:${column ?? 0}: executing ${quote(executing)}${at}: ${detail}`
  return new TemplateError(message, details)
}
