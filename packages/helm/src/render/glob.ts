import { RE2JS } from 're2js'

/** Reads a pattern of `.Files.Glob`: `*` stops at `/`, `**` does not; `undefined` for what is no pattern. */
export function parseFilesGlob(pattern: string): ((path: string) => boolean) | undefined {
  if (plainPattern.test(pattern)) return plainGlob(pattern)
  const state: State = { at: 0 }
  const source = pattern.includes('\ufffd') ? undefined : sequence(pattern, state, false)
  if (source === undefined) return undefined
  const compiled = RE2JS.compile(`^(?:${source})$`, RE2JS.DOTALL)
  return (path) => compiled.matcher(path).find()
}

/** What most patterns are. Few stars, since an expression of JavaScript tries all ways to part a path between them. */
const plainPattern = /^[\w./-]*(?:\*{1,2}[\w./-]+){0,2}(?:\*{1,2})?$/

function plainGlob(pattern: string): (path: string) => boolean {
  const source = pattern.replace(/\*\*|\*|[./-]/g, (part) => {
    if (part === '**') return '.*'
    return part === '*' ? '[^/]*' : `\\${part}`
  })
  const expression = new RegExp(`^(?:${source})$`, 's')
  return (path) => expression.test(path)
}

interface State {
  at: number
}

/** What ends too early is complete: braces are closed at the end, and a backslash there stands for nothing. */
function sequence(pattern: string, state: State, inBraces: boolean): string | undefined {
  let out = ''
  while (state.at < pattern.length) {
    const char = nextChar(pattern, state)
    if (inBraces && (char === ',' || char === '}')) {
      state.at -= 1
      return out
    }
    const part = char === '[' ? characterClass(pattern, state) : partOf(char, pattern, state)
    if (part === undefined) return undefined
    out += part
  }
  return out
}

function nextChar(pattern: string, state: State): string {
  const char = String.fromCodePoint(pattern.codePointAt(state.at) ?? 0)
  state.at += char.length
  return char
}

function partOf(char: string, pattern: string, state: State): string | undefined {
  if (char === '?') return '[^/]'
  if (char === '{') return alternatives(pattern, state)
  if (char === '\\') return state.at < pattern.length ? RE2JS.quote(nextChar(pattern, state)) : ''
  if (char !== '*') return RE2JS.quote(char)
  if (pattern.charAt(state.at) !== '*') return '[^/]*'
  state.at += 1
  return '.*'
}

function alternatives(pattern: string, state: State): string | undefined {
  const parts: string[] = []
  for (;;) {
    const part = sequence(pattern, state, true)
    if (part === undefined) return undefined
    parts.push(part)
    const stop = pattern.charAt(state.at)
    state.at += 1
    if (stop !== ',') return `(?:${parts.join('|')})`
  }
}

/** One range, or one list of characters in which a backslash escapes. */
function characterClass(pattern: string, state: State): string | undefined {
  const negated = pattern.charAt(state.at) === '!'
  if (negated) state.at += 1
  const rest = pattern.slice(state.at)
  const range = /^(.)-(.)\]/su.exec(rest)
  const list = /^(?!.-)((?:[^\]\\]|\\.)+)\]/su.exec(rest)
  const [found = '', first = '', last = ''] = range ?? list ?? []
  if (found === '' || (range !== null && first > last)) return undefined
  state.at += found.length
  const text =
    range === null
      ? [...first.replace(/\\(.)/gsu, '$1')].map(classChar).join('')
      : `${classChar(first)}-${classChar(last)}`
  return `[${negated ? '^' : ''}${text}]`
}

function classChar(char: string): string {
  return /[\\\]^[-]/.test(char) ? `\\${char}` : char
}
