/** A reference in a longer text: offsets of its first and behind its last UTF-16 unit. */
export interface Token {
  readonly reference: string
  readonly start: number
  readonly end: number
}

const nameUnit = /[A-Za-z0-9._/@:-]/
const escape = /(?:^|[^\\])\\[nrt]$/

/** Whether a reference starts here: not in the middle of a longer name; behind `docker://` and behind `\n` of JSON it does. */
export function startsAt(text: string, at: number): boolean {
  if (at === 0 || !nameUnit.test(text.charAt(at - 1))) return true
  return text.endsWith('://', at) || escape.test(text.slice(Math.max(0, at - 3), at))
}

/** Whether a reference may end here; a full stop or colon of a sentence does not belong to it. */
export function endsAt(text: string, at: number): boolean {
  const next = text.charAt(at)
  if (next === '' || !nameUnit.test(next)) return true
  return (next === '.' || next === ':') && /^(?:$|[\s"'\\])/.test(text.slice(at + 1, at + 2))
}

/** The references in a text, from left to right; of those that start at one place the longest. */
export function findTokens(text: string, references: readonly string[]): Token[] {
  const found: Token[] = []
  const escapes = text.includes('\\:')
  for (const reference of references) {
    for (const spelling of escapes ? spellings(reference) : [reference]) {
      for (let at = text.indexOf(spelling); at !== -1; at = text.indexOf(spelling, at + 1)) {
        const end = at + spelling.length
        if (startsAt(text, at) && endsAt(text, end)) found.push({ reference, start: at, end })
      }
    }
  }
  return withoutOverlaps(found)
}

/** How a reference may be written: as it is, or as in properties, where colons may be escaped: all, or that of the tag. */
export function spellings(reference: string): readonly string[] {
  return reference.includes(':') ? [...new Set([reference, escapedEnd(reference), escaped(reference)])] : [reference]
}

function escaped(reference: string): string {
  return reference.replaceAll(':', '\\:')
}

function escapedEnd(reference: string): string {
  const { suffix } = cutReference(reference)
  return reference.slice(0, reference.length - suffix.length) + escaped(suffix)
}

/** A reference, its colons escaped where those of another one are. */
export function spelledAs(written: string, reference: string): string {
  if (!written.includes('\\:')) return reference
  return /\\:[^/]*\//.test(written) ? escaped(reference) : escapedEnd(reference)
}

/** The tokens in their order; of those that overlap the first, and of those that start at one place the longest. */
export function withoutOverlaps(tokens: readonly Token[]): Token[] {
  let last = 0
  return tokens
    .toSorted((a, b) => a.start - b.start || b.end - a.end)
    .filter(({ start, end }) => {
      if (start < last) return false
      last = end
      return true
    })
}

/** The text with each token replaced by what stands for its reference. */
export function replaceTokens(text: string, tokens: readonly Token[], to: (reference: string) => string): string {
  let out = ''
  let at = 0
  for (const { reference, start, end } of tokens) {
    out += text.slice(at, start) + spelledAs(text.slice(start, end), to(reference))
    at = end
  }
  return out + text.slice(at)
}

/**
 * Whether a reference is one wherever it stands: it names a registry, a tag or a digest. `nginx` or `app/web` may be the
 * name of anything.
 */
export function isUnmistakable(reference: string): boolean {
  const [first = ''] = reference.split('/', 1)
  const hosted = reference.includes('/') && (/[.:]/.test(first) || first === 'localhost')
  return hosted || /[:@][^/]*$/.test(reference)
}

/** Registry, repository, tag and digest as they are written. */
export interface WrittenParts {
  /** With its slash left out; empty when none is written. */
  readonly registry: string
  readonly repository: string
  /** `:tag`, `@digest`, both or nothing. */
  readonly suffix: string
}

/** Cuts a reference without changing it. */
export function cutReference(reference: string): WrittenParts {
  const [named = ''] = reference.split('@', 1)
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  const name = colon < 0 ? named : named.slice(0, colon)
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const hosted = /[.:]/.test(first) || first === 'localhost'
  return {
    registry: hosted ? first : '',
    repository: hosted ? name.slice(slash + 1) : name,
    suffix: reference.slice(name.length),
  }
}
