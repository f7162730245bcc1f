import { formatValuesPath, parseValuesPath, type ChartCondition, type ChartReferences } from '@ropeway/helm'
import { isValueList, isValueMap, type Value } from '../construct.js'
import { meaningOf, wordsOf } from '../find/keys.js'
import type { Path } from '../path.js'
import type { Flip } from './flips.js'
import type { TemplateFile, Templates } from './templates.js'

/** Stands in for texts that a chart is given only to see what appears; a reference that holds it is none of the chart's. */
export const marker = 'ropeway-filled'

/**
 * What is tried. `on`: a switch that is off; `choice`: a text that templates compare a value with; `fill`: an empty value that
 * gets something; `off`: a switch that is on.
 */
export interface Candidate {
  readonly effect: 'on' | 'choice' | 'fill' | 'off'
  readonly flip: Flip
  /** The files whose conditions depend on it. */
  readonly files: readonly TemplateFile[]
  /** Those of them in which such a condition decides about images, as far as their text tells. */
  readonly gated: readonly TemplateFile[]
}

export interface Candidates {
  readonly all: readonly Candidate[]
  /** What conditions inside conditions ask for together. */
  readonly chains: readonly Chain[]
  /** Switches that are off, each with all files of its chart: conditions may depend on them in ways that are not seen. */
  readonly wide: readonly Candidate[]
}

export interface Chain {
  readonly members: readonly Candidate[]
  /** Files in which they are tested. */
  readonly files: readonly TemplateFile[]
}

/** All that may be tried on a chart with these values, by what its conditions depend on. */
export function candidatesOf(
  references: ChartReferences,
  templates: Templates,
  values: Value,
  files: readonly TemplateFile[],
): Candidates {
  const made = new Map<string, Making>()
  const finish = new Map<string, Candidate>()
  const maps = stemsOf(references.paths)
  const choices = choicesOf(references.conditions)
  const byCondition = references.conditions.map((condition) => {
    const its = files.filter((file) => file.tests(condition.template, condition.line))
    if (its.length === 0) return []
    const images = templates.gates(condition.template, condition.line)
    return changesOf(condition, values, maps, choices).map((candidate) => {
      const key = JSON.stringify(candidate)
      const entry = made.get(key) ?? { candidate, files: new Set<TemplateFile>(), gated: new Set<TemplateFile>() }
      made.set(key, entry)
      for (const file of its) entry.files.add(file)
      if (images) for (const file of its) if (file.images) entry.gated.add(file)
      return key
    })
  })
  for (const [key, { candidate, files: its, gated }] of made) {
    finish.set(key, { ...candidate, files: [...its], gated: [...gated] })
  }
  const chains = chainsOf(references.conditions, byCondition).flatMap(({ condition, keys }): Chain[] => {
    const members = keys.flatMap((key) => finish.get(key) ?? [])
    const common = (members[0]?.gated ?? []).filter((file) => members.every(({ gated }) => gated.includes(file)))
    const own = common.filter(({ name }) => name === condition.template)
    // one file that uses a helper stands for all
    const its = own.length > 0 ? own : common.slice(0, 1)
    return its.length === 0 ? [] : [{ members, files: its }]
  })
  return { all: [...finish.values(), ...upgrade(files)], chains, wide: wide(values, files) }
}

interface Making {
  readonly candidate: Change
  readonly files: Set<TemplateFile>
  readonly gated: Set<TemplateFile>
}

type Change = Pick<Candidate, 'effect' | 'flip'>

/** What each condition and those around it ask for, each set once. */
function chainsOf(
  conditions: readonly ChartCondition[],
  byCondition: readonly (readonly string[])[],
): readonly { readonly condition: ChartCondition; readonly keys: readonly string[] }[] {
  const chains = new Map<string, { readonly condition: ChartCondition; readonly keys: readonly string[] }>()
  for (const [at, condition] of conditions.entries()) {
    const keys = new Set<string>()
    for (let index: number | undefined = at; index !== undefined; index = conditions[index]?.within) {
      for (const key of byCondition[index] ?? []) keys.add(key)
    }
    // to switch off what is on is tried alone only
    const wanted = [...keys].filter((key) => !key.includes('"effect":"off"')).sort()
    if (wanted.length > 1) chains.set(`${condition.template}\0${wanted.join('\0')}`, { condition, keys: wanted })
  }
  return [...chains.values()]
}

