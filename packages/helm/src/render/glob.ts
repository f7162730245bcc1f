import { RE2JS } from 're2js'

/** Reads a pattern of `.Files.Glob`: `*` stops at `/`, `**` does not; `undefined` for what is no pattern. */
export function parseFilesGlob(pattern: string): ((path: string) => boolean) | undefined {
  if (plainPattern.test(pattern)) return plainGlob(pattern)
  const state = { at: 0 }
  const source = sequence(pattern, state, false)
  if (source === undefined || state.at < pattern.length) return undefined
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

const nothing = '[^\\x00-\\x{10FFFF}]'

function sequence(pattern: string, state: { at: number }, inBraces: boolean): string | undefined {
  let out = ''
  while (state.at < pattern.length) {
    const char = String.fromCodePoint(pattern.codePointAt(state.at) ?? 0)
    if (inBraces && (char === ',' || char === '}')) return out
    state.at += char.length
    if (char === '*') {
      const deep = pattern.charAt(state.at) === '*'
      if (deep) state.at += 1
      out += deep ? '.*' : '[^/]*'
    } else if (char === '?') out += '[^/]'
    else if (char === '[') {
      const part = characterClass(pattern, state)
      if (part === undefined) return undefined
      out += part
    } else if (char === '{') {
      const part = alternatives(pattern, state)
      if (part === undefined) return undefined
      out += part
    } else if (char === '\\') {
      const next = pattern.codePointAt(state.at)
      if (next === undefined) return undefined
      state.at += String.fromCodePoint(next).length
      out += RE2JS.quote(String.fromCodePoint(next))
    } else out += RE2JS.quote(char)
  }
  return inBraces ? undefined : out
}

function alternatives(pattern: string, state: { at: number }): string | undefined {
  const parts: string[] = []
  for (;;) {
    const part = sequence(pattern, state, true)
    if (part === undefined) return undefined
    // an empty alternative matches nothing
    parts.push(part === '' ? nothing : part)
    const stop = pattern.charAt(state.at)
    state.at += 1
    if (stop === '}') return `(?:${parts.join('|')})`
  }
}

function characterClass(pattern: string, state: { at: number }): string | undefined {
  const end = pattern.indexOf(']', state.at + 1)
  if (end < 0) return undefined
  const body = pattern.slice(state.at, end)
  state.at = end + 1
  const negated = body.startsWith('!')
  const inner = negated ? body.slice(1) : body
  if (inner === '') return undefined
  const range = /^(.)-(.)$/su.exec(inner)
  const text =
    range === null ? [...inner].map(classChar).join('') : `${classChar(range[1] ?? '')}-${classChar(range[2] ?? '')}`
  return `[${negated ? '^' : ''}${text}]`
}

function classChar(char: string): string {
  return /[\\\]^[-]/.test(char) ? `\\${char}` : char
}
