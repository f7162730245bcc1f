import { builtins } from './builtins.js'
import { LimitError, noTemplate, parseError, type TemplateError } from './errors.js'
import {
  createFrame,
  errorAt,
  spend,
  type Limits,
  type MissingKey,
  type Run,
  type Template,
  type Templates,
} from './execute/frame.js'
import { asLimit, isExhaustion } from './execute/invoke.js'
import { compileTemplate, renderTemplate, runTemplate } from './execute/statement.js'
import { createTrace, tracedText, type Trace, type TracedText } from './execute/trace.js'
import type { GoFunction } from './function.js'
import { isEmpty } from './parse/ast.js'
import type { Delimiters } from './parse/token.js'
import { parse } from './parse/parse.js'
import type { Value } from './value.js'

export interface LanguageOptions {
  /** Functions besides Go's own; one of the same name takes the place of Go's. */
  readonly functions?: Readonly<Record<string, GoFunction>>
  /** What a missing key of a map reads as. Default: `default`, nothing at all, which prints as `<no value>`. */
  readonly missingKey?: MissingKey
  /** Default: `{{` and `}}`. */
  readonly delimiters?: Delimiters
  /** The name of sets, for Go's message about a template that they do not have. Default: empty. */
  readonly name?: string
}

export interface ExecuteOptions {
  readonly limits?: Partial<Limits> | undefined
  /** Given to functions that ask for the context of their call. */
  readonly host?: unknown
}

/** The templates of one text, ready to be added to any number of sets of the same language. They are compiled once, when they are first used. */
export interface ParsedText {
  readonly name: string
  readonly templates: ReadonlyMap<string, Template>
}

/** Templates that can call each other by name. */
export interface TemplateSet {
  /** Parses a text and adds it and its definitions. Throws `TemplateError`. */
  parse(name: string, text: string): void
  /** Adds what `Language.parse` has parsed. A template of the same name is replaced, except by an empty one. */
  add(parsed: ParsedText): void
  /** Whether there is a template of this name. */
  has(name: string): boolean
  /** The names of all templates. */
  names(): string[]
  /** A set with the same templates; what is added to one is not seen by the other. */
  clone(): TemplateSet
  /** Renders a template. Throws `TemplateError`. */
  execute(name: string, data: Value, options?: ExecuteOptions): string
  /** Renders a template and notes which file and line wrote what. Throws `TemplateError`. */
  trace(name: string, data: Value, options?: ExecuteOptions): TracedText
}

/** The template language with certain functions and options. */
export interface Language {
  /** Parses a text; nothing is executed. Throws `TemplateError`. */
  parse(name: string, text: string): ParsedText
  createSet(): TemplateSet
}

/** Limits unless the caller sets others. */
export const defaultLimits: Limits = { output: 32 * 1024 * 1024, steps: 10_000_000, depth: 100_000 }

interface RunOptions extends Pick<Run, 'templates' | 'limits' | 'work' | 'trace'> {
  readonly host: unknown
}

const defaultDelimiters: Delimiters = { left: '{{', right: '}}' }

/** Texts that functions parse while rendering are kept, for they tend to come again. */
const keptTexts = 500
const keptLength = 10_000

