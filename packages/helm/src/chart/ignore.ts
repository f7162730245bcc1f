import { trimSpace } from '../functions/strings.js'
import { matchGlob } from './glob.js'

/** Decides which paths of a chart's folder stay out of its archive; `path` is relative, `/` separated. */
export type IgnoreTest = (path: string, isFolder: boolean) => boolean

interface Rule {
  readonly negated: boolean
  readonly foldersOnly: boolean
  readonly matches: (path: string) => boolean
}

/** Helm adds this to every chart's own rules. */
const standing = 'templates/.?*'

/**
 * Reads a `.helmignore` as Helm does. It is not git's format: a pattern with a slash is compared with the whole path, one
 * without with the last part only, and a negated rule ignores whatever it does not match. `fail` makes the error for a
 * rule that Helm refuses (`**`, a broken pattern), with Helm's message.
 */
export function parseIgnore(text: string, fail: (line: number, problem: string) => Error): IgnoreTest {
  const rules: Rule[] = []
  for (const [index, line] of [...text.replace(/^\uFEFF/, '').split('\n'), standing].entries()) {
    const rule = trimSpace(line)
    if (rule === '' || rule.startsWith('#')) continue
    if (rule.includes('**')) throw fail(index + 1, 'double-star (**) syntax is not supported')
    if (matchGlob(rule, 'abc') === undefined) throw fail(index + 1, 'syntax error in pattern')
    rules.push(parseRule(rule))
  }
  return (path, isFolder) => rules.some((rule) => ignores(rule, path, isFolder))
}

function ignores(rule: Rule, path: string, isFolder: boolean): boolean {
  if (rule.negated) return (rule.foldersOnly && !isFolder) || !rule.matches(path)
  return (!rule.foldersOnly || isFolder) && rule.matches(path)
}

/** A pattern that proves to be broken only where it is compared matches nothing. */
function parseRule(text: string): Rule {
  const negated = text.startsWith('!')
  const body = negated ? text.slice(1) : text
  const foldersOnly = body.endsWith('/')
  const pattern = foldersOnly ? body.slice(0, -1) : body
  const glob = pattern.replace(/^\//, '')
  const whole = pattern.includes('/')
  return {
    negated,
    foldersOnly,
    matches: (path) => matchGlob(glob, whole ? path : path.slice(path.lastIndexOf('/') + 1)) === true,
  }
}
