/**
 * Whether a path matches a glob of Go's `filepath.Match`: `*` and `?` stop at slashes, `[a-z]` and `[^a]` are classes, a backslash escapes.
 * `undefined` for a broken glob, as far as it is looked at: Go does not read on behind what does not match.
 */
export function matchGlob(glob: string, path: string): boolean | undefined {
  let left: readonly string[] = [...glob]
  let name: readonly string[] = [...path]
  while (left.length > 0) {
    const { star, chunk, rest } = scanChunk(left)
    left = rest
    if (star && chunk.length === 0) return !name.includes('/')
    const found = matchBehind(chunk, name, star, rest.length === 0)
    if (typeof found !== 'object') return found
    name = found
  }
  return name.length === 0
}

interface Chunk {
  readonly star: boolean
  /** What stands before the next star. */
  readonly chunk: readonly string[]
  readonly rest: readonly string[]
}

function scanChunk(glob: readonly string[]): Chunk {
  let start = 0
  while (glob[start] === '*') start += 1
  let end = start
  for (let inClass = false; end < glob.length; end++) {
    const character = glob[end]
    if (character === '*' && !inClass) break
    if (character === '\\' && end + 1 < glob.length) end += 1
    else if (character === '[') inClass = true
    else if (character === ']') inClass = false
  }
  return { star: start > 0, chunk: glob.slice(start, end), rest: glob.slice(end) }
}

/** What is left of the name behind the chunk, which stands anywhere behind a star; the last one has to reach the end. */
function matchBehind(
  chunk: readonly string[],
  name: readonly string[],
  star: boolean,
  last: boolean,
): readonly string[] | false | undefined {
  for (let skipped = 0; skipped <= name.length; skipped++) {
    const found = matchChunk(chunk, name.slice(skipped))
    if (found === undefined) return undefined
    if (found !== false && (!last || found.length === 0)) return found
    if (!star || name[skipped] === '/') return false
  }
  return false
}

/** What is left of the name. A chunk is read to its end also when it does not match. */
function matchChunk(chunk: readonly string[], name: readonly string[]): readonly string[] | false | undefined {
  let at = 0
  let failed = false
  for (let next = 0; next < chunk.length; at++) {
    const character = name[at]
    failed ||= character === undefined
    const part = readPart(chunk, next)
    if (part === undefined) return undefined
    failed ||= !part.accepts(character ?? '')
    next = part.end
  }
  return failed ? false : name.slice(at)
}

interface Part {
  readonly accepts: (character: string) => boolean
  readonly end: number
}

function readPart(chunk: readonly string[], start: number): Part | undefined {
  if (chunk[start] === '[') return readClass(chunk, start + 1)
  if (chunk[start] === '?') return { accepts: (character) => character !== '/', end: start + 1 }
  const position = chunk[start] === '\\' ? start + 1 : start
  const literal = chunk[position]
  return literal === undefined ? undefined : { accepts: (character) => character === literal, end: position + 1 }
}

function readClass(chunk: readonly string[], start: number): Part | undefined {
  const negated = chunk[start] === '^'
  const ranges: { readonly low: number; readonly high: number }[] = []
  let position = negated ? start + 1 : start
  while (chunk[position] !== ']' || ranges.length === 0) {
    const low = classCharacter(chunk, position)
    if (low === undefined) return undefined
    const high = chunk[low.end] === '-' ? classCharacter(chunk, low.end + 1) : low
    if (high === undefined) return undefined
    ranges.push({ low: low.code, high: high.code })
    position = high.end
  }
  const accepts = (character: string): boolean => {
    const code = character.codePointAt(0) ?? 0
    return ranges.some(({ low, high }) => low <= code && code <= high) !== negated
  }
  return { accepts, end: position + 1 }
}

/** A character of a class, behind which something has to follow. */
function classCharacter(chunk: readonly string[], start: number): { code: number; end: number } | undefined {
  const first = chunk[start]
  if (first === '-' || first === ']') return undefined
  const position = first === '\\' ? start + 1 : start
  const code = chunk[position]?.codePointAt(0)
  return code === undefined || position + 1 === chunk.length ? undefined : { code, end: position + 1 }
}
