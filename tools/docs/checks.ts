// What must hold for every page: links lead somewhere, paths and names that it mentions exist.
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { readPage, type Page } from './markdown.ts'

export interface NamedPage extends Page {
  /** Path below the root. */
  readonly file: string
}

const pagePatterns = [
  '*.md',
  'docs/**/*.md',
  'packages/*/README.md',
  'plugins/*/README.md',
  'tools/**/README.md',
  'e2e/**/README.md',
]

export function readPages(root: string): NamedPage[] {
  return globSync(pagePatterns, { cwd: root, exclude: ['**/node_modules/**'] })
    .sort()
    .map((file) => ({ file, ...readPage(readFileSync(join(root, file), 'utf8')) }))
}

export function linkProblems(root: string, pages: readonly NamedPage[]): string[] {
  const anchors = new Map(pages.map(({ file, anchors: own }) => [file, own]))
  return pages.flatMap(({ file, links }) =>
    links.flatMap(({ target, line }) => {
      if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return []
      const [path = '', anchor] = target.split('#')
      const to = path === '' ? file : normalize(join(dirname(file), decodeURIComponent(path)))
      const place = `${file}:${line}`
      if (to.startsWith('..') || !existsSync(join(root, to))) return [`${place}: ${target} leads nowhere`]
      if (anchor === undefined || anchor === '') return []
      const known = anchors.get(to)
      return known === undefined || known.has(anchor) ? [] : [`${place}: ${to} has no heading #${anchor}`]
    }),
  )
}

const rootFolders = /^(packages|plugins|docs|tools|e2e|schemas|\.ci|\.nx)\/[\w@./-]*\w$/

/** Paths of this repository in code: they exist, but for what a build makes. */
export function pathProblems(root: string, pages: readonly NamedPage[]): string[] {
  return pages.flatMap(({ file, codes }) =>
    codes.flatMap(({ target, line }) => {
      if (!rootFolders.test(target) || /(^|\/)(dist|node_modules|\.nx)(\/|$)/.test(target)) return []
      return existsSync(join(root, target)) ? [] : [`${file}:${line}: there is no ${target}`]
    }),
  )
}

/** Error codes and names of the environment in code: something in the sources is called so. */
export function nameProblems(root: string, pages: readonly NamedPage[]): string[] {
  const sources = globSync(
    [
      'packages/*/src/**/*.ts',
      'packages/cli/bin/*.js',
      'plugins/*/src/**/*.ts',
      'tools/**/*.{ts,mjs}',
      'e2e/**/*.ts',
      '.ci/*',
    ],
    { cwd: root },
  )
    .map((file) => join(root, file))
    .filter((file) => !/[\\/](node_modules|dist)[\\/]/.test(relative(root, file)) && statSync(file).isFile())
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
  const known = new Set(sources.match(/[A-Z][A-Z0-9]*(_[A-Z0-9]+)+/g))
  return pages.flatMap(({ file, codes }) =>
    codes.flatMap(({ target, line }) =>
      /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(target) && !known.has(target) && !isPlaceholder(target)
        ? [`${file}:${line}: nothing in the sources is called ${target}`]
        : [],
    ),
  )
}

/** `ROPEWAY_REGISTRY_HARBOR_CORP_5000_USERNAME` is one of a family. */
function isPlaceholder(name: string): boolean {
  return /^ROPEWAY_REGISTRY_\w+_(USERNAME|PASSWORD)$/.test(name)
}

/** The pages of docs/ that no other page links to: nobody finds them. */
export function orphanProblems(pages: readonly NamedPage[]): string[] {
  const linked = new Set(
    pages.flatMap(({ file, links }) =>
      links.map(({ target }) => normalize(join(dirname(file), target.split('#')[0] ?? ''))),
    ),
  )
  return pages
    .filter(({ file }) => file.startsWith('docs/') && !linked.has(file))
    .map(({ file }) => `${file}: no page links to it`)
}
