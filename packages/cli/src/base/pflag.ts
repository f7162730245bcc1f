import * as errors from '../errors.js'

/** What has to be known of a flag to read it as Go's pflag does. */
interface Known {
  readonly type?: string | undefined
  readonly char?: string | undefined
  readonly multiple?: boolean | undefined
}

const truths = new Set('1 t T true TRUE True'.split(' '))
const falsehoods = new Set('0 f F false FALSE False'.split(' '))

/**
 * Arguments as helm takes them, as oclif does: `-fFILE`, `-f=FILE`, `-gf FILE`, `--flag=false`, values that begin with a dash, and the last of a
 * flag that counts once. What is no known flag stays as it is. Throws `FLAG_INVALID`.
 */
export function helmArguments(
  argv: readonly string[],
  flags: Readonly<Record<string, Known>>,
  command: string,
): string[] {
  const given = new Map<string, string[]>()
  const others: string[] = []
  const byChar = new Map(
    Object.entries(flags).flatMap(([name, { char }]) => (char === undefined ? [] : [[char, name]])),
  )
  const set = (name: string, value: string | undefined, next: () => string | undefined, shown: string): void => {
    const known = flags[name]
    if (known?.type === 'boolean') return void given.set(name, truth(value ?? 'true', shown, command) ? [''] : [])
    const taken = value ?? next()
    if (taken === undefined) throw errors.flagInvalid(command, `${shown} needs a value`)
    given.set(name, known?.multiple === true ? [...(given.get(name) ?? []), taken] : [taken])
  }
  const left = [...argv]
  const next = (): string | undefined => left.shift()
  for (let arg = next(); arg !== undefined; arg = next()) {
    if (arg === '--') {
      others.push('--', ...left)
      break
    }
    const long = /^--([^=]+)(?:=(.*))?$/s.exec(arg)
    const name = long?.[1] ?? ''
    if (flags[name] !== undefined) set(name, long?.[2], next, `--${name}`)
    else if (!/^-[^-]/.test(arg) || !shorts(arg, byChar, flags, (found, value) => set(found, value, next, `-${arg}`))) {
      others.push(arg)
    }
  }
  const written = [...given].flatMap(([name, values]) =>
    values.flatMap((value) => (flags[name]?.type === 'boolean' ? [`--${name}`] : [`--${name}=${value}`])),
  )
  return [...written, ...others]
}

/** Reads `-gf FILE`; false when a letter is none of the flags. */
function shorts(
  arg: string,
  byChar: ReadonlyMap<string | undefined, string | undefined>,
  flags: Readonly<Record<string, Known>>,
  set: (name: string, value: string | undefined) => void,
): boolean {
  const found: [string, string | undefined][] = []
  for (let rest = arg.slice(1); rest !== ''; rest = rest.slice(1)) {
    const name = byChar.get(rest.charAt(0))
    if (name === undefined) return false
    const value = rest.slice(1)
    if (flags[name]?.type === 'boolean' && !value.startsWith('=')) found.push([name, undefined])
    else {
      found.push([name, value === '' ? undefined : value.replace(/^=/, '')])
      break
    }
  }
  for (const [name, value] of found) set(name, value)
  return true
}

function truth(text: string, shown: string, command: string): boolean {
  if (truths.has(text)) return true
  if (falsehoods.has(text)) return false
  throw errors.flagInvalid(command, `${shown} is true or false, not ${JSON.stringify(text)}`)
}

/** A value that is a list in itself, `a,b`, as CSV: what stands in double quotes may hold commas. */
export function commaSeparated(given: readonly string[] | undefined): string[] {
  return (given ?? []).flatMap((text) =>
    text === ''
      ? []
      : [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"(?=,|$)|([^,]*))/g)].map(([, quoted, plain = '']) =>
          quoted === undefined ? plain : quoted.replaceAll('""', '"'),
        ),
  )
}
