const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/**
 * Makes text that came from elsewhere (names, answers of servers) safe to print: control characters, which could move the
 * cursor or change what a terminal shows, are written out. Newlines and tabs stay.
 */
export function printable(text: string): string {
  return text.replace(control, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
}

/** As `printable`, on one line. */
export function printableLine(text: string): string {
  return printable(text).replace(/\s*[\n\t]\s*/g, ' ')
}

const secretName = /(PASSWORD|TOKEN|SECRET|_KEY)$/
const word = /^[a-z]{1,11}$/

/**
 * The last line of defence, behind messages that hold no secret in the first place: takes the values of secret environment
 * variables out of whatever is about to be printed, and users, passwords and query strings out of URLs. A value that is a plain
 * word is left, since nobody could read the text without it.
 */
export function createRedactor(env: Readonly<Record<string, string | undefined>>): (text: string) => string {
  const secrets = Object.entries(env)
    .flatMap(([name, value = '']) => (secretName.test(name) && value.length >= 6 && !word.test(value) ? [value] : []))
    .sort((a, b) => b.length - a.length)
  return (text) => {
    let clean = text
      .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, '$1***@')
      .replace(/(\bhttps?:\/\/[^\s?#"']+)\?[^\s"')]*/gi, '$1?***')
    for (const secret of secrets) clean = clean.replaceAll(secret, '***')
    return clean
  }
}
