import type { LoadedChart } from '@ropeway/helm'
import { isValueList, isValueMap, type Value } from '../construct.js'
import { meaningOf, wordsOf } from '../find/keys.js'
import type { Path } from '../path.js'
import type { Flip } from './flips.js'
import type { TemplateFile } from './templates.js'

/** Stands in for texts that a chart is given only to see what appears; a reference that holds it is none of the chart's. */
export const marker = 'ropeway-filled'

/**
 * What is tried. `on`: a switch that is off, or a choice among texts that templates compare; `off`: one that is on; `fill`: an
 * empty value that gets something.
 */
export interface Candidate {
  readonly effect: 'on' | 'off' | 'choice' | 'fill'
  readonly flip: Flip
  /** The files that it may touch. */
  readonly files: readonly TemplateFile[]
}

type ValueFlip = Extract<Flip, { readonly kind: 'value' }>

/** All that may be tried on a chart with these values and these files. */
export function candidatesOf(values: Value, files: readonly TemplateFile[]): readonly Candidate[] {
  const prefixes = new Set(files.map(({ prefix }) => prefix.join('.')))
  const found: Candidate[] = []
  const add = (effect: Candidate['effect'], flip: ValueFlip, keys: Path = flip.keys): void => {
    const touched = files.filter((file) => touches(file, keys))
    if (touched.length > 0) found.push({ effect, flip, files: touched })
  }
  visit(values, [], prefixes, (keys, value) => {
    for (const [effect, changed, below] of changes(keys, value)) {
      add(effect, { kind: 'value', keys: below === undefined ? keys : [...keys, below], value: changed }, keys)
    }
    if (typeof value === 'string' || value === null) {
      for (const [choice, touched] of choicesOf(files, keys, value ?? '')) {
        found.push({ effect: 'choice', flip: { kind: 'value', keys, value: choice }, files: touched })
      }
    }
  })
  return [...found, ...unset(values, files), ...surroundings(files)]
}

/** Where charts that are switched off stand in the values, and what switches each of them on. */
export function subchartSwitches(loaded: LoadedChart, prefix: readonly string[] = []): Map<string, readonly Flip[]> {
  const switches = new Map<string, readonly Flip[]>()
  for (const { name, alias = '', condition = '', tags = [] } of loaded.metadata.dependencies ?? []) {
    const own = [...prefix, alias === '' ? name : alias]
    const paths = condition.split(',').flatMap((path) => (path.trim() === '' ? [] : [path.trim()]))
    const flips: Flip[] = [
      ...paths.map((path): Flip => ({ kind: 'value', keys: [...prefix, ...path.split('.')], value: true })),
      ...(paths.length > 0 ? [] : tags.slice(0, 1).map((tag): Flip => ({ kind: 'value', keys: ['tags', tag], value: true }))),
    ]
    switches.set(own.join('.'), flips)
    const inner = loaded.charts.find((chart) => chart.metadata.name === name)
    if (inner === undefined) continue
    for (const [path, needs] of subchartSwitches(inner, own)) switches.set(path, [...flips, ...needs])
  }
  return switches
}

function visit(value: Value, keys: Path, charts: ReadonlySet<string>, leaf: (keys: Path, value: Value) => void): void {
  if (!isValueMap(value)) return leaf(keys, value)
  const entries = Object.entries(value)
  if (entries.length === 0 && keys.length > 0) return leaf(keys, value)
  for (const [key, item] of entries) {
    // globals are those of the root
    if (key === 'global' && keys.length > 0 && charts.has(keys.join('.'))) continue
    visit(item, [...keys, key], charts, leaf)
  }
}

function changes(keys: Path, value: Value): readonly (readonly [Candidate['effect'], boolean | number | string, (string | number)?])[] {
  const name = String(keys.at(-1) ?? '')
  if (value === false) return [['on', true]]
  if (value === true) return [['off', false]]
  if (value === 0) return /replica|count|number|instances|nodes|shards|size/i.test(name) ? [['on', 1]] : []
  if (isPartOfImage(keys)) return []
  if (value === '' || value === null) return [['fill', marker], ...(value === null ? ([['on', true]] as const) : [])]
  if (isValueList(value)) return value.length === 0 ? [['fill', marker, 0]] : []
  if (isValueMap(value)) return [['fill', marker, marker]]
  return []
}

const partWords = new Set(['registry', 'repository', 'tag', 'digest', 'hub', 'prefix', 'suffix', 'version', 'override'])

