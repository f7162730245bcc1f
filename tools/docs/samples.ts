// Samples of the docs: chains, locks, commands and JSON are read by what reads them in earnest.
import { readFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { isRopewayError, messageOf } from '@ropeway/core'
import { loadChain, parseLock, type AdapterTable } from '@ropeway/engine'
import ts from 'typescript'
import { parse } from 'yaml'
import { z } from 'zod'
import type { NamedPage } from './checks.ts'
import type { Fence } from './markdown.ts'

/** What the samples are checked with. */
export interface SampleTools {
  readonly root: string
  readonly adapters: AdapterTable
  readonly commands: Commands | undefined
}

type Check = (fence: Fence, tools: SampleTools) => string[] | Promise<string[]>

/** By the word after the backticks, and the word after that. Other languages are not checked. */
const checks: Readonly<Record<string, Check>> = {
  yaml: checkChain,
  'yaml data': (fence) => attempt(() => parse(fence.text) as unknown),
  json: (fence) => attempt(() => JSON.parse(fence.text) as unknown),
  'json lock': (fence) => attempt(() => parseLock(Buffer.from(fence.text), 'the sample')),
  ndjson: (fence) =>
    attempt(() =>
      fence.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ),
  ts: checkScript,
  sh: checkCommands,
  console: checkCommands,
}

/** Languages that hold nothing to be checked. */
const plain: ReadonlySet<string> = new Set(['text', 'diff', 'markdown', 'http', 'gotemplate', 'dockerfile'])

export async function sampleProblems(
  pages: readonly NamedPage[],
  tools: SampleTools,
): Promise<{ problems: string[]; checked: number }> {
  const problems: string[] = []
  let checked = 0
  for (const { file, fences } of pages) {
    for (const fence of fences) {
      const { language, info, line } = fence
      if (plain.has(language)) continue
      const check = checks[[language, ...info].join(' ')]
      if (check === undefined) {
        problems.push(`${file}:${line}: a sample of "${[language, ...info].join(' ')}", which nothing checks`)
        continue
      }
      checked++
      problems.push(...(await check(fence, tools)).map((problem) => `${file}:${line}: ${problem}`))
    }
  }
  return { problems, checked }
}

function attempt(read: () => unknown): string[] {
  try {
    read()
    return []
  } catch (thrown) {
    return [messageOf(thrown)]
  }
}

const Sample = z.record(z.string(), z.unknown())

/** A chain, or a part of one: what it lacks is added. */
async function checkChain({ text }: Fence, { root, adapters }: SampleTools): Promise<string[]> {
  try {
    const value = Sample.parse(parse(text))
    const whole = {
      ...(value['extends'] === undefined
        ? { name: 'sample', sources: [{ oci: { reference: 'registry.example/a:1' } }] }
        : {}),
      ...value,
    }
    const env = new Proxy<Record<string, string>>({}, { get: () => 'sample' })
    await loadChain({ value: whole, directory: join(root, 'docs', 'examples') }, adapters, {
      variables: { env, git: async () => 'sample' },
    })
    return []
  } catch (thrown) {
    if (isRopewayError(thrown) && thrown.errors.length > 0) return thrown.errors.map(messageOf)
    return [messageOf(thrown)]
  }
}

function checkScript({ text }: Fence): string[] {
  const { diagnostics = [] } = ts.transpileModule(text, {
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext },
  })
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
}

const Flag = z.object({
  name: z.string(),
  char: z.string().optional(),
  type: z.enum(['boolean', 'option']),
  allowNo: z.boolean().optional(),
})
const Manifest = z.object({
  commands: z.record(
    z.string(),
    z.object({ flags: z.record(z.string(), Flag), args: z.record(z.string(), z.unknown()) }),
  ),
})
export type Commands = z.infer<typeof Manifest>['commands']

/** The CLI's commands as its build wrote them down. */
export function readCommands(root: string): Commands | undefined {
  const file = join(root, 'packages', 'cli', 'oclif.manifest.json')
  return existsSync(file) ? Manifest.parse(JSON.parse(readFileSync(file, 'utf8'))).commands : undefined
}

const Scripts = z.object({ scripts: z.record(z.string(), z.string()) })

/** Every `ropeway` line names a command and flags that exist, every `npm run` a script. In consoles commands follow a `$`. */
function checkCommands({ text, language }: Fence, { root, commands }: SampleTools): string[] {
  const lines = text.replaceAll('\\\n', ' ').split('\n')
  const run = language === 'console' ? lines.flatMap((line) => /^\$ (.*)$/.exec(line)?.[1] ?? []) : lines
  return run.flatMap((line) => {
    const words = wordsOf(line.replace(/\s+#.*$/, ''))
    const start = words.findIndex((word) => !/^[A-Z_]+=/.test(word))
    const [command, ...rest] = words.slice(Math.max(start, 0))
    if (command === 'ropeway' && commands !== undefined) return ropewayProblems(rest, commands)
    if (command === 'npm' && rest[0] === 'run') return scriptProblems(root, rest[1])
    return []
  })
}

function wordsOf(line: string): string[] {
  return [...line.matchAll(/"[^"]*"|'[^']*'|\S+/g)].map(([word]) => word)
}

function scriptProblems(root: string, script: string | undefined): string[] {
  const { scripts } = Scripts.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
  return script !== undefined && script in scripts ? [] : [`there is no script ${script}`]
}

/** Flags of every command, which oclif's manifest does not name. */
const everywhere: ReadonlySet<string> = new Set(['--help', '-h', '--version'])

function ropewayProblems(words: readonly string[], commands: Commands): string[] {
  const [first = '', second = ''] = words
  if (everywhere.has(first) || first === 'help') return []
  const id = [`${first}:${second}`, first].find((candidate) => candidate in commands)
  const command = id === undefined ? undefined : commands[id]
  // Commands of oclif's own plugins are not in this manifest.
  if (command === undefined)
    return ['plugins', 'autocomplete'].includes(first) ? [] : [`there is no command ropeway ${first}`]
  const flags = Object.values(command.flags)
  return words.flatMap((word) => {
    if (!word.startsWith('-') || word === '-' || word === '--' || everywhere.has(word)) return []
    const name = word.split('=')[0] ?? word
    const known = flags.some(
      (flag) =>
        name === `--${flag.name}` ||
        name === `-${flag.char}` ||
        (flag.allowNo === true && name === `--no-${flag.name}`),
    )
    return known ? [] : [`ropeway ${first} has no ${name}`]
  })
}
