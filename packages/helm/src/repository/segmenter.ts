/**
 * Cuts the text of an index.yaml by entry while it streams. It understands what generators write: block style, top-level
 * keys at the margin, the charts' names below `entries:` at one indentation. Anything else is `exotic` and has to be
 * parsed as a whole; nothing is guessed.
 */
export interface Segmenter {
  /** Takes one line without its end. False when the text is exotic, or when the document has ended. */
  line(text: string): boolean
  readonly exotic: boolean
  /** Everything beside the entries. */
  readonly header: readonly string[]
  /** The names of all charts. */
  readonly names: ReadonlySet<string>
  /** The names that stand there more than once. */
  readonly repeated: ReadonlySet<string>
  /** The lines of each wanted chart, its key first. */
  readonly segments: ReadonlyMap<string, readonly string[]>
}

/** Characters of everything beside the entries: more is no index. */
const headerLimit = 1024 * 1024

const entriesKey = /^(?:entries|"entries"|'entries')\s*:\s*(?:#.*)?$/
const documentMark = /^(?:---|\.\.\.)(?:\s|$)/
/** A chart's name, plain or quoted, and what follows its colon. */
const chartKey = /^(?:"([^"\\]+)"|'([^']+)'|([^\s"'[\]{}&*!|>%@`?,:#-][^\s"'#:]*))\s*:(?:\s|$)/

export function createSegmenter(wanted: ReadonlySet<string>): Segmenter {
  const header: string[] = []
  const names = new Set<string>()
  const repeated = new Set<string>()
  const segments = new Map<string, string[]>()
  let headerSize = 0
  let inEntries = false
  let indentation: number | undefined
  let current: string[] | undefined
  let exotic = false
  let started = false

  function stop(): false {
    exotic = true
    return false
  }

  function topLevel(text: string): boolean {
    inEntries = entriesKey.test(text)
    if (inEntries) return indentation === undefined || stop()
    headerSize += text.length
    if (headerSize > headerLimit) return stop()
    header.push(text)
    return true
  }

  function entry(text: string): boolean {
    const indent = text.search(/[^ ]/)
    if (indent < 0 || (text[indent] === '#' && indent <= (indentation ?? indent))) {
      current?.push(text)
      return true
    }
    if (indent === 0 && text[0] !== '-') return topLevel(text)
    if (text[indent] === '\t' && indent <= (indentation ?? indent)) return stop()
    indentation ??= indent
    if (indent < indentation) return stop()
    if (indent > indentation || /^-(?:\s|$)/.test(text.slice(indent))) {
      current?.push(text)
      return names.size > 0 || stop()
    }
    return startChart(text, indent)
  }

  function startChart(text: string, indent: number): boolean {
    const match = chartKey.exec(text.slice(indent))
    const name = match?.[1] ?? match?.[2] ?? match?.[3]
    if (name === undefined || indent === 0) return stop()
    if (names.has(name)) repeated.add(name)
    names.add(name)
    current = wanted.has(name) ? [text] : undefined
    if (current !== undefined) segments.set(name, current)
    return true
  }

  return {
    header,
    names,
    repeated,
    segments,
    get exotic() {
      return exotic
    },
    line(text) {
      if (exotic) return false
      if (documentMark.test(text)) {
        if (started) return false
        // what follows the mark on its line would be content
        return text.slice(3).trim() === '' || stop()
      }
      if (text.startsWith('%')) return stop()
      if (text.trim() !== '' && !text.startsWith('#')) started = true
      return inEntries ? entry(text) : topLevel(text)
    },
  }
}
