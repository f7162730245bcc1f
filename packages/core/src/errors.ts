const brand = Symbol.for('ropeway.error/1')

/** Whose side an error is on; with the code it decides the CLI's exit code. */
export type Side =
  'usage' | 'chain' | 'source' | 'transform' | 'discovery' | 'proof' | 'sink' | 'verification' | 'internal'

const exitCodes: Readonly<Record<Side, number>> = {
  internal: 1,
  usage: 2,
  chain: 2,
  source: 3,
  discovery: 4,
  transform: 4,
  proof: 4,
  sink: 5,
  verification: 6,
}

export interface ErrorDetails {
  /** Stable, `UPPER_SNAKE`, listed with a heading of its own in `docs/errors.md`. */
  readonly code: string
  readonly side: Side
  /** One sentence: what failed. Never holds a secret. */
  readonly message: string
  /** What was being done, as a gerund with its object: `reading`, `pushing`, `parsing`. */
  readonly operation?: string | undefined
  /** What it is about: a reference, a file, an option. */
  readonly about?: string | undefined
  /** Where the user wrote it: `ropeway.yaml:9`. */
  readonly at?: string | undefined
  /** What was tried, one item each (credentials by name, never by value; hosts; addresses). */
  readonly tried?: readonly string[] | undefined
  /** What to do next; several lines are several ways. */
  readonly hint?: string | undefined
  readonly cause?: unknown
  /** Errors that this one stands for, each reported on its own. */
  readonly errors?: readonly unknown[] | undefined
  /** True when the same request may succeed later; the engine, not the adapter, tries again. */
  readonly temporary?: boolean | undefined
  /** Milliseconds to wait before the next try, when the other side said so. */
  readonly retryAfter?: number | undefined
}

/**
 * The one error class. `instanceof` holds across copies of this package, because a plugin that a user installs brings
 * its own.
 */
export class RopewayError extends Error {
  readonly code: string
  readonly side: Side
  readonly operation: string | undefined
  readonly about: string | undefined
  readonly at: string | undefined
  readonly tried: readonly string[]
  readonly hint: string | undefined
  readonly errors: readonly unknown[]
  readonly temporary: boolean
  readonly retryAfter: number | undefined

  constructor(details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'RopewayError'
    this.code = details.code
    this.side = details.side
    this.operation = details.operation
    this.about = details.about
    this.at = details.at
    this.tried = details.tried ?? []
    this.hint = details.hint
    this.errors = details.errors ?? []
    this.temporary = details.temporary ?? false
    this.retryAfter = details.retryAfter
    Object.defineProperty(this, brand, { value: true })
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value
  }

  /** The CLI's exit code: 1 unexpected, 2 usage or chain, 3 source, 4 discovery, transform or proof, 5 sink, 6 verification. */
  get exitCode(): number {
    return exitCodes[this.side]
  }

  /** Plain data for `--json` and events; causes become messages. */
  toJSON(): Record<string, unknown> {
    return {
      code: this.code,
      side: this.side,
      exitCode: exitCodes[this.side],
      message: this.message,
      operation: this.operation,
      about: this.about,
      at: this.at,
      tried: this.tried.length > 0 ? this.tried : undefined,
      hint: this.hint,
      cause: this.cause === undefined ? undefined : messageOf(this.cause),
      errors: this.errors.length > 0 ? this.errors.map((error) => toRopewayError(error).toJSON()) : undefined,
    }
  }
}

/** True for a `RopewayError` of any copy of this package. */
export function isRopewayError(value: unknown): value is RopewayError {
  return value instanceof RopewayError
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) {
    return thrown.message || thrown.name
  }
  return typeof thrown === 'string' ? thrown : `a ${typeof thrown} was thrown`
}

/** Passes a `RopewayError` through and wraps anything else as `UNEXPECTED`. */
export function toRopewayError(thrown: unknown): RopewayError {
  if (isRopewayError(thrown)) return thrown
  if (thrown instanceof Error && thrown.name === 'AbortError') {
    /** The run was stopped from outside. Nothing half-finished is visible; run the same command again to go on. */
    return new RopewayError({ code: 'ABORTED', side: 'internal', message: 'the run was stopped', cause: thrown })
  }
  /** Something failed that nobody expected: a fault of Ropeway or of a plugin. Run again with `--debug` and report what it prints. */
  return new RopewayError({
    code: 'UNEXPECTED',
    side: 'internal',
    message: messageOf(thrown),
    hint: 'this is a fault of Ropeway or of a plugin; run again with --debug and report what it prints',
    cause: thrown,
  })
}

/** The same error, told about something else: what the user calls it rather than the address that answered. */
export function withAbout(error: RopewayError, about: string): RopewayError {
  return error.about === about ? error : copied(error, { about })
}

/** The same error with the place where the user wrote what it is about, unless it has one. */
export function withPlace(
  error: RopewayError,
  place: { at?: string | undefined; operation?: string | undefined; about?: string | undefined },
): RopewayError {
  const at = error.at ?? place.at
  const operation = error.operation ?? place.operation
  const about = error.about ?? place.about
  if (at === error.at && operation === error.operation && about === error.about) return error
  return copied(error, { operation, about, at })
}

function copied(error: RopewayError, changes: Partial<ErrorDetails>): RopewayError {
  const copy = new RopewayError({
    code: error.code,
    side: error.side,
    message: error.message,
    operation: error.operation,
    about: error.about,
    at: error.at,
    tried: error.tried,
    hint: error.hint,
    cause: error.cause,
    errors: error.errors,
    temporary: error.temporary,
    retryAfter: error.retryAfter,
    ...changes,
  })
  if (error.stack !== undefined) copy.stack = error.stack
  return copy
}
