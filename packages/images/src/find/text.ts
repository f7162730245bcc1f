import type { Path } from '../path.js'
import { judge } from './judge.js'
import { meaningOf } from './keys.js'
import { recognise } from './recognise.js'
import type { Sink } from './sink.js'

/** Colons may be escaped, as in properties. */
const token = /[A-Za-z0-9](?:[A-Za-z0-9._:/@-]|\\:)*[A-Za-z0-9]/g
/** A name in front of a value, as shells, YAML, JSON, TOML, properties and flags write it. */
const nameBefore = /(?:^|[\s"'`{,;(])((?:--?)?[A-Za-z_][A-Za-z0-9_.-]*)["']?(?:\s*(?:[:=]|=>)\s*|\s+)["'`]?$/
const longestLine = 2000

/**
 * Finds references in a text that is no document, line by line: tokens that read like one, judged by the name in front of
 * them, else by `name`, that of the text.
 */
export function scanText(text: string, name: string, path: Path, place: string, sink: Sink): void {
  if (!/[/:]/.test(text)) return
  const several = text.includes('\n')
  let at = 0
  for (const line of text.split('\n')) {
    if (!(several && isComment(line)) && line.length <= longestLine && /[/:]/.test(line))
      scanLine(line, at, name, path, place, sink)
    at += line.length + 1
  }
}

function scanLine(line: string, offset: number, name: string, path: Path, place: string, sink: Sink): void {
  for (const { 0: written, index } of line.matchAll(token)) {
    if (!/[/:]/.test(written) || isPart(line, index, index + written.length)) continue
    const before = line.slice(Math.max(0, index - 120), index)
    const escaped = written.includes('\\:')
    if (escaped && !isPropertyValue(line, before)) continue
    const keyed = inlineKey(written.replaceAll('\\:', ':'))
    const found = recognise(keyed.value)
    if (found === undefined) continue
    const near = keyed.key ?? nameBefore.exec(before)?.[1]
    const own = near !== undefined && meaningOf(near) !== 'other' ? near : undefined
    const outer = meaningOf(name) === 'other' ? undefined : name
    const judgement = judge(found, own ?? outer ?? near ?? name, true)
    if (judgement === undefined) continue
    const from = keyed.start + found.start
    const [start, end] = [from, from + found.reference.length].map(
      (at) => offset + index + (escaped ? writtenAt(written, at) : at),
    )
    sink.found(path, { place, reference: found.reference, ...judgement, range: [start ?? 0, end ?? 0] })
  }
}

/** Whether a property's value starts here, or goes on from the line above. */
function isPropertyValue(line: string, before: string): boolean {
  return /^\s*$/.test(before) ? !/^\s*\S+\s*=/.test(line) : /[=:]\s*$/.test(before)
}

/** Where something stands in a text with escaped colons, by where it stands without the backslashes. */
function writtenAt(written: string, at: number): number {
  let position = 0
  for (let count = 0; count < at; count++) position += written.startsWith('\\:', position) ? 2 : 1
  return position
}

/** `image:quay.io/a/b:1` without a blank between. */
function inlineKey(text: string): { readonly key?: string; readonly value: string; readonly start: number } {
  const key = /^([A-Za-z_][A-Za-z0-9_.-]*):(?=[a-z0-9.-]+[./:])/.exec(text)
  if (key?.[1] === undefined || meaningOf(key[1]) === 'other') return { value: text, start: 0 }
  return { key: key[1], value: text.slice(key[0].length), start: key[0].length }
}

function isComment(line: string): boolean {
  return /^\s*(?:#|\/\/)/.test(line)
}

/** Cut out of something longer: a variable, a template, a path, a pattern. */
function isPart(line: string, start: number, end: number): boolean {
  return (
    /[$}/%~\\*._@+-]/.test(line[start - 1] ?? '') ||
    /[{$*<(]/.test(line[end] ?? '') ||
    /^[:/@-]+[{$*<]/.test(line.slice(end, end + 4))
  )
}
