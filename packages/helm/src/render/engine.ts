import {
  GoMap,
  TemplateError,
  compareStrings,
  createLanguage,
  makeMap,
  type Language,
  type Limits,
  type ParsedText,
  type TemplateSet,
  type TracedText,
} from '@ropeway/gotemplate'
import { templateFunctions } from '../functions/index.js'
import type { EncodingCall, FunctionHost } from '../functions/helm.js'
import type { Entropy } from '../functions/entropy.js'
import { HelmError } from '../helm-error.js'
import { isPartial, type Renderable } from './context.js'
import type { Failed } from './manifests.js'
import type { Memory } from './memory.js'
import { executionFailure, parseFailure } from './template-error.js'
import { valuesType } from './values-type.js'

let language: Language | undefined

function helmLanguage(): Language {
  language ??= createLanguage({ functions: templateFunctions, missingKey: 'zero', name: 'gotpl' })
  return language
}

/** Parsed texts by their names, shared by all renderings of a process. Joining the two into one key would mean to hash all texts each time. */
const parsed = new Map<string, Map<string, ParsedText>>()
const parsedLimit = 5000
let parsedCount = 0

function parseOnce(name: string, text: string): ParsedText {
  const found = parsed.get(name)?.get(text)
  if (found !== undefined) return found
  const made = helmLanguage().parse(name, text)
  if (parsedCount >= parsedLimit) {
    parsed.clear()
    parsedCount = 0
  }
  const texts = parsed.get(name) ?? new Map<string, ParsedText>()
  parsed.set(name, texts.set(text, made))
  parsedCount += 1
  return made
}

/** Deepest and last first, so that definitions of parents win over those of subcharts. */
export function inRenderOrder<T extends { readonly name: string }>(files: readonly T[]): T[] {
  const depths = new Map(files.map(({ name }) => [name, name.split('/').length]))
  const depth = ({ name }: T): number => depths.get(name) ?? 0
  return files.toSorted((a, b) => depth(b) - depth(a) || compareStrings(b.name, a.name))
}

/** What came of the files of a chart. */
export interface RenderedFiles {
  /** The texts by the names of their files. */
  readonly texts: Map<string, string>
  /** The same texts with where they come from, when that is wanted. */
  readonly traces: ReadonlyMap<string, TracedText>
}

export interface EngineOptions {
  readonly entropy: Entropy
  readonly limits?: Partial<Limits> | undefined
  readonly trace?: boolean | undefined
  readonly encoded?: FunctionHost['encoded']
  /** Which files are rendered; the others stay without a text. Default: all. */
  readonly only?: ((file: Pick<Renderable, 'name' | 'text'>) => boolean) | undefined
  /** Told of each file that fails; without it the first failure ends all. */
  readonly failed?: Failed | undefined
  /** Knows what came of files in other renderings; their roots are watched then. */
  readonly memory?: Memory | undefined
}

const noValue = '<no value>'

/** Renders the files that are no partials. Throws `HelmError`. */
export function renderFiles(
  files: readonly Renderable[],
  { entropy, limits, trace, encoded, only, failed, memory }: EngineOptions,
): RenderedFiles {
  const ordered = inRenderOrder(files)
  const set = parseFiles(ordered)
  const texts = new Map<string, string>()
  const traces = new Map<string, TracedText>()
  for (const file of ordered) {
    const { name, root, basePath } = file
    if (isPartial(name) || only?.(file) === false) continue
    root.entries.set('Template', templateObject(name, basePath))
    const host: FunctionHost = { includes: new Map(), entropy: entropy.of(name), encoded }
    const execute = (own: FunctionHost): string =>
      set.execute(name, root, { limits, host: own }).replaceAll(noValue, '')
    try {
      if (trace === true) traces.set(name, set.trace(name, root, { limits, host }).without(noValue))
      texts.set(
        name,
        traces.get(name)?.text ?? (memory === undefined ? execute(host) : remembered(memory, file, host, execute)),
      )
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error
      const failure = executionFailure(error)
      if (failed === undefined) throw failure
      failed(failure, name)
    }
  }
  return { texts, traces }
}

function remembered(
  memory: Memory,
  { name, root }: Renderable,
  host: FunctionHost,
  execute: (host: FunctionHost) => string,
): string {
  const { text, calls } = memory.run(name, root, () => {
    const made: EncodingCall[] = []
    return { text: execute({ ...host, encoded: (call) => made.push(call) }), calls: made }
  })
  for (const call of calls) host.encoded?.(call)
  return text
}

function parseFiles(ordered: readonly Renderable[]): TemplateSet {
  const set = helmLanguage().createSet()
  for (const { name, text } of ordered) set.add(parseFile(name, text))
  return set
}

/** Parses a file of a chart, once in a process. Throws `HelmError`. */
export function parseFile(name: string, text: string): ParsedText {
  try {
    return parseOnce(name, text)
  } catch (error) {
    throw error instanceof TemplateError ? parseFailure(error) : error
  }
}

/** The text of a template that stands alone: `--name-template`. Throws `HelmError`. */
export function renderAlone(text: string, entropy: Entropy): string {
  const set = helmLanguage().createSet()
  try {
    set.parse('name-template', text)
    return set.execute('name-template', null, { host: { includes: new Map(), entropy } satisfies FunctionHost })
  } catch (error) {
    throw error instanceof TemplateError ? new HelmError(error.message, { cause: error }) : error
  }
}

function templateObject(name: string, basePath: string): GoMap {
  const { entries } = makeMap([
    ['Name', name],
    ['BasePath', basePath],
  ])
  return new GoMap(valuesType, entries)
}
