// Markdown files as the checks need them: headings, links, paths in code, fenced samples, generated parts.

export interface Fence {
  /** The word after the backticks: `yaml`. */
  readonly language: string
  /** The words after it. */
  readonly info: readonly string[]
  readonly text: string
  /** Line of the opening backticks, from 1. */
  readonly line: number
}

export interface Link {
  readonly target: string
  readonly line: number
}

export interface Page {
  readonly fences: readonly Fence[]
  /** Targets of `[text](target)`, outside of fences. */
  readonly links: readonly Link[]
  /** What stands in single backticks, outside of fences. */
  readonly codes: readonly Link[]
  /** Anchors of the headings, as code hosts make them. */
  readonly anchors: ReadonlySet<string>
}

const fenceLine = /^(\s*)(`{3,})\s*(\S*)\s*(.*)$/

export function readPage(text: string): Page {
  const fences: Fence[] = []
  const links: Link[] = []
  const codes: Link[] = []
  const anchors = new Set<string>()
  let open: { fence: Fence; ticks: string; lines: string[] } | undefined
  for (const [index, content] of text.split('\n').entries()) {
    const line = index + 1
    const mark = fenceLine.exec(content)
    if (open !== undefined) {
      if (mark?.[2] !== undefined && mark[2].length >= open.ticks.length && mark[3] === '') {
        fences.push({ ...open.fence, text: open.lines.join('\n') + '\n' })
        open = undefined
      } else open.lines.push(content)
      continue
    }
    if (mark !== null) {
      const info = (mark[4] ?? '').split(/\s+/).filter((word) => word !== '')
      open = { fence: { language: mark[3] ?? '', info, text: '', line }, ticks: mark[2] ?? '```', lines: [] }
      continue
    }
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(content)?.[1]
    if (heading !== undefined) anchors.add(anchorOf(heading, anchors))
    const plain = content.replace(/`[^`]*`/g, (code) => {
      codes.push({ target: code.slice(1, -1), line })
      return '`'.repeat(code.length)
    })
    for (const [, target] of plain.matchAll(/\]\(([^()\s]+)\)/g)) if (target !== undefined) links.push({ target, line })
  }
  return { fences, links, codes, anchors }
}

function anchorOf(heading: string, taken: ReadonlySet<string>): string {
  const words = heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
  const anchor = words.replace(/\s/g, '-')
  for (let count = 0; ; count++) {
    const candidate = count === 0 ? anchor : `${anchor}-${count}`
    if (!taken.has(candidate)) return candidate
  }
}

const part = /(<!-- generated: (.+?) -->\n)[\s\S]*?(<!-- \/generated -->)/g

/** Names of the generated parts of a text. */
export function partsOf(text: string): string[] {
  return [...text.matchAll(part)].flatMap(([, , name]) => (name === undefined ? [] : [name]))
}

/** The text with each generated part filled anew. */
export function fillParts(text: string, fill: (name: string) => string): string {
  return text.replace(part, (_all, head: string, name: string, tail: string) => `${head}\n${fill(name)}\n\n${tail}`)
}
