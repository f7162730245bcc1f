import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { readCodes, type Codes } from './codes.ts'
import { catalogueProblems, errorsPage } from './errors-page.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function read(files: Readonly<Record<string, string>>): Codes {
  const root = mkdtempSync(join(tmpdir(), 'codes-'))
  folders.push(root)
  mkdirSync(join(root, 'packages', 'a', 'src'), { recursive: true })
  const shared = `export class RopewayError { constructor(readonly details: object) {} }\n`
  writeFileSync(join(root, 'packages', 'a', 'src', 'core.ts'), shared)
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(root, 'packages', 'a', 'src', name), `import { RopewayError } from './core.js'\n${text}`)
  }
  return readCodes(root, [{ name: '@x/a', folder: 'packages/a' }])
}

const good = `
/** It is gone. Bring it back. */
export function gone(role: 'source' | 'sink') {
  return new RopewayError({ code: role === 'source' ? 'SOURCE_GONE' : 'SINK_GONE', side: role, message: '' })
}
`

describe('the catalogue of errors', () => {
  it('reads the codes of both roles with their sides and what they mean', () => {
    const { uses } = read({ 'errors.ts': good })
    expect(uses).toMatchObject([
      { code: 'SOURCE_GONE', sides: ['source'], text: 'It is gone. Bring it back.', room: '@x/a' },
      { code: 'SINK_GONE', sides: ['sink'], place: 'packages/a/src/errors.ts:5' },
    ])
  })
  it('finds a side that comes from elsewhere', () => {
    const text = `
      function place(role: 'source' | 'sink') { return { side: role } }
      /** Broken. */
      export function broken(role: 'source' | 'sink') { return new RopewayError({ code: 'IT_BROKE', ...place(role) }) }`
    expect(read({ 'errors.ts': text }).uses).toMatchObject([{ code: 'IT_BROKE', sides: ['sink', 'source'] }])
  })
  it('tells warnings and findings from errors', () => {
    const text = `
      /** Old. */
      export const old = (about: string) => ({ code: 'IT_IS_OLD', message: about })
      /** Taken. */
      export function taken() { return { severity: 'error' as const, code: 'NAME_TAKEN', message: '' } }`
    const { uses } = read({ 'errors.ts': text })
    expect(uses.map(({ kind, sides }) => [kind, sides])).toEqual([
      ['warning', []],
      ['error', ['transform']],
    ])
  })
  it('passes over codes that are handed on', () => {
    const text = `export function placed(error: { code: string }) { return new RopewayError({ code: error.code }) }
      export function again({ code }: { code: string }) { return new RopewayError({ code }) }`
    expect(read({ 'errors.ts': text })).toMatchObject({ uses: [], problems: [] })
  })
  it('gives each code one heading', () => {
    const page = errorsPage(read({ 'errors.ts': good }).uses)
    expect(page.match(/^## .*/gm)).toEqual(['## SINK_GONE', '## SOURCE_GONE'])
    expect(page).toContain('Side: source. Exit code 3. Said by `@x/a`.')
  })
})

describe('the check of the catalogue', () => {
  const problemsOf = (text: string, file = 'errors.ts') => catalogueProblems(read({ [file]: text })).join('\n')
  const factory = (code: string) =>
    `/** ${code}. */\nexport function f${code}() { return new RopewayError({ code: '${code}', side: 'chain', message: '' }) }\n`

  it('has nothing to say about a sorted one', () => {
    expect(problemsOf(factory('AAAA_A') + factory('BBBB_B'))).toBe('')
  })
  it('refuses disorder and doubles', () => {
    expect(problemsOf(factory('BBBB_B') + factory('AAAA_A'))).toContain('AAAA_A stands after BBBB_B')
    expect(problemsOf(factory('AAAA_A') + factory('AAAA_A').replace('fA', 'gA'))).toContain('two factories make AAAA_A')
  })
  it('refuses a code without a text, outside of errors.ts, or put together', () => {
    expect(problemsOf(factory('AAAA_A').replace(/\/\*\*.*\*\//, ''))).toContain('write a JSDoc')
    expect(problemsOf(factory('AAAA_A'), 'other.ts')).toContain('not made in errors.ts')
    expect(problemsOf('export function f(c: string) { return new RopewayError({ code: `X_${c}` }) }')).toContain(
      'literal',
    )
  })
})
