// Tables of an adapter's options, from its JSON Schema.

/** The part of JSON Schema (draft-07) that the tables show. */
interface Node {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Node>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Node
  readonly items?: Node
  readonly anyOf?: readonly Node[]
  readonly oneOf?: readonly Node[]
}

interface Row {
  readonly name: string
  readonly type: string
  readonly needed: string
  readonly text: string
}

/** The table of an adapter's options; a sentence when it has none. */
export function optionTable(schema: Readonly<Record<string, unknown>>): string {
  const rows = rowsOf(schema, '')
  if (rows.length === 0) return 'No options.'
  const lines = rows.map(
    ({ name, type, needed, text }) => `| \`${name}\` | ${cell(type)} | ${cell(needed)} | ${cell(text)} |`,
  )
  return ['| option | value | default | what it says |', '| --- | --- | --- | --- |', ...lines].join('\n')
}

function cell(text: string): string {
  return text.replace(/(?<!\\)\|/g, '\\|').replace(/\s*\n\s*/g, ' ')
}

function rowsOf(node: Node, prefix: string): Row[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, property]) => {
    const name = `${prefix}${key}`
    const needed =
      property.default !== undefined && JSON.stringify(property.default) !== '{}'
        ? `\`${JSON.stringify(property.default)}\``
        : node.required?.includes(key) === true
          ? 'needed'
          : ''
    const row = { name, type: typeOf(property), needed, text: property.description ?? textOf(property) }
    return [row, ...insideOf(property, name)]
  })
}

/** Rows of the objects that an option may hold, each name once. */
function insideOf(node: Node, name: string): Row[] {
  const found = new Map<string, Row>()
  for (const [object, path] of objectsOf(node, name))
    for (const row of rowsOf(object, `${path}.`)) if (!found.has(row.name)) found.set(row.name, row)
  return [...found.values()]
}

function objectsOf(node: Node, path: string): [Node, string][] {
  const own: [Node, string][] = node.properties === undefined ? [] : [[node, path]]
  const items = node.items === undefined ? [] : objectsOf(node.items, `${path}[]`)
  const branches = [...(node.anyOf ?? []), ...(node.oneOf ?? [])]
  // A thing that may stand alone or in a list is described once.
  const lists = branches.filter((branch) => branch.items !== undefined)
  return [...own, ...items, ...(lists.length > 0 ? lists : branches).flatMap((each) => objectsOf(each, path))]
}

/** What is said of the branches, when nothing is said of the whole. */
function textOf(node: Node): string {
  return [
    ...new Set([...(node.anyOf ?? []), ...(node.oneOf ?? [])].flatMap(({ description }) => description ?? [])),
  ].join(' ')
}

function typeOf(node: Node): string {
  const branches = node.anyOf ?? node.oneOf
  if (branches !== undefined) return oneOrList(branches) ?? [...new Set(branches.map(typeOf))].join(' or ')
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (node.type === 'array') return `list of ${node.items === undefined ? 'anything' : typeOf(node.items)}`
  if (node.properties !== undefined)
    return `{ ${Object.entries(node.properties)
      .map(([key]) => keyOf(key, node))
      .join(', ')} }`
  if (node.type === 'object')
    return `map of ${typeof node.additionalProperties === 'object' ? typeOf(node.additionalProperties) : 'anything'}`
  if (node.type === 'boolean') return '`true`, `false`'
  return node.type ?? 'anything'
}

function keyOf(key: string, node: Node): string {
  return `\`${key}\`${node.required?.includes(key) === true ? '' : '?'}`
}

/** `X or list of X` for what takes one thing or a list. */
function oneOrList(branches: readonly Node[]): string | undefined {
  const [one, list] = branches
  if (branches.length !== 2 || one === undefined || list?.type !== 'array' || list.items === undefined) return undefined
  return JSON.stringify(one) === JSON.stringify(list.items) ? `${typeOf(one)}, or a list of these` : undefined
}
