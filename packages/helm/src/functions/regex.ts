import { RE2JS } from 're2js'
import {
  FunctionError,
  func,
  makeStrings,
  nilSlice,
  stringsType,
  type GoFunction,
  type Value,
} from '@ropeway/gotemplate'

const known = new Map<string, RE2JS>()
const knownLimit = 500

/** Compiles a pattern of RE2; what it refuses throws Go's message. */
export function compilePattern(pattern: string): RE2JS {
  const found = known.get(pattern)
  if (found !== undefined) return found
  let made: RE2JS
  try {
    made = RE2JS.compile(pattern)
  } catch (error) {
    throw new FunctionError(error instanceof Error ? error.message : String(error), { cause: error })
  }
  if (known.size >= knownLimit) known.clear()
  known.set(pattern, made)
  return made
}

/** What functions without `must` say: they panic. */
function mustCompile(pattern: string): RE2JS {
  try {
    return compilePattern(pattern)
  } catch (error) {
    throw new FunctionError(
      `regexp: Compile(${goQuoted(pattern)}): ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    )
  }
}

function goQuoted(text: string): string {
  return text.includes('`') ? JSON.stringify(text) : `\`${text}\``
}

interface Match {
  readonly start: number
  readonly end: number
  readonly groups: readonly (string | null)[]
}

function matcherOf(re: RE2JS, text: string): (from: number) => Match | undefined {
  const matcher = re.matcher(text)
  return (from) => {
    if (!matcher.find(from)) return undefined
    const groups: (string | null)[] = []
    for (let at = 0; at <= matcher.groupCount(); at++) groups.push(matcher.group(at) ?? null)
    return { start: matcher.start(), end: matcher.end(), groups }
  }
}

function widthAt(text: string, at: number): number {
  const code = text.codePointAt(at)
  return code === undefined ? 0 : code > 0xffff ? 2 : 1
}

/** All matches in Go's way: an empty one right behind another is left out. */
function allMatches(re: RE2JS, text: string, count: number): Match[] {
  const find = matcherOf(re, text)
  const matches: Match[] = []
  let at = 0
  let previousEnd = -1
  while ((count < 0 || matches.length < count) && at <= text.length) {
    const match = find(at)
    if (match === undefined) break
    const empty = match.end === at
    if (!(empty && match.start === previousEnd)) matches.push(match)
    at = empty ? at + Math.max(widthAt(text, at), 1) : match.end
    previousEnd = match.end
  }
  return matches
}

function replaceAll(re: RE2JS, text: string, replacement: (match: Match) => string): string {
  const find = matcherOf(re, text)
  let out = ''
  let lastEnd = 0
  let at = 0
  while (at <= text.length) {
    const match = find(at)
    if (match === undefined) break
    out += text.slice(lastEnd, match.start)
    if (match.end > lastEnd || match.start === 0) out += replacement(match)
    lastEnd = match.end
    at = Math.max(
      at + Math.max(widthAt(text, at), 1) > match.end ? at + Math.max(widthAt(text, at), 1) : match.end,
      at + 1,
    )
  }
  return out + text.slice(lastEnd)
}

const reference = /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu

/** Fills `$1`, `${name}` and `$$` into a replacement text. */
function expand(template: string, match: Match, names: Readonly<Record<string, number>>): string {
  return template.replaceAll(reference, (whole, braced: string | undefined, bare: string | undefined) => {
    const name = braced ?? bare
    if (name === undefined) return whole === '$$' ? '$' : whole
    const index = /^\d+$/.test(name) ? Number(name) : names[name]
    return index === undefined ? '' : (match.groups[index] ?? '')
  })
}

function split(re: RE2JS, pattern: string, text: string, count: number): Value {
  if (count === 0) return nilSlice(stringsType)
  if (pattern !== '' && text === '') return makeStrings([''])
  const parts: string[] = []
  let start = 0
  let end = 0
  for (const match of allMatches(re, text, count)) {
    if (count > 0 && parts.length === count - 1) break
    end = match.start
    if (match.end !== 0) parts.push(text.slice(start, end))
    start = match.end
  }
  if (end !== text.length) parts.push(text.slice(start))
  return makeStrings(parts)
}

type Compile = (pattern: string) => RE2JS

function findAll(re: RE2JS, text: string, count: bigint): Value {
  const found = allMatches(re, text, Number(count)).map((match) => match.groups[0] ?? '')
  return found.length === 0 ? nilSlice(stringsType) : makeStrings(found)
}

function find(re: RE2JS, text: string): string {
  return matcherOf(re, text)(0)?.groups[0] ?? ''
}

function replaceWith(compile: Compile, literally: boolean) {
  return (pattern: string, text: string, template: string): string => {
    const re = compile(pattern)
    const names = re.namedGroups() as Readonly<Record<string, number>>
    return replaceAll(re, text, (match) => (literally ? template : expand(template, match, names)))
  }
}

function matches(pattern: string, text: string): boolean {
  try {
    return compilePattern(pattern).matcher(text).find()
  } catch {
    return false
  }
}

const text = { result: 'string' } as const
const texts = { result: '[]string' } as const

/** sprig's functions for regular expressions, of RE2's syntax and speed. */
export const regexFunctions: Readonly<Record<string, GoFunction>> = {
  regexMatch: func('string, string', matches, { result: 'bool' }),
  mustRegexMatch: func('string, string', (pattern, value) => compilePattern(pattern).matcher(value).find(), {
    result: 'bool',
  }),
  regexFind: func('string, string', (pattern, value) => find(mustCompile(pattern), value), text),
  mustRegexFind: func('string, string', (pattern, value) => find(compilePattern(pattern), value), text),
  regexFindAll: func(
    'string, string, int',
    (pattern, value, count) => findAll(mustCompile(pattern), value, count),
    texts,
  ),
  mustRegexFindAll: func(
    'string, string, int',
    (pattern, value, count) => findAll(compilePattern(pattern), value, count),
    texts,
  ),
  regexReplaceAll: func('string, string, string', replaceWith(mustCompile, false), text),
  mustRegexReplaceAll: func('string, string, string', replaceWith(compilePattern, false), text),
  regexReplaceAllLiteral: func('string, string, string', replaceWith(mustCompile, true), text),
  mustRegexReplaceAllLiteral: func('string, string, string', replaceWith(compilePattern, true), text),
  regexSplit: func(
    'string, string, int',
    (pattern, value, count) => split(mustCompile(pattern), pattern, value, Number(count)),
    texts,
  ),
  mustRegexSplit: func(
    'string, string, int',
    (pattern, value, count) => split(compilePattern(pattern), pattern, value, Number(count)),
    texts,
  ),
  regexQuoteMeta: func('string', (value) => value.replaceAll(/[\\.+*?()|[\]{}^$]/g, '\\$&'), text),
}
