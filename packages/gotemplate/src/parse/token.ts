import { quote } from '../format/quote.js'

export type TokenType =
  | 'error'
  | 'bool'
  | 'char'
  | 'charConstant'
  | 'complex'
  | 'assign'
  | 'declare'
  | 'EOF'
  | 'field'
  | 'identifier'
  | 'leftDelim'
  | 'leftParen'
  | 'number'
  | 'pipe'
  | 'rawString'
  | 'rightDelim'
  | 'rightParen'
  | 'space'
  | 'string'
  | 'text'
  | 'variable'
  | 'dot'
  | Keyword

type Keyword = 'block' | 'break' | 'continue' | 'define' | 'else' | 'end' | 'if' | 'nil' | 'range' | 'template' | 'with'

const keywords: ReadonlySet<string> = new Set<Keyword>([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'nil',
  'range',
  'template',
  'with',
])

export function isKeyword(word: string): word is Keyword {
  return word.length <= 8 && keywords.has(word)
}

export interface Token {
  readonly type: TokenType
  /** UTF-16 index of the start. */
  readonly at: number
  readonly text: string
  /** Line of the start, from 1. */
  readonly line: number
}

/** A token as Go's messages show it. */
export function showToken({ type, text }: Token): string {
  if (type === 'EOF') return 'EOF'
  if (type === 'error') return text
  if (isKeyword(type) || type === 'dot') return `<${text}>`
  return text.length > 10 ? `${quote([...text].slice(0, 10).join(''))}...` : quote(text)
}

export interface Delimiters {
  readonly left: string
  readonly right: string
}
