const isConnector = (char: string): boolean => char === '-' || char === '_' || /^[\p{White_Space}]$/u.test(char)
const isUpper = (char: string): boolean => /^\p{Lu}$/u.test(char)
const isPunctuation = (char: string): boolean => /^\p{P}$/u.test(char)
const isNumber = (char: string): boolean => /^\p{N}$/u.test(char)
const isLetter = (char: string): boolean => /^\p{L}$/u.test(char) && !/^[\u4e00-\u9fcc\u3400-\u4db5]$/.test(char)

/** Go's simple mapping of one character: what would become several stays. */
export function upperRune(char: string): string {
  const upper = char.toUpperCase()
  return [...upper].length === 1 ? upper : char
}

/** Go's simple mapping of one character. */
export function lowerRune(char: string): string {
  return [...char.toLowerCase()][0] ?? char
}

/** Pascal case as xstrings makes it. */
export function pascalCase(text: string): string {
  const chars = [...text]
  let out = ''
  let at = 0
  while (at < chars.length && isConnector(chars[at] ?? '')) out += chars[at++] ?? ''
  // nothing but connectors: xstrings writes the last one twice
  if (at === chars.length) return out + (chars.at(-1) ?? '')
  const first = chars[at] ?? ''
  let upperRun = isUpper(first)
  let current = upperRune(first)
  for (const char of chars.slice(at + 1)) {
    const previous = current
    current = char
    if (isConnector(current) && isConnector(previous)) {
      out += previous
      continue
    }
    if (isConnector(previous)) {
      upperRun = isUpper(current)
      current = upperRune(current)
      continue
    }
    if (upperRun) {
      if (isUpper(current)) current = lowerRune(current)
      else upperRun = false
    }
    out += previous
  }
  return out + current
}

type WordType = 'none' | 'number' | 'upper' | 'letters' | 'connector' | 'punctuation' | 'other'

interface Word {
  readonly type: WordType
  readonly text: string
}

function readWord(chars: readonly string[], from: number): Word {
  const first = chars[from]
  if (first === undefined) return { type: 'none', text: '' }
  const run = (test: (char: string) => boolean, start = from + 1): number => {
    let end = start
    while (end < chars.length && test(chars[end] ?? '')) end++
    return end
  }
  const until = (type: WordType, end: number): Word => ({ type, text: chars.slice(from, end).join('') })
  const lower = (char: string): boolean => isLetter(char) && !isUpper(char)
  if (isConnector(first)) return until('connector', run(isConnector))
  if (isPunctuation(first)) return until('punctuation', run(isPunctuation))
  if (isUpper(first)) {
    const second = chars[from + 1]
    if (second !== undefined && isUpper(second)) {
      const end = run(isUpper)
      return until('upper', end < chars.length && isLetter(chars[end] ?? '') ? end - 1 : end)
    }
    return until('upper', second !== undefined && isLetter(second) ? run(lower) : from + 1)
  }
  if (isLetter(first)) return until('letters', run(lower))
  if (isNumber(first)) return until('number', run(isNumber))
  return until(
    'other',
    run((char) => !(isConnector(char) || isLetter(char) || isNumber(char) || isPunctuation(char))),
  )
}

/** Words in lower case with a connector between them, as xstrings parts them. */
export function connectedCase(text: string, connector: string): string {
  const chars = [...text]
  let at = 0
  let out = ''
  const next = (): Word => {
    const word = readWord(chars, at)
    at += [...word.text].length
    return word
  }
  const write = ({ type, text: word }: Word): void => {
    if (type !== 'upper' && type !== 'connector') out += word
    else for (const char of word) out += isConnector(char) ? connector : isUpper(char) ? lowerRune(char) : char
  }
  const joins = ({ type }: Word): boolean => type !== 'connector' && type !== 'punctuation'
  const writeRun = (first: Word): Word => {
    let word = first
    while (word.type === 'letters' || word.type === 'number') {
      write(word)
      word = next()
    }
    if (word.type !== 'none' && joins(word)) out += connector
    return word
  }
  let word = next()
  while (at < chars.length) {
    if (word.type !== 'connector') write(word)
    const previous = word
    word = next()
    if (previous.type === 'number') word = writeRun(word)
    else if (previous.type === 'connector') write(previous)
    else if (previous.type !== 'punctuation') {
      if (word.type !== 'number') {
        if (joins(word)) out += connector
      } else if (at < chars.length) {
        const digits = word
        word = next()
        if (word.type === 'letters') {
          out += connector
          write(digits)
          word = writeRun(word)
        } else {
          write(digits)
          if (joins(word)) out += connector
        }
      }
    }
  }
  write(word)
  return out
}
