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

/** A token as Go's messages show it; its text is what is wrong when it is an `error`. */
export function showToken(type: TokenType, text: string): string {
  if (type === 'EOF') return 'EOF'
  if (type === 'error') return text
  if (isKeyword(type) || type === 'dot') return `<${text}>`
  return text.length > 10 ? `${quote([...text].slice(0, 10).join(''))}...` : quote(text)
}

export interface Delimiters {
  readonly left: string
  readonly right: string
}
