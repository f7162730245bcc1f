/**
 * Cuts the text of an index.yaml by entry while it streams. It understands what generators write: block style, top-level
 * keys at the margin, the charts' names below `entries:` at one indentation. Anything else is `exotic` and has to be
 * parsed as a whole; nothing is guessed.
 */
export interface Segmenter {
  /** Takes one line without its end. False when the text is exotic, or when the document has ended. */
  line(text: string): boolean
  readonly exotic: boolean
  /** Takes the text for exotic, whatever it is. */
  giveUp(): void
  /** Everything beside the entries. */
  readonly header: readonly string[]
  /** The names of all charts. */
  readonly names: ReadonlySet<string>
  /** The names that stand there more than once. */
  readonly repeated: ReadonlySet<string>
  /** Hands over the last chart. */
  end(): void
}

/** Characters of everything beside the entries: more is no index. */
const headerLimit = 1024 * 1024
/** Characters of one chart that is wanted: they are held until all of it is there. */
const chartLimit = 32 * 1024 * 1024

const entriesKey = /^(?:entries|"entries"|'entries')\s*:\s*(?:#.*)?$/
const documentMark = /^(?:---|\.\.\.)(?:\s|$)/
/** A chart's name, plain or quoted, and what follows its colon. */
const chartKey = /^(?:"([^"\\]+)"|'([^']+)'|([^\s"'[\]{}&*!|>%@`?,:#-][^\s"'#:]*))\s*:(?:\s|$)/

/** `onChart` gets the lines of each wanted chart, its key first, as soon as they are complete. */
export function createSegmenter(
  wanted: ReadonlySet<string>,
  onChart: (name: string, lines: readonly string[]) => void,
): Segmenter {
  const header: string[] = []
  const names = new Set<string>()
  const repeated = new Set<string>()
  let headerSize = 0
  let inEntries = false
  let indentation: number | undefined
  let current: { readonly name: string; readonly lines: string[]; size: number } | undefined
  let exotic = false
  let started = false

  function stop(): false {
    exotic = true
    current = undefined
    return false
  }

  function add(text: string): boolean {
    if (current === undefined) return true
    current.lines.push(text)
    current.size += text.length
    return current.size <= chartLimit || stop()
  }

  function complete(): void {
    if (current !== undefined) onChart(current.name, current.lines)
    current = undefined
  }

  function topLevel(text: string): boolean {
    complete()
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
      return add(text)
    }
    if (indent === 0 && text[0] !== '-') return topLevel(text)
    if (text[indent] === '\t' && indent <= (indentation ?? indent)) return stop()
    indentation ??= indent
    if (indent < indentation) return stop()
    if (indent > indentation || /^-(?:\s|$)/.test(text.slice(indent))) {
      return names.size > 0 ? add(text) : stop()
    }
    return startChart(text, indent)
  }

  function startChart(text: string, indent: number): boolean {
    const match = chartKey.exec(text.slice(indent))
    const found = match?.[1] ?? match?.[2] ?? match?.[3]
    if (found === undefined || indent === 0) return stop()
    // a part of a string keeps the whole in memory; a copy does not
    const name = Buffer.from(found).toString()
    if (names.has(name)) repeated.add(name)
    names.add(name)
    complete()
    if (wanted.has(name)) current = { name, lines: [text], size: text.length }
    return true
  }

  return {
    header,
    names,
    repeated,
    end: complete,
    giveUp: () => void stop(),
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
