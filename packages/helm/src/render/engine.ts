import {
  GoMap,
  TemplateError,
  compareStrings,
  createLanguage,
  makeMap,
  type Language,
  type Limits,
  type ParsedText,
} from '@ropeway/gotemplate'
import { templateFunctions } from '../functions/index.js'
import type { FunctionHost } from '../functions/helm.js'
import type { Entropy } from '../functions/entropy.js'
import { HelmError } from '../helm-error.js'
import { isPartial, type Renderable } from './context.js'
import { executionFailure, parseFailure } from './template-error.js'
import { valuesType } from './values-type.js'

let language: Language | undefined

function helmLanguage(): Language {
  language ??= createLanguage({ functions: templateFunctions, missingKey: 'zero', name: 'gotpl' })
  return language
}

/** Parsed texts, shared by all renderings of a process. */
const parsed = new Map<string, ParsedText>()
const parsedLimit = 5000

function parseOnce(name: string, text: string): ParsedText {
  const key = `${name}\0${text}`
  let found = parsed.get(key)
  if (found === undefined) {
    found = helmLanguage().parse(name, text)
    if (parsed.size >= parsedLimit) parsed.clear()
    parsed.set(key, found)
  }
  return found
}

/** Deepest and last first, so that definitions of parents win over those of subcharts. */
function inRenderOrder(files: readonly Renderable[]): Renderable[] {
  const depth = ({ name }: Renderable): number => name.split('/').length
  return files.toSorted((a, b) => depth(b) - depth(a) || compareStrings(b.name, a.name))
}

/** The texts of the files that are rendered, by their names. Throws `HelmError`. */
export function renderFiles(
  files: readonly Renderable[],
  entropy: Entropy,
  limits: Partial<Limits> | undefined,
  encoded?: FunctionHost['encoded'],
): Map<string, string> {
  const ordered = inRenderOrder(files)
  const set = helmLanguage().createSet()
  for (const { name, text } of ordered) {
    try {
      set.add(parseOnce(name, text))
    } catch (error) {
      throw error instanceof TemplateError ? parseFailure(error) : error
    }
  }
  const host: FunctionHost = { includes: new Map(), entropy, encoded }
  const rendered = new Map<string, string>()
  for (const { name, root, basePath } of ordered) {
    if (isPartial(name)) continue
    root.entries.set('Template', templateObject(name, basePath))
    try {
      rendered.set(name, set.execute(name, root, { limits, host }).replaceAll('<no value>', ''))
    } catch (error) {
      throw error instanceof TemplateError ? executionFailure(error) : error
    }
  }
  return rendered
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
