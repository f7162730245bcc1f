// Samples of the docs: chains, locks, commands and JSON are read by what reads them in earnest.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandInfo } from '@ropeway/cli'
import { isRopewayError, messageOf } from '@ropeway/core'
import { loadChain, parseLock, type AdapterTable } from '@ropeway/engine'
import ts from 'typescript'
import { parse } from 'yaml'
import { z } from 'zod'
import type { NamedPage } from './checks.ts'
import type { Fence } from './markdown.ts'

type Commands = Readonly<Record<string, CommandInfo>>

/** What the samples are checked with. */
export interface SampleTools {
  readonly root: string
  readonly adapters: AdapterTable
  readonly commands: Commands
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
  js: checkScript,
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
    const env = new Proxy<Record<string, string>>(
      {},
      {
        get: () => 'sample',
        has: () => true,
        getOwnPropertyDescriptor: () => ({ value: 'sample', enumerable: true, configurable: true }),
      },
    )
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

const Scripts = z.object({ scripts: z.record(z.string(), z.string()) })

/** Every `ropeway` line names a command and flags that exist, every `npm run` a script. In consoles commands follow a `$`. */
function checkCommands({ text, language }: Fence, { root, commands }: SampleTools): string[] {
  const lines = text.replaceAll('\\\n', ' ').split('\n')
  const run = language === 'console' ? lines.flatMap((line) => /^\$ (.*)$/.exec(line)?.[1] ?? []) : lines
  return run.flatMap((line) => {
    const words = wordsOf(line.replace(/\s+#.*$/, ''))
    const start = words.findIndex((word) => !/^[A-Z_]+=/.test(word))
    const [command, ...rest] = words.slice(Math.max(start, 0))
    if (command === 'ropeway') return ropewayProblems(rest, commands)
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

/** Flags of every command, which no command names. */
const everywhere: ReadonlySet<string> = new Set(['--help', '-h', '--version', '--json'])
/** Commands of oclif's own plugins. */
const foreign: ReadonlySet<string> = new Set(['help', 'plugins', 'autocomplete'])

function ropewayProblems(words: readonly string[], commands: Commands): string[] {
  const [first = ''] = words
  if (everywhere.has(first) || foreign.has(first)) return []
  const command = commands[first]
  if (command === undefined) return [`there is no command ropeway ${first}`]
  const flags = Object.entries({ ...command.baseFlags, ...command.flags })
  const known = new Set(
    flags.flatMap(([name, { char, aliases = [] }]) => [
      ...[name, ...aliases].map((each) => `--${each}`),
      ...(char === undefined ? [] : [`-${char}`]),
    ]),
  )
  return words.flatMap((word) => {
    if (!word.startsWith('-') || word === '-' || word === '--' || everywhere.has(word)) return []
    const name = word.split('=')[0] ?? word
    return known.has(name) ? [] : [`ropeway ${first} has no ${name}`]
  })
}
