import { parseValuesPath } from '@ropeway/helm'
import type { Path } from '../path.js'

/** What Helm says when a chart does not render, with the template that it says it about. */
export interface Complaint {
  readonly message: string
  readonly template: string | undefined
  readonly line: number | undefined
  readonly text: string | undefined
  readonly texts: ReadonlyMap<string, string>
}

/** A place in the values that a complaint seems to be about. */
export interface Place {
  readonly keys: Path
  readonly expected?: string | undefined
  readonly choices: readonly string[]
}

/** The places that a complaint may be about, the likeliest first. `known`: paths that the chart has or reads. */
export function placesOf(complaint: Complaint, known: readonly string[]): readonly Place[] {
  const schema = schemaPlaces(complaint.message)
  if (schema.length > 0) return schema
  const prefix = prefixOf(complaint.template ?? '')
  const choices = [...complaint.message.matchAll(/["'`]([\w.-]{1,40})["'`]/g)].map(([, text = '']) => text)
  const found: Place[] = []
  const add = (path: string, own: readonly string[] = prefix): void => {
    const keys = parseValuesPath(path)
    if (keys.length > 0) found.push({ keys: keys[0] === 'global' ? keys : [...own, ...keys], choices: [] })
  }
  for (const path of namedPaths(complaint.message)) add(path)
  for (const { text, prefix: own } of sourcesOf(complaint).slice(0, 2))
    for (const path of namedPaths(text).slice(0, 3)) add(path, own)
  for (const path of knownIn(complaint.message, known))
    found.push({ keys: parseValuesPath(path), choices: choices.filter((each) => !path.endsWith(each)) })
  for (const { text, prefix: own } of sourcesOf(complaint)) for (const path of namedPaths(text)) add(path, own)
  return found
}

/** The paths without those for any element of something. */
export function pathsIn(paths: readonly string[]): readonly string[] {
  return [...new Set(paths)].filter((path) => !path.includes('*'))
}

const types = 'string|object|array|boolean|number|integer|null'

/** `- at '/a/b': got null, want string`, `missing property 'x'`, below the name of the chart. */
function schemaPlaces(message: string): readonly Place[] {
  if (!message.startsWith("values don't meet the specifications of the schema")) return []
  const places: Place[] = []
  let prefix: readonly string[] = []
  let root: string | undefined
  for (const line of message.split('\n')) {
    const chart = /^([\w.-]+):$/.exec(line)?.[1]
    if (chart !== undefined) {
      root ??= chart
      prefix = chart === root ? [] : [chart]
    }
    const [, pointer = '', problem = ''] = /at '([^']*)': (.*)$/.exec(line) ?? []
    const keys = [...prefix, ...pointer.split('/').slice(1)]
    const missing = /missing propert(?:y|ies) (.*)$/.exec(problem)?.[1]
    for (const [, name = ''] of missing?.matchAll(/'([^']+)'/g) ?? [])
      places.push({ keys: [...keys, name], choices: [] })
    const expected = new RegExp(`want (?:${types})(?: or (?:${types}))*`)
      .exec(problem)?.[0]
      .slice('want '.length)
      .split(' or ')
    for (const type of expected ?? []) if (type !== 'null') places.push({ keys, expected: type, choices: [] })
    const choices = /must be one of (.*)$/.exec(problem)?.[1]
    if (choices !== undefined) {
      places.push({ keys, choices: [...choices.matchAll(/'([^']+)'/g)].map(([, text = '']) => text) })
    }
    if (/length|pattern|format|minimum/i.test(problem) && expected === undefined) places.push({ keys, choices: [] })
  }
  return places
}

/** `.Values.a.b` in a text, in its order. */
function namedPaths(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/\bValues((?:\.[A-Za-z_]\w*)+)/g)].map(([, path = '']) => path.slice(1)))]
}

/** Known paths that a message mentions: whole, or by their ends; longer mentions first. */
function knownIn(message: string, known: readonly string[]): readonly string[] {
  const mentioned = new Set(message.match(/[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*/g) ?? [])
  const dotted = [...mentioned].filter((text) => text.includes('.'))
  const whole = known.filter((path) => mentioned.has(path) && path.includes('.'))
  const ends = known.filter((path) => dotted.some((text) => path.endsWith(`.${text}`)))
  // what is named and not known: a value that only this message speaks of
  const unknown = dotted.filter(
    (text) =>
      !/^(?:templates?|values|chart|helm|https?|e\.g|i\.e)\b|\.(?:ya?ml|tpl|md|com|io|org|txt|local)$|^[a-z]+\.[a-z]\.[a-z]/i.test(
        text,
      ),
  )
  const words = new Set([...mentioned].map((word) => word.toLowerCase()))
  const byWords = known
    .filter((path) => {
      const keys = parseValuesPath(path).map((key) => String(key).toLowerCase())
      return words.has(keys.at(-1) ?? '') && keys.slice(0, -1).some((key) => words.has(key))
    })
    .slice(0, 10)
  const single = known.filter((path) => !path.includes('.') && mentioned.has(path))
  return [...new Set([...whole, ...ends, ...unknown, ...byWords, ...single])]
}

/** What stands around the place that complains: its line, the conditions before it, and where its message is written. */
function sourcesOf({
  message,
  template,
  line,
  text,
  texts,
}: Complaint): readonly { text: string; prefix: readonly string[] }[] {
  const found: { text: string; prefix: readonly string[] }[] = []
  const expressions = [...message.matchAll(/at <([^>]*)>/g)].map(([, inner = '']) => inner).reverse()
  const prefix = prefixOf(template ?? '')
  for (const expression of expressions) found.push({ text: expression, prefix })
  if (text !== undefined && line !== undefined) found.push({ text: around(text, line), prefix })
  const said = /execution error at \([^)]*\): (.*)$/s.exec(message)?.[1]?.trim() ?? ''
  const part = said.split(/[\n"]/)[0]?.slice(0, 40) ?? ''
  if (part.length > 8) {
    for (const [name, other] of texts) {
      const at = other.indexOf(part)
      if (at >= 0) found.push({ text: around(other, other.slice(0, at).split('\n').length), prefix: prefixOf(name) })
    }
  }
  return found
}

/** A line, what follows on the next one, and the conditions in front of it, the nearest first. */
function around(text: string, line: number): string {
  const lines = text.split('\n')
  const own = lines.slice(line - 1, line + 1)
  const before = lines
    .slice(Math.max(0, line - 12), line - 1)
    .filter((each) => /\{\{-?\s*(?:else )?(?:if|with|range)|:=/.test(each))
  return [...own, ...before.reverse()].join('\n')
}

function prefixOf(name: string): readonly string[] {
  const parts = name.split('/')
  const prefix: string[] = []
  for (let at = 1; parts[at] === 'charts' && parts[at + 1] !== undefined; at += 2) prefix.push(parts[at + 1] ?? '')
  return prefix
}