/** Changes of what a condition depends on that may make it hold. */
function changesOf(
  { paths, capabilities }: ChartCondition,
  values: Value,
  maps: ReadonlySet<string>,
  choices: ReadonlyMap<string, ReadonlySet<string>>,
): readonly Change[] {
  const found: Change[] = []
  for (const path of paths) {
    for (const keys of expand(parseValuesPath(path), values)) {
      const now = valueOf(values, keys)
      // nothing is there, and templates read what is below it
      if ((now === undefined || now === null) && maps.has(path)) continue
      for (const [effect, value, below] of changes(keys, now)) {
        found.push({ effect, flip: { kind: 'value', keys: below === undefined ? keys : [...keys, below], value } })
      }
      if (typeof now === 'object' && now !== null) continue
      if (typeof now === 'boolean' || isPartOfImage(keys)) continue
      for (const value of choices.get(path) ?? []) {
        if (value !== now) found.push({ effect: 'choice', flip: { kind: 'value', keys, value } })
      }
    }
  }
  return [
    ...found,
    ...capabilities.map((version) => ({ effect: 'on' as const, flip: { kind: 'api' as const, version } })),
  ]
}

/**
 * By path: the texts that a value is compared with anywhere. A condition that holds for all but some (`ne .Values.type "none"`)
 * does not name those that it holds for.
 */
function choicesOf(conditions: readonly ChartCondition[]): ReadonlyMap<string, ReadonlySet<string>> {
  const choices = new Map<string, Set<string>>()
  for (const { path, value } of conditions.flatMap(({ literals }) => literals)) {
    if (typeof value === 'string' && value !== '') choices.set(path, (choices.get(path) ?? new Set()).add(value))
  }
  return choices
}

/** The paths below which others are read. */
function stemsOf(paths: readonly string[]): ReadonlySet<string> {
  const stems = new Set<string>()
  for (const each of paths) {
    const keys = parseValuesPath(each)
    for (let end = 1; end < keys.length; end += 1) stems.add(formatValuesPath(keys.slice(0, end)))
  }
  return stems
}

/** The paths that one with `*` for any key stands for. Items of lists are left as they are. */
function expand(path: Path, values: Value): readonly Path[] {
  const at = path.indexOf('*')
  if (at < 0) return path.length === 0 ? [] : [path]
  const map = valueOf(values, path.slice(0, at))
  if (!isValueMap(map)) return []
  return Object.keys(map).flatMap((key) => expand([...path.slice(0, at), key, ...path.slice(at + 1)], values))
}

function valueOf(values: Value, keys: Path): Value | undefined {
  let at: Value | undefined = values
  for (const key of keys) at = isValueMap(at) && Object.hasOwn(at, key) ? at[key] : undefined
  return at
}

function changes(
  keys: Path,
  value: Value | undefined,
): readonly (readonly [Candidate['effect'], boolean | number | string, (string | number)?])[] {
  if (value === false) return [['on', true]]
  if (value === true) return [['off', false]]
  if (value === 0) return [['on', 1]]
  if (isPartOfImage(keys)) return []
  if (value === undefined || value === null) {
    return [
      ['on', true],
      ['fill', marker],
    ]
  }
  if (value === '') return [['fill', marker]]
  if (isValueList(value)) return value.length === 0 ? [['fill', marker, 0]] : []
  if (isValueMap(value)) return Object.keys(value).length === 0 ? [['fill', marker, marker]] : []
  return []
}

const partWords = new Set(['registry', 'repository', 'tag', 'digest', 'hub', 'prefix', 'suffix', 'version', 'override'])

/** Filling it would make up a reference, not show one. */
function isPartOfImage(keys: Path): boolean {
  const name = String(keys.at(-1) ?? '')
  return meaningOf(name) !== 'other' || wordsOf(name).some((word) => partWords.has(word))
}

/** All switches that are off. Templates may keep them under another name, so that no condition is seen to depend on them. */
function wide(values: Value, files: readonly TemplateFile[], keys: readonly string[] = []): Candidate[] {
  if (isValueMap(values)) {
    const entries = Object.entries(values).filter(([key]) => key !== 'global' || keys.length === 0)
    return entries.flatMap(([key, item]) => wide(item, files, [...keys, key]))
  }
  // `-`, as some charts write for "as something else says"
  if (values !== false && !(values === '-' && keys.at(-1) === 'enabled')) return []
  const its = files.filter(({ prefix }) => keys[0] === 'global' || prefix.every((key, at) => keys[at] === key))
  return its.length === 0 ? [] : [{ effect: 'on', flip: { kind: 'value', keys, value: true }, files: its, gated: [] }]
}

function upgrade(files: readonly TemplateFile[]): Candidate[] {
  const its = files.filter(({ upgrades }) => upgrades)
  return its.length === 0 ? [] : [{ effect: 'on', flip: { kind: 'upgrade' }, files: its, gated: its }]
}
