import { RopewayError, messageOf, toRopewayError } from '@ropeway/core'
import type { ErrorResult } from '../results.js'
import type { Paint } from '../text/paint.js'
import { printable, printableLine } from '../text/printable.js'
import { wrap } from '../text/width.js'
import { chartErrorLines, isHelmError } from './chart-error.js'

export interface ErrorScreenOptions {
  readonly paint: Paint
  readonly columns: number
  /** Stacks and causes too. */
  readonly debug?: boolean | undefined
  readonly redact?: ((text: string) => string) | undefined
}

/**
 * What failed, where the user wrote it, what was tried, what to do. An error that stands for several lists them all; those
 * that need the same advice share it.
 */
export function errorScreen(thrown: unknown, options: ErrorScreenOptions): string[] {
  const error = toRopewayError(thrown)
  const { paint } = options
  // what Helm says is shown as Helm shows it
  if (isHelmError(error.cause) && error.message === error.cause.message) {
    const facts = [`  ${paint.dim(`code   ${codeText(error)}`)}`]
    const trace = options.debug === true ? ['', ...stacks(error).map((line) => paint.dim(line))] : []
    return [...chartErrorLines(error.cause, options), ...facts, ...trace]
  }
  const leaves = leavesOf(error)
  const lines =
    leaves.length === 0
      ? [...headline(error, paint.red('Error: '), '       ', options), ...facts(error, '  ', options)]
      : [
          ...headline(error, paint.red('Error: '), '       ', options),
          '',
          ...listing(leaves, options),
          ...facts(error, '  ', options),
        ]
  if (options.debug === true) lines.push('', ...stacks(error).map((line) => paint.dim(line)))
  return options.redact === undefined ? lines : lines.map(options.redact)
}

/** The errors that an error stands for, at whatever depth; none when it stands for itself. */
function leavesOf(error: RopewayError): RopewayError[] {
  return error.errors.flatMap((each) => {
    const inner = toRopewayError(each)
    const leaves = leavesOf(inner)
    return leaves.length === 0 ? [inner] : leaves
  })
}

function headline(
  error: RopewayError,
  label: string,
  indent: string,
  { columns, paint }: ErrorScreenOptions,
): string[] {
  const place = error.at !== undefined && isMistake(error) ? `${error.at}: ` : ''
  return wrap(printable(`${place}${error.message}`), Math.max(40, columns - indent.length)).map((line, index) =>
    index === 0 ? label + paint.bold(line) : indent + paint.bold(line),
  )
}

/** A mistake in the user's own file or command: its place comes first, as compilers write it. */
function isMistake(error: RopewayError): boolean {
  return error.side === 'chain' || error.side === 'usage'
}

function listing(leaves: readonly RopewayError[], options: ErrorScreenOptions): string[] {
  const digits = String(leaves.length).length
  const indent = ' '.repeat(digits + 4)
  let number = 0
  return grouped(leaves).flatMap((group) => {
    const heads = group.flatMap((error) => {
      const label = `  ${String(++number).padStart(digits)}. `
      const place =
        group.length === 1 || isMistake(error) || error.at === undefined
          ? []
          : [`${indent}at     ${printableLine(error.at)}`]
      return [...headline(error, label, indent, options), ...place]
    })
    const [first] = group
    return [...heads, ...(first === undefined ? [] : facts(first, indent, options, group.length > 1)), '']
  })
}

/** Neighbours with one code and one advice. */
function grouped(errors: readonly RopewayError[]): RopewayError[][] {
  const groups = new Map<string, RopewayError[]>()
  for (const error of errors) {
    const key = JSON.stringify([error.code, error.hint, error.tried])
    groups.set(key, [...(groups.get(key) ?? []), error])
  }
  return [...groups.values()]
}

function facts(error: RopewayError, indent: string, { paint }: ErrorScreenOptions, shared = false): string[] {
  const rows: [string, string][] = []
  if (!shared) rows.push(...placeRows(error))
  if (!shared) rows.push(...causeRows(error))
  if (error.tried.length > 0) {
    const together = error.tried.join(', ')
    const tried = together.length <= 68 ? [together] : error.tried
    rows.push(...tried.map((line, index): [string, string] => [index === 0 ? 'tried' : '', line]))
  }
  if (error.hint !== undefined) {
    const hints = error.hint.split('\n')
    rows.push(...hints.map((line, index): [string, string] => [index === 0 ? 'next' : '', line]))
  }
  rows.push(['code', codeText(error)])
  return rows.map(
    ([label, value]) => `${indent}${paint.dim(label.padEnd(5))}  ${paintFact(label, printableLine(value), paint)}`,
  )
}

function codeText({ code }: RopewayError): string {
  return `${code} · docs/errors.md#${code.toLowerCase()}`
}

function paintFact(label: string, value: string, paint: Paint): string {
  return label === 'code' ? paint.dim(value) : value
}

function placeRows(error: RopewayError): [string, string][] {
  const about = error.about !== undefined && !error.message.includes(error.about) ? error.about : undefined
  const at = isMistake(error) ? undefined : error.at
  if (error.operation !== undefined && about !== undefined) {
    return [['while', [`${error.operation} ${about}`, at].filter((part) => part !== undefined).join(', ')]]
  }
  const rows: [string, string][] = []
  if (about !== undefined) rows.push(['about', about])
  if (at !== undefined) rows.push(['at', at])
  return rows
}

/** The cause, unless the message says as much in better words: factories name what a system's error means. */
function causeRows(error: RopewayError): [string, string][] {
  const { cause, code, message } = error
  if (cause === undefined || code === 'INTERRUPTED' || message.includes(messageOf(cause))) return []
  const system = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
  return system !== undefined && message.includes(system) ? [] : [['cause', messageOf(cause)]]
}

function stacks(thrown: unknown, depth = 0): string[] {
  if (!(thrown instanceof Error) || depth > 8) return []
  const stack = printable(thrown.stack ?? messageOf(thrown)).split('\n')
  const inner = thrown instanceof RopewayError ? thrown.errors.flatMap((each) => stacks(each, depth + 1)) : []
  return [...stack, ...inner, ...stacks(thrown.cause, depth + 1)]
}

/** The error as `--json` prints it: plain data without secrets; causes become messages. */
export function errorJson(thrown: unknown, redact: (text: string) => string): ErrorResult {
  const error = toRopewayError(thrown)
  const text = (value: string | undefined) => (value === undefined ? undefined : redact(value))
  const { code, side, tried, errors, cause } = error
  return {
    code,
    side,
    exitCode: exitCodeOf(error),
    message: redact(error.message),
    operation: text(error.operation),
    about: text(error.about),
    at: text(error.at),
    tried: tried.length === 0 ? undefined : tried.map(redact),
    hint: text(error.hint),
    cause: cause === undefined ? undefined : redact(messageOf(cause)),
    errors: errors.length === 0 ? undefined : errors.map((each) => errorJson(each, redact)),
  }
}

/** Takes secrets out of every string of a plain value. */
export function redactDeep(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map((item: unknown) => redactDeep(item, redact))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactDeep(item, redact)]))
}

/** 130 and 143 for signals, as shells expect; else the error's own. */
export function exitCodeOf(error: RopewayError): number {
  if (error.code !== 'INTERRUPTED') return error.exitCode
  return error.cause === 'SIGTERM' ? 143 : 130
}
