import { toBytes, escapedByte } from './bytes.js'
import { actionText, sprint } from './format/print.js'
import { isPrint } from './format/quote.js'
import { GoObject, type Value } from './value.js'

/** The operands of an escaping function as one text. */
function joinedText(args: readonly Value[]): string {
  const [only] = args
  if (args.length === 1 && typeof only === 'string') return only
  return sprint(args.map(printable))
}

/** What an action would print: nothing is `<no value>`, and of a pointer it is what it points to. */
function printable(arg: Value): Value {
  if (arg === null) return '<no value>'
  return arg instanceof GoObject && arg.type.kind === 'ptr' ? actionText(arg) : arg
}

const htmlEscapes: Readonly<Record<string, string>> = {
  '\0': '\ufffd',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
}

/** Go's `html`: the text with the five characters of HTML escaped. */
export function html(args: readonly Value[]): string {
  return joinedText(args).replace(/[\0"'&<>]/g, (char) => htmlEscapes[char] ?? char)
}

function escapeJs(char: string): string {
  if (char === '\\' || char === "'" || char === '"') return `\\${char}`
  const rune = char.codePointAt(0) ?? 0
  if (rune > 0x7f && (isPrint(rune) || escapedByte(rune) !== undefined)) return char
  return `\\u${rune.toString(16).toUpperCase().padStart(4, '0')}`
}

/** Go's `js`: the text as it can stand in a JavaScript string. */
export function js(args: readonly Value[]): string {
  return joinedText(args).replace(/[\0-\x1f\\'"<>&=]|[^\0-\x7f]/gu, escapeJs)
}

const unreserved = /^[A-Za-z0-9\-_.~]$/

/** Go's `urlquery`: the text as it can stand in the query of a URL; a blank is `+`. */
export function urlquery(args: readonly Value[]): string {
  let text = ''
  for (const byte of toBytes(joinedText(args))) {
    const char = String.fromCharCode(byte)
    if (unreserved.test(char)) text += char
    else text += byte === 0x20 ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return text
}
