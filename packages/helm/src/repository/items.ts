/** The fields of an index entry that are read; the others (descriptions, annotations, icons) are most of an index. */
const fields: ReadonlySet<string> = new Set([
  'name',
  'version',
  'appVersion',
  'urls',
  'digest',
  'deprecated',
  'created',
])

const fieldKey = /^(?:"([^"\\]+)"|'([^']+)'|([A-Za-z][\w-]*))\s*:(?:\s|$)/
const dash = /^( *)-( +|$)/

/**
 * Cuts the lines of one chart, its key first, into one YAML text per version, each with the fields that are read. Whatever
 * is written in another style stays whole.
 */
export function versionTexts(lines: readonly string[]): readonly string[] {
  const [key = '', ...rest] = lines
  const whole = [lines.join('\n')]
  if (!/:\s*(?:#.*)?$/.test(key)) return whole
  const depth = dash.exec(rest.find((line) => !isIdle(line)) ?? '')?.[1]?.length
  if (depth === undefined) return whole
  const items: string[][] = []
  for (const line of rest) {
    if (dash.exec(line)?.[1]?.length === depth) items.push([line])
    else if (!isIdle(line) && indentOf(line) <= depth) return whole
    else items.at(-1)?.push(line)
  }
  return items.map((item) => (trimmed(item, depth) ?? item).join('\n'))
}

/** The lines of the fields that are read; `undefined` when the item is not plainly `- key: …` with its keys in a column. */
function trimmed(item: readonly string[], depth: number): readonly string[] | undefined {
  const [first = '', ...rest] = item
  const inner = `${' '.repeat(depth)} ${first.slice(depth + 1)}`
  const column = indentOf(inner)
  const kept: string[] = []
  let keeping = false
  for (const line of [inner, ...rest]) {
    const indent = indentOf(line)
    const text = line.slice(indent)
    if (!isIdle(line) && indent <= column && !(indent === column && /^-(?:\s|$)/.test(text))) {
      const match = indent === column ? fieldKey.exec(text) : null
      if (match === null) return undefined
      keeping = fields.has(match[1] ?? match[2] ?? match[3] ?? '')
    }
    if (keeping) kept.push(line)
  }
  const [head] = kept
  return head === undefined ? undefined : [`${' '.repeat(depth)}-${head.slice(depth + 1)}`, ...kept.slice(1)]
}

function indentOf(line: string): number {
  return line.search(/[^ ]|$/)
}

function isIdle(line: string): boolean {
  return /^\s*(?:#|$)/.test(line)
}