/** Filling it would make up a reference, not show one. */
function isPartOfImage(keys: Path): boolean {
  const name = String(keys.at(-1) ?? '')
  return meaningOf(name) !== 'other' || wordsOf(name).some((word) => partWords.has(word))
}

/** Whether a file may come out otherwise when the value at the path changes: it reads it, and its conditions speak of it. */
function touches({ prefix, words, tested, paths, stems }: TemplateFile, keys: Path): boolean {
  const names = keys.filter((key) => typeof key === 'string')
  const own = names[0] === 'global' ? names : below(prefix, names)
  if (own === undefined) return false
  const last = own.at(-1) ?? ''
  if (stems.has(own.join('.'))) return tested.has(last) || words.has('index')
  const plain = /^[A-Za-z_]\w*$/.test(last)
  return own.some((_, at) => at > 0 && paths.has(own.slice(0, at).join('.'))) && (!plain || tested.has(last))
}

/** The path in the values of the chart at a prefix; `undefined` when it lies elsewhere. */
function below(prefix: readonly string[], names: readonly string[]): readonly string[] | undefined {
  if (names.length <= prefix.length) return undefined
  return prefix.every((key, at) => names[at] === key) ? names.slice(prefix.length) : undefined
}

const compared = /\b(?:eq|ne|has|contains|hasPrefix|list)\b/
const literal = /"((?:[^"\\]|\\.)*)"/g

/** Texts that conditions compare with what may be the value at a path, and the files of the conditions. */
function choicesOf(files: readonly TemplateFile[], keys: Path, now: string): Map<string, TemplateFile[]> {
  const last = String(keys.at(-1) ?? '')
  const named = new RegExp(`\\.${last.replaceAll(/[^\w-]/g, '\\$&')}\\b`)
  const choices = new Map<string, TemplateFile[]>()
  for (const file of files) {
    if (!touches(file, keys)) continue
    const literals = new Set<string>()
    for (const condition of file.conditions) {
      if (!named.test(condition) || !compared.test(condition)) continue
      for (const [, text = ''] of condition.matchAll(literal)) if (/^[\w.-]{1,60}$/.test(text)) literals.add(text)
    }
    for (const text of literals) if (text !== now) choices.set(text, [...(choices.get(text) ?? []), file])
  }
  return choices
}

const valuePath = /(?<![\w.)])\$?\.Values((?:\.[A-Za-z_]\w*)+)/g

/** Values that conditions test and that are set nowhere. */
function unset(values: Value, files: readonly TemplateFile[]): Candidate[] {
  const touched = new Map<string, { readonly keys: readonly string[]; readonly files: TemplateFile[] }>()
  for (const file of files) {
    for (const condition of file.conditions) {
      for (const [, path = ''] of condition.matchAll(valuePath)) {
        const own = path.slice(1).split('.')
        const keys = own[0] === 'global' ? own : [...file.prefix, ...own]
        if (isPartOfImage(keys) || isSet(values, keys)) continue
        const key = keys.join('.')
        const entry = touched.get(key) ?? { keys, files: [] }
        touched.set(key, entry)
        if (!entry.files.includes(file)) entry.files.push(file)
      }
    }
  }
  return [...touched.values()].map(({ keys, files: its }): Candidate => {
    return { effect: 'on', flip: { kind: 'value', keys, value: true }, files: its }
  })
}

function isSet(values: Value, keys: readonly string[]): boolean {
  let at: Value | undefined = values
  for (const key of keys) {
    if (!isValueMap(at)) return at !== undefined && at !== null
    if (!Object.hasOwn(at, key)) return false
    at = at[key]
  }
  return true
}

/** What a chart asks of its surroundings: API versions that the cluster has, and whether it is an upgrade. */
function surroundings(files: readonly TemplateFile[]): Candidate[] {
  const apis = new Map<string, TemplateFile[]>()
  const upgrades: TemplateFile[] = []
  for (const file of files) {
    for (const condition of file.conditions) {
      for (const [, version = ''] of condition.matchAll(/APIVersions\.Has\s+\(?"([^"]+)"/g)) {
        const its = apis.get(version) ?? []
        if (!its.includes(file)) apis.set(version, [...its, file])
      }
      if (condition.includes('.Release.IsUpgrade') && !upgrades.includes(file)) upgrades.push(file)
    }
  }
  const found = [...apis].map(([version, its]): Candidate => {
    return { effect: 'on', flip: { kind: 'api', version }, files: its }
  })
  return upgrades.length === 0 ? found : [...found, { effect: 'on', flip: { kind: 'upgrade' }, files: upgrades }]
}
