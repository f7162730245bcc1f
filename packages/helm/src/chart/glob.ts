type Token = '*' | ((character: string) => boolean)

/**
 * A glob of Go's `filepath.Match`: `*` and `?` stop at slashes, `[a-z]` and `[^a]` are classes, a backslash escapes.
 * `undefined` for a broken one.
 */
export function parseGlob(glob: string): ((path: string) => boolean) | undefined {
  const tokens: Token[] = []
  const characters = [...glob]
  let position = 0
  while (position < characters.length) {
    const character = characters[position] ?? ''
    const parsed =
      character === '['
        ? parseClass(characters, position + 1)
        : character === '*' || character === '?'
          ? { token: character === '*' ? ('*' as const) : notSlash, end: position + 1 }
          : parseLiteral(characters, position)
    if (parsed === undefined) return undefined
    tokens.push(parsed.token)
    position = parsed.end
  }
  return (path) => matchesTokens([...path], tokens)
}

interface Parsed {
  readonly token: Token
  readonly end: number
}

function notSlash(character: string): boolean {
  return character !== '/'
}

function parseLiteral(characters: readonly string[], start: number): Parsed | undefined {
  const position = characters[start] === '\\' ? start + 1 : start
  const literal = characters[position]
  if (literal === undefined) return undefined
  return { token: (character) => character === literal, end: position + 1 }
}

function parseClass(characters: readonly string[], start: number): Parsed | undefined {
  const negated = characters[start] === '^'
  const ranges: { readonly low: number; readonly high: number }[] = []
  let position = negated ? start + 1 : start
  while (characters[position] !== ']' || ranges.length === 0) {
    const low = classCharacter(characters, position)
    if (low === undefined) return undefined
    const high = characters[low.end] === '-' ? classCharacter(characters, low.end + 1) : low
    if (high === undefined) return undefined
    ranges.push({ low: low.code, high: high.code })
    position = high.end
  }
  const token = (character: string): boolean => {
    const code = character.codePointAt(0) ?? 0
    return ranges.some(({ low, high }) => low <= code && code <= high) !== negated
  }
  return { token, end: position + 1 }
}

function classCharacter(characters: readonly string[], start: number): { code: number; end: number } | undefined {
  const first = characters[start]
  if (first === '-' || first === ']') return undefined
  const position = first === '\\' ? start + 1 : start
  const code = characters[position]?.codePointAt(0)
  return code === undefined ? undefined : { code, end: position + 1 }
}

/** As Go does, only the last star is tried again. */
function matchesTokens(path: readonly string[], tokens: readonly Token[]): boolean {
  let at = 0
  let next = 0
  let star: { token: number; at: number } | undefined
  while (at < path.length || next < tokens.length) {
    const token = tokens[next]
    if (token === '*') {
      star = { token: next, at }
      next += 1
    } else if (token !== undefined && at < path.length && token(path[at] ?? '')) {
      at += 1
      next += 1
    } else if (star !== undefined && star.at < path.length && path[star.at] !== '/') {
      star = { token: star.token, at: star.at + 1 }
      at = star.at
      next = star.token + 1
    } else {
      return false
    }
  }
  return true
}
