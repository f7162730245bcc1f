/** One challenge of a `WWW-Authenticate` header. Scheme and parameter names are in lower case. */
export interface Challenge {
  readonly scheme: string
  readonly parameters: Readonly<Record<string, string>>
}

const token = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y
const assignment = /[ \t]*=[ \t]*/y
const quoted = /"((?:[^"\\]|\\.)*)"/y
const bare = /[^\s,"]+/y
const credentials = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y
const separator = /[\s,]+/y

/**
 * Reads all challenges of a response; several headers are joined by commas. A scheme is told from a parameter by what
 * follows it, because both are separated by commas (RFC 9110, 11.6.1). What cannot be read is passed over.
 */
export function parseChallenges(header: string | undefined): readonly Challenge[] {
  const text = header ?? ''
  const challenges: { readonly scheme: string; readonly parameters: Record<string, string> }[] = []
  let at = 0

  function match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found === null) return undefined
    at = pattern.lastIndex
    return found
  }

  while (at < text.length) {
    match(separator)
    const name = match(token)?.[0].toLowerCase()
    if (name === undefined) {
      at += 1
      continue
    }
    const current = challenges.at(-1)
    if (current !== undefined && match(assignment) !== undefined) {
      const string = match(quoted)?.[1]
      current.parameters[name] = string === undefined ? (match(bare)?.[0] ?? '') : string.replace(/\\(.)/g, '$1')
      continue
    }
    challenges.push({ scheme: name, parameters: {} })
    match(/[ \t]+/y)
    skipCredentials()
  }

  /** `Negotiate YII…==` has one opaque word in place of parameters. */
  function skipCredentials(): void {
    const start = at
    const opaque = match(credentials)?.[0]
    // A word that is followed by a comma may as well be the next scheme; only padding or `/` tells it apart.
    if (opaque !== undefined && !/[=/]/.test(opaque)) at = start
  }

  return challenges
}

/** The first challenge that this client can answer. */
export function chooseChallenge(challenges: readonly Challenge[]): Challenge | undefined {
  return challenges.find(
    ({ scheme, parameters }) => scheme === 'basic' || (scheme === 'bearer' && parameters['realm'] !== undefined),
  )
}
