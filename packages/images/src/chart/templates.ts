import { blocksOf } from './blocks.js'
import type { ChartMetadata, LoadedChart } from '@ropeway/helm'

/** A template file with what its text tells. */
export interface TemplateFile {
  /** `chart/charts/sub/templates/x.yaml` */
  readonly name: string
  readonly text: string
  /** Keys of the chart's values in those of the root: of `parent/charts/redis` it is `redis`. */
  readonly prefix: readonly string[]
  /** Whether it, or a definition that it includes, speaks of images. */
  readonly images: boolean
  /** Whether it tests something that is not plainly a value: a field of whatever stands in the dot. */
  readonly indirect: boolean
  /** Whether it asks if the release is an upgrade. */
  readonly upgrades: boolean
  /** Whether a line of a template belongs to the file or to a definition that it includes. */
  tests(template: string, line: number): boolean
}

export interface Templates {
  file(name: string, text: string): TemplateFile
  /** Whether what the condition on a line of a template decides about speaks of images. */
  gates(template: string, line: number): boolean
}

interface Definition extends Facts {
  readonly name: string
  readonly from: number
}

interface Facts {
  readonly images: boolean
  readonly upgrades: boolean
  readonly includes: readonly string[]
}

const include = /\b(?:include|template)\s+\(?\s*"([^"]+)"/g
const definition = /\{\{-?\s*(?:define|block)\s+"([^"]+)"/g

const indirect =
  /\{\{-?\s*(?:else\s+)?(?:if|with)\b[^}]*[\s(]\$?\.(?!Values|Capabilities|Release|Chart|Template|Files|Subcharts)[A-Za-z]/

/** Looks at the templates of a chart and its subcharts as text: which definitions they include, and what they speak of. */
export function indexTemplates(loaded: LoadedChart): Templates {
  const byName = new Map<string, Definition>()
  /** Definitions by their files, in the order of their lines. */
  const byFile = new Map<string, readonly Definition[]>()
  const texts = new Map<string, string>()
  collect(loaded, loaded.metadata.name, { byName, byFile, texts })
  const files = new Map<string, TemplateFile>()
  const gating = new Map<string, ReadonlyMap<number, boolean>>()
  const gatesOf = (template: string): ReadonlyMap<number, boolean> => {
    const lines = new Map<number, boolean>()
    for (const { from, text } of blocksOf(texts.get(template) ?? '')) {
      lines.set(from, (lines.get(from) ?? false) || reach(factsOf(text), byName).images)
    }
    return lines
  }
  const definitionAt = (template: string, line: number): string | undefined =>
    byFile.get(template)?.findLast(({ from }) => from <= line)?.name
  return {
    file(name, text) {
      let file = files.get(name)
      if (file?.text !== text) {
        const reached = reach(factsOf(text), byName)
        const tests = (template: string, line: number): boolean => {
          if (template === name) return true
          const inside = definitionAt(template, line)
          return inside !== undefined && reached.names.has(inside)
        }
        const { images, upgrades } = reached
        file = { ...{ name, text, images, upgrades, tests }, prefix: prefixOf(name), indirect: indirect.test(text) }
        files.set(name, file)
      }
      return file
    },
    gates(template, line) {
      const lines = gating.get(template) ?? gatesOf(template)
      gating.set(template, lines)
      // what is decided within a line is taken for what the line speaks of
      return lines.get(line) ?? speaksOfImages((texts.get(template) ?? '').split('\n')[line - 1] ?? '')
    },
  }
}

/** Secrets and policies for pulling aside. */
function speaksOfImages(text: string): boolean {
  return /image(?!s?_?-?\.?(?:Pull|renderPull|pull))/i.test(text)
}

function collect(
  { templates, charts, metadata }: LoadedChart,
  path: string,
  into: {
    readonly byName: Map<string, Definition>
    readonly byFile: Map<string, readonly Definition[]>
    readonly texts: Map<string, string>
  },
): void {
  for (const { path: own, text } of templates) {
    const starts = [...text.matchAll(definition)]
    const found = starts.map(({ 1: name = '', index }, at): Definition => {
      // up to the next one: what stands between them is too little to mind
      const from = text.slice(0, index).split('\n').length
      return { name, from, ...factsOf(text.slice(index, starts[at + 1]?.index)) }
    })
    into.byFile.set(`${path}/${own}`, found)
    into.texts.set(`${path}/${own}`, text)
    for (const each of found) into.byName.set(each.name, merged(into.byName.get(each.name), each))
  }
  for (const chart of charts) {
    for (const name of namesOf(metadata, chart)) collect(chart, `${path}/charts/${name}`, into)
  }
}

/** The names under which a subchart takes part. */
function namesOf({ dependencies }: ChartMetadata, { metadata }: LoadedChart): ReadonlySet<string> {
  const entries = (dependencies ?? []).filter(({ name }) => name === metadata.name)
  const names = entries.map(({ name, alias = '' }) => (alias === '' ? name : alias))
  return new Set(names.length === 0 ? [metadata.name] : names)
}

function merged(one: Definition | undefined, other: Definition): Definition {
  if (one === undefined) return other
  return {
    ...other,
    images: one.images || other.images,
    upgrades: one.upgrades || other.upgrades,
    includes: [...new Set([...one.includes, ...other.includes])],
  }
}

function factsOf(text: string): Facts {
  return {
    images: speaksOfImages(text),
    upgrades: text.includes('.Release.IsUpgrade'),
    includes: [...text.matchAll(include)].map(([, name = '']) => name),
  }
}

function reach(
  facts: Facts,
  definitions: ReadonlyMap<string, Definition>,
): { readonly names: ReadonlySet<string>; readonly images: boolean; readonly upgrades: boolean } {
  const names = new Set<string>()
  const open = [...facts.includes]
  let { images, upgrades } = facts
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const found = names.has(name) ? undefined : definitions.get(name)
    names.add(name)
    if (found === undefined) continue
    images ||= found.images
    upgrades ||= found.upgrades
    open.push(...found.includes)
  }
  return { names, images, upgrades }
}

function prefixOf(name: string): string[] {
  const parts = name.split('/')
  const prefix: string[] = []
  for (let at = 1; parts[at] === 'charts' && parts[at + 1] !== undefined; at += 2) prefix.push(parts[at + 1] ?? '')
  return prefix
}
