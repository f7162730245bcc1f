import { messageOf } from '@ropeway/core'
import { parseReference } from '@ropeway/oci'

/** Why the text of an image field names no image. */
export type NoImage = 'empty' | 'placeholder' | 'variable' | 'template' | 'not-text' | 'invalid'

const reasons: Readonly<Record<Exclude<NoImage, 'invalid'>, string>> = {
  empty: 'it is empty: something fills it in later',
  placeholder: 'it is a placeholder: something fills it in later',
  variable: 'it holds a variable',
  template: 'it holds a template expression',
  'not-text': 'it is no text',
}

/** Whether the value of an image field is a reference; if not, why, as a word and in words. */
export function imageText(
  value: unknown,
): { readonly reference: string } | { readonly kind: NoImage; readonly reason: string } {
  if (value === null || value === undefined || value === '') return noImage('empty')
  if (typeof value !== 'string') return noImage('not-text')
  if (value.trim() === '') return noImage('empty')
  if (value.includes('{{') || value.includes('}}')) return noImage('template')
  if (value.includes('$')) return noImage('variable')
  if (value === 'auto' || /[<>]/.test(value)) return noImage('placeholder')
  try {
    parseReference(value)
    return { reference: value }
  } catch (error) {
    return { kind: 'invalid', reason: messageOf(error) }
  }
}

function noImage(kind: Exclude<NoImage, 'invalid'>): { readonly kind: NoImage; readonly reason: string } {
  return { kind, reason: reasons[kind] }
}
