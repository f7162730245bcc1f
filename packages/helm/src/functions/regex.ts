import { RE2JS } from 're2js'
import {
  FunctionError,
  contextFunc,
  func,
  makeStrings,
  nilSlice,
  outputTooLarge,
  stringsType,
  type CallContext,
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
    throw new FunctionError(patternProblem(error), { cause: error })
  }
  if (known.size >= knownLimit) known.clear()
  known.set(pattern, made)
  return made
}

/** Go names the part that is wrong for every problem, the library not for this one. */
function patternProblem(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.endsWith('trailing backslash at end of expression') ? `${message}: \`\`` : message
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

/** Texts beyond this are not searched: it would take seconds, in which nothing can stop it. */
const longestText = 4 * 1024 * 1024

function matcherOf(re: RE2JS, text: string, { spend }: CallContext): (from: number) => Match | undefined {
  if (text.length > longestText) throw outputTooLarge(longestText)
  const matcher = re.matcher(text)
  return (from) => {
    // a match may take as long as the rest of the text
    spend(1 + ((text.length - from) >> 12))
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
function allMatches(re: RE2JS, text: string, count: number, context: CallContext): Match[] {
  const find = matcherOf(re, text, context)
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

function replaceAll(re: RE2JS, text: string, replacement: (match: Match) => string, context: CallContext): string {
  const find = matcherOf(re, text, context)
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

function split(re: RE2JS, pattern: string, text: string, count: number, context: CallContext): Value {
  if (count === 0) return nilSlice(stringsType)
  if (pattern !== '' && text === '') return makeStrings([''])
  const parts: string[] = []
  let start = 0
  let end = 0
  for (const match of allMatches(re, text, count, context)) {
    if (count > 0 && parts.length === count - 1) break
    end = match.start
    if (match.end !== 0) parts.push(text.slice(start, end))
    start = match.end
  }
  if (end !== text.length) parts.push(text.slice(start))
  return makeStrings(parts)
}

type Compile = (pattern: string) => RE2JS

function findAll(re: RE2JS, text: string, count: bigint, context: CallContext): Value {
  const found = allMatches(re, text, Number(count), context).map((match) => match.groups[0] ?? '')
  return found.length === 0 ? nilSlice(stringsType) : makeStrings(found)
}

function find(re: RE2JS, text: string, context: CallContext): string {
  return matcherOf(re, text, context)(0)?.groups[0] ?? ''
}

function replaceWith(compile: Compile, literally: boolean) {
  return (context: CallContext, pattern: string, text: string, template: string): string => {
    const re = compile(pattern)
    const names = re.namedGroups() as Readonly<Record<string, number>>
    return replaceAll(re, text, (match) => (literally ? template : expand(template, match, names)), context)
  }
}

function matches(compile: Compile, context: CallContext, pattern: string, text: string): boolean {
  return matcherOf(compile(pattern), text, context)(0) !== undefined
}

/** A pattern that is none matches nothing. */
function compileQuietly(pattern: string): RE2JS {
  try {
    return compilePattern(pattern)
  } catch {
    return compilePattern('[^\\x00-\\x{10FFFF}]')
  }
}

const text = { result: 'string' } as const
const texts = { result: '[]string' } as const

/** sprig's functions for regular expressions, of RE2's syntax and speed. */
export const regexFunctions: Readonly<Record<string, GoFunction>> = {
  regexMatch: contextFunc('string, string', (...args) => matches(compileQuietly, ...args), { result: 'bool' }),
  mustRegexMatch: contextFunc('string, string', (...args) => matches(compilePattern, ...args), {
    result: 'bool',
  }),
  regexFind: contextFunc(
    'string, string',
    (context, pattern, value) => find(mustCompile(pattern), value, context),
    text,
  ),
  mustRegexFind: contextFunc(
    'string, string',
    (context, pattern, value) => find(compilePattern(pattern), value, context),
    text,
  ),
  regexFindAll: contextFunc(
    'string, string, int',
    (context, pattern, value, count) => findAll(mustCompile(pattern), value, count, context),
    texts,
  ),
  mustRegexFindAll: contextFunc(
    'string, string, int',
    (context, pattern, value, count) => findAll(compilePattern(pattern), value, count, context),
    texts,
  ),
  regexReplaceAll: contextFunc('string, string, string', replaceWith(mustCompile, false), text),
  mustRegexReplaceAll: contextFunc('string, string, string', replaceWith(compilePattern, false), text),
  regexReplaceAllLiteral: contextFunc('string, string, string', replaceWith(mustCompile, true), text),
  mustRegexReplaceAllLiteral: contextFunc('string, string, string', replaceWith(compilePattern, true), text),
  regexSplit: contextFunc(
    'string, string, int',
    (context, pattern, value, count) => split(mustCompile(pattern), pattern, value, Number(count), context),
    texts,
  ),
  mustRegexSplit: contextFunc(
    'string, string, int',
    (context, pattern, value, count) => split(compilePattern(pattern), pattern, value, Number(count), context),
    texts,
  ),
  regexQuoteMeta: func('string', (value) => value.replaceAll(/[\\.+*?()|[\]{}^$]/g, '\\$&'), text),
}
