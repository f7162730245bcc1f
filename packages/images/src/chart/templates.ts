import type { LoadedChart } from '@ropeway/helm'

/** A template file with what its text tells about the values that it depends on. */
export interface TemplateFile {
  /** `chart/charts/sub/templates/x.yaml` */
  readonly name: string
  readonly text: string
  /** Keys of the chart's values in those of the root: of `parent/charts/redis` it is `redis`. */
  readonly prefix: readonly string[]
  /** All words of the file and of the definitions that it includes. */
  readonly words: ReadonlySet<string>
  /** Paths of values that these read, `a.b.c`; keys below a path that is read may be read too. */
  readonly paths: ReadonlySet<string>
  /** The same paths and all in front of them. */
  readonly stems: ReadonlySet<string>
  /** Whether it speaks of images. */
  readonly images: boolean
  /** Words of its conditions and of those definitions'. */
  readonly tested: ReadonlySet<string>
  /** The conditions themselves. */
  readonly conditions: readonly string[]
}

export interface Templates {
  file(name: string, text: string): TemplateFile
}

interface Facts {
  readonly words: ReadonlySet<string>
  readonly paths: ReadonlySet<string>
  readonly images: boolean
  readonly conditions: readonly string[]
  readonly includes: readonly string[]
}

const word = /[A-Za-z_][\w-]*/g
const action = /\{\{-?\s*(.*?)\s*-?\}\}/gs
const path = /\bValues((?:\.[A-Za-z_]\w*)+)/g
/** `index .Values "a" "b"` */
const indexed = /\bValues((?:\.[A-Za-z_]\w*)*)((?:\s+"[^"]+")+)/g
const include = /\b(?:include|template)\s+"([^"]+)"/g
const definition = /\{\{-?\s*define\s+"([^"]+)"/g
/** What decides whether text appears. */
const condition = /^(?:if|else\s+if|with|else\s+with|range)\b|\b(?:and|or|not|ternary|default|eq|ne|has|empty|coalesce)\b/

/** Looks at the templates of a chart and its subcharts as text: which words they hold, and which definitions they include. */
export function indexTemplates(loaded: LoadedChart): Templates {
  const definitions = new Map<string, Facts>()
  collect(loaded, definitions)
  const files = new Map<string, TemplateFile>()
  return {
    file(name, text) {
      let file = files.get(name)
      if (file?.text !== text) {
        file = { name, text, prefix: prefixOf(name), ...withIncluded(factsOf(text), definitions) }
        files.set(name, file)
      }
      return file
    },
  }
}

function collect({ templates, charts }: LoadedChart, definitions: Map<string, Facts>): void {
  for (const { text } of templates) {
    const starts = [...text.matchAll(definition)]
    for (const [at, { 1: name = '', index }] of starts.entries()) {
      // up to the next one: what stands between them is too little to mind
      definitions.set(name, factsOf(text.slice(index, starts[at + 1]?.index)))
    }
  }
  for (const chart of charts) collect(chart, definitions)
}

function factsOf(text: string): Facts {
  const actions = [...text.matchAll(action)].map(([, inner = '']) => inner)
  const joined = actions.join('\n')
  const quoted = (keys: string): string => [...keys.matchAll(/"([^"]+)"/g)].map(([, key = '']) => `.${key}`).join('')
  return {
    words: new Set(joined.match(word) ?? []),
    paths: new Set([
      ...[...joined.matchAll(path)].map(([, keys = '']) => keys.slice(1)),
      ...[...joined.matchAll(indexed)].map(([, keys = '', more = '']) => `${keys}${quoted(more)}`.slice(1)),
    ]),
    images: /image/i.test(text),
    conditions: actions.filter((each) => condition.test(each)),
    includes: [...text.matchAll(include)].map(([, name = '']) => name),
  }
}

function withIncluded(
  facts: Facts,
  definitions: ReadonlyMap<string, Facts>,
): Omit<TemplateFile, 'name' | 'text' | 'prefix'> {
  const words = new Set(facts.words)
  const paths = new Set(facts.paths)
  let { images } = facts
  const conditions = new Set(facts.conditions)
  const seen = new Set<string>()
  const open = [...facts.includes]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue
    seen.add(name)
    const found = definitions.get(name)
    if (found === undefined) continue
    for (const each of found.words) words.add(each)
    for (const each of found.paths) paths.add(each)
    images ||= found.images
    for (const each of found.conditions) conditions.add(each)
    open.push(...found.includes)
  }
  const all = [...conditions]
  const tested = new Set(all.join('\n').match(word) ?? [])
  return { words, paths, stems: stemsOf(paths), images, conditions: all, tested }
}

function stemsOf(paths: ReadonlySet<string>): Set<string> {
  const stems = new Set(paths)
  for (const each of paths) {
    for (let at = each.indexOf('.'); at > 0; at = each.indexOf('.', at + 1)) stems.add(each.slice(0, at))
  }
  return stems
}

function prefixOf(name: string): string[] {
  const parts = name.split('/')
  const prefix: string[] = []
  for (let at = 1; parts[at] === 'charts' && parts[at + 1] !== undefined; at += 2) prefix.push(parts[at + 1] ?? '')
  return prefix
}
