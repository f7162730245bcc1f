import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { adapterPageProblems } from './adapter-pages.ts'
import { linkProblems, nameProblems, orphanProblems, pathProblems, readPages } from './checks.ts'
import { fillParts, partsOf, readPage } from './markdown.ts'
import { optionTable } from './options.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function tree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'pages-'))
  folders.push(root)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  return root
}

describe('a page', () => {
  it('has fences, links outside of them, codes and anchors', () => {
    const page = readPage('# One `two`\n[a](b.md#c) `x/y`\n```yaml data\n[no](no.md)\n```\n## One two\n')
    expect(page.fences).toEqual([{ language: 'yaml', info: ['data'], text: '[no](no.md)\n', line: 3 }])
    expect(page.links).toEqual([{ target: 'b.md#c', line: 2 }])
    expect(page.codes.map(({ target }) => target)).toContain('x/y')
    expect([...page.anchors]).toEqual(['one-two', 'one-two-1'])
  })
  it('is filled between its marks', () => {
    const text = 'a\n<!-- generated: x y -->\nold\n<!-- /generated -->\nb'
    expect(partsOf(text)).toEqual(['x y'])
    const filled = fillParts(text, (name) => `new ${name}`)
    expect(filled).toBe('a\n<!-- generated: x y -->\n\nnew x y\n\n<!-- /generated -->\nb')
    expect(fillParts(filled, (name) => `new ${name}`)).toBe(filled)
  })
})

describe('the checks of pages', () => {
  it('find dead links, dead headings, paths and names that are not', () => {
    const root = tree({
      'README.md': '[a](docs/a.md) [b](docs/b.md) [c](docs/a.md#none) [d](docs/a.md#head) [e](https://x.example)',
      'docs/a.md': '# Head\n`packages/a` `packages/none/x.ts` `KNOWN_CODE` `OTHER_CODE` `packages/a/dist/x.js`',
      'docs/lonely.md': '',
      'packages/a/src/errors.ts': "'KNOWN_CODE'",
    })
    const pages = readPages(root)
    expect(linkProblems(root, pages)).toEqual([
      'README.md:1: docs/b.md leads nowhere',
      'README.md:1: docs/a.md has no heading #none',
    ])
    expect(pathProblems(root, pages)).toEqual(['docs/a.md:2: there is no packages/none/x.ts'])
    expect(nameProblems(root, pages)).toEqual(['docs/a.md:2: nothing in the sources is called OTHER_CODE'])
    expect(orphanProblems(pages)).toEqual(['docs/lonely.md: no page links to it'])
  })
})

describe('the page of an adapter', () => {
  it('is there and names every option', () => {
    const root = tree({ 'plugins/a/README.md': 'The source `a`: `path`' })
    const adapter = { kind: 'source', name: 'a', options: ['path', 'other'], folder: 'plugins/a' }
    expect(adapterPageProblems(root, [adapter, { ...adapter, folder: 'plugins/b' }])).toEqual([
      'plugins/a/README.md: option other of source a is not described',
      'plugins/b/README.md: is missing, and source a has no page',
    ])
  })
})

describe('a table of options', () => {
  it('shows nested options, lists and defaults', () => {
    const item = {
      anyOf: [
        { type: 'string' },
        { type: 'object', properties: { path: { type: 'string', description: 'where' } }, required: ['path'] },
      ],
    }
    const table = optionTable({
      type: 'object',
      properties: {
        files: { description: 'what', anyOf: [item, { type: 'array', items: item }] },
        mode: { type: 'string', enum: ['a', 'b'], default: 'a', description: 'x | y' },
      },
    })
    expect(table.split('\n').slice(2)).toEqual([
      '| `files` | string or { `path` }, or a list of these |  | what |',
      '| `files[].path` | string | needed | where |',
      '| `mode` | `a`, `b` | `"a"` | x \\| y |',
    ])
  })
  it('says so when there are none', () => {
    expect(optionTable({ type: 'object', properties: {} })).toBe('No options.')
  })
})
