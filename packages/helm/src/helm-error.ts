/** Loading or rendering a chart failed; the message is Helm's, verbatim. */
export class HelmError extends Error {
  override readonly name = 'HelmError'
  /** The template that failed (`chart/templates/x.yaml`), when one did. */
  readonly template: string | undefined
  /** Line in the template, from 1. */
  readonly line: number | undefined
  /** Byte in the line, from 0. */
  readonly column: number | undefined
  /** What templates had rendered so far, by their names; undefined when no release was there yet to render for. */
  rendered: ReadonlyMap<string, string> | undefined
  /** What Helm had warned of before, in its words. */
  warnings: readonly string[] = []

  constructor(
    message: string,
    options: {
      readonly template?: string | undefined
      readonly line?: number | undefined
      readonly column?: number | undefined
      readonly cause?: unknown
    } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.template = options.template
    this.line = options.line
    this.column = options.column
  }
}
