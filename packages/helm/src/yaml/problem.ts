/** A text is no YAML. The message is that of Go's parser, without `yaml: `. */
export class YamlError extends Error {
  /** Counted from 1; 0 when the parser names none, which is also how it names the first line. */
  readonly line: number
  readonly problem: string
  constructor(problem: string, line = 0) {
    super(line === 0 ? problem : `line ${String(line)}: ${problem}`)
    this.name = 'YamlError'
    this.line = line
    this.problem = problem
  }
}
