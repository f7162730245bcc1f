// The generated parts of docs/cli.md: every command from its class, every result of --json from its type.
import type { CommandInfo, ParameterInfo } from '@ropeway/cli'

type Commands = Readonly<Record<string, CommandInfo>>

/** Parts by the names that docs/cli.md gives them: `command plan`, `flags everywhere`, `results`. */
export function cliParts(commands: Commands, resultsSource: string): Map<string, string> {
  const parts = new Map<string, string>()
  for (const [name, command] of Object.entries(commands)) parts.set(`command ${name}`, commandText(name, command))
  const [any] = Object.values(commands)
  parts.set('flags everywhere', flagTable(any?.baseFlags ?? {}))
  parts.set('results', resultsText(resultsSource))
  return parts
}

function commandText(name: string, command: CommandInfo): string {
  const { summary = '', description = '', usage = [], args, flags = {}, examples } = command
  const usages = typeof usage === 'string' ? [usage] : usage
  const lines = usages.map((text) => `ropeway ${text.replaceAll('<%= command.id %>', name)}`)
  const own = Object.fromEntries(Object.entries(flags).filter(([, { helpGroup }]) => helpGroup !== 'GLOBAL'))
  const global = Object.fromEntries(Object.entries(flags).filter(([, { helpGroup }]) => helpGroup === 'GLOBAL'))
  const rows = [...Object.entries(args).map(argumentRow), ...Object.entries({ ...own, ...global }).map(flagRow)]
  return [
    `${summary}. ${description}`,
    '```text\n' + lines.join('\n') + '\n```',
    ...(rows.length === 0 ? [] : [tableOf(rows)]),
    '```sh\n' + examples.map((example) => exampleText(name, example)).join('\n') + '\n```',
  ].join('\n\n')
}

function exampleText(name: string, example: unknown): string {
  const text = typeof example === 'string' ? example : ''
  return text.replaceAll('<%= config.bin %>', 'ropeway').replaceAll('<%= command.id %>', name)
}

function argumentRow([name, { description = '', required }]: [string, ParameterInfo]): [string, string] {
  return [`\`${name.toUpperCase()}\``, `${description}${required === true ? '; needed' : ''}`]
}

function flagRow([name, info]: [string, ParameterInfo]): [string, string] {
  const { description = '', required, multiple, default: value } = info
  const notes = [
    required === true ? 'needed' : '',
    multiple === true ? 'may be given several times' : '',
    value === undefined || typeof value === 'function' ? '' : `default ${JSON.stringify(value)}`,
  ].filter((note) => note !== '')
  return [`\`${flagText(name, info)}\``, [description, ...notes].join('; ')]
}

function flagText(name: string, { char, aliases = [], type, helpValue, options }: ParameterInfo): string {
  const names = [...(char === undefined ? [] : [`-${char}`]), ...[name, ...aliases].map((each) => `--${each}`)].join(
    ', ',
  )
  return type === 'boolean' ? names : `${names} ${options?.join('|') ?? String(helpValue ?? 'VALUE')}`
}

function flagTable(flags: Readonly<Record<string, ParameterInfo>>): string {
  return tableOf(Object.entries(flags).map(flagRow))
}

function tableOf(rows: readonly [string, string][]): string {
  const cell = (text: string) => text.replaceAll('|', '\\|')
  return ['| | |', '|---|---|', ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`)].join('\n')
}

const block = /\/\*\* ([^\n]*) \*\/\nexport interface (\w+) (\{\n[\s\S]*?\n\})\n/g

/** Every interface of the module of results, under a heading of its own. */
function resultsText(source: string): string {
  return [...source.matchAll(block)]
    .map(([, says = '', name = '', body = '']) => {
      const type = body.replaceAll('readonly ', '').replaceAll(' | undefined', '').replaceAll('Readonly<', '<')
      return `### ${name}\n\n${says}\n\n\`\`\`ts\ninterface ${name} ${type.replace(/<Record<([^>]*)>>/g, 'Record<$1>')}\n\`\`\``
    })
    .join('\n\n')
}