/** Makes the template language with the functions and options that are given. */
export function createLanguage(options: LanguageOptions = {}): Language {
  const { functions: own = {}, missingKey = 'default', delimiters = defaultDelimiters, name: setName = '' } = options
  const functions = new Map(Object.entries({ ...builtins, ...own }))
  const ownNames = new Set(Object.keys(own))
  const isFunction = (name: string): boolean => functions.has(name)
  const recent = new Map<string, ParsedText>()

  function parseText(name: string, text: string): ParsedText {
    try {
      const trees = parse(name, text, { delimiters, isFunction })
      const templates = new Map<string, Template>()
      for (const [key, tree] of trees) templates.set(key, { name: key, tree, code: undefined })
      return { name, templates }
    } catch (error) {
      if (isExhaustion(error)) throw parseError(name, 1, 'max expression depth exceeded')
      throw error
    }
  }

  function parseAgain(name: string, text: string): ParsedText {
    if (text.length > keptLength) return parseText(name, text)
    const key = `${name}\0${text}`
    let parsed = recent.get(key)
    if (parsed === undefined) {
      parsed = parseText(name, text)
      if (recent.size >= keptTexts) recent.clear()
      recent.set(key, parsed)
    }
    return parsed
  }

  const compile: Run['compile'] = (tree) => compileTemplate(tree, functions, ownNames)

  function createRun({ templates, limits, host, work, trace }: RunOptions): Run {
    const run: Run = {
      templates,
      missingKey,
      limits,
      compile,
      context: {
        execute: (name, data) => renderTemplate(run, found(templates, name), data ?? undefined),
        executeText: (name, text, data) => renderText(run, name, text, data, host),
        has: (name) => templates.has(name),
        spend: (steps) => run.current && spend(run.current, steps),
        host,
      },
      out: '',
      depth: 0,
      current: undefined,
      work,
      trace,
    }
    return run
  }

  function found(templates: Templates, name: string): Template {
    const template = templates.get(name)
    if (template === undefined) throw noTemplate(name, setName)
    return template
  }

  function renderText(run: Run, name: string, text: string, data: Value, host: unknown): string {
    const templates = layered(run.templates)
    const parsed = parseAgain(name, text)
    addTo(templates, parsed)
    const { limits, work, trace } = run
    const inner = createRun({ templates, limits, host, work, trace })
    inner.depth = run.depth
    // an empty text takes nobody's place, but it is still what is rendered
    const template = parsed.templates.get(name) ?? found(templates, name)
    trace?.made.add(template.tree.source)
    return renderTemplate(inner, template, data ?? undefined)
  }

  function execute(
    templates: Templates,
    name: string,
    data: Value,
    options: ExecuteOptions,
    trace: Trace | undefined,
  ): string {
    const { host } = options
    const limits = { ...defaultLimits, ...options.limits }
    const run = createRun({ templates, limits, host, work: { steps: 0, check: 0 }, trace })
    const template = found(templates, name)
    try {
      runTemplate(run, template, data ?? undefined)
    } catch (error) {
      throw error instanceof LimitError || isExhaustion(error) ? limitReached(run, template, error) : error
    }
    return run.out
  }

  function createSet(templates: Map<string, Template>): TemplateSet {
    return {
      parse: (name, text) => addTo(templates, parseText(name, text)),
      add: (parsed) => addTo(templates, parsed),
      has: (name) => templates.has(name),
      names: () => [...templates.keys()],
      clone: () => createSet(new Map(templates)),
      execute: (name, data, options = {}) => execute(templates, name, data, options, undefined),
      trace: (name, data, options = {}) => {
        const trace = createTrace()
        return tracedText(execute(templates, name, data, options, trace), trace.marks)
      },
    }
  }

  return { parse: parseText, createSet: () => createSet(new Map()) }
}

/** A set of templates of a language of its own: for those who need one set only. */
export function createTemplateSet(options: LanguageOptions = {}): TemplateSet {
  return createLanguage(options).createSet()
}

function limitReached(run: Run, template: Template, error: Error): TemplateError {
  const limit = error instanceof LimitError ? error : asLimit(error, run)
  return errorAt(run.current ?? createFrame(run, template, { count: 1 }, undefined), 'limit', limit.message)
}

/** Templates that hide some of others without copying them. */
interface Layer extends Templates {
  set(name: string, template: Template): void
}

function layered(below: Templates): Layer {
  const own = new Map<string, Template>()
  return {
    get: (name) => own.get(name) ?? below.get(name),
    has: (name) => own.has(name) || below.has(name),
    set: (name, template) => own.set(name, template),
  }
}

function addTo(templates: Pick<Layer, 'get' | 'set'>, parsed: ParsedText): void {
  for (const [name, template] of parsed.templates) {
    if (!isEmpty(template.tree.root) || templates.get(name) === undefined) templates.set(name, template)
  }
}
