import { func, type GoFunction } from '@ropeway/gotemplate'

/** Go's `path.Clean`. */
export function cleanPath(path: string): string {
  if (path === '') return '.'
  const rooted = path.startsWith('/')
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (!rooted) parts.push('..')
  }
  const cleaned = (rooted ? '/' : '') + parts.join('/')
  return cleaned === '' ? '.' : cleaned
}

/** Go's `path.Base`. */
export function basePath(path: string): string {
  if (path === '') return '.'
  const trimmed = path.replace(/\/+$/, '')
  if (trimmed === '') return '/'
  return trimmed.slice(trimmed.lastIndexOf('/') + 1)
}

function dirPath(path: string): string {
  return cleanPath(path.slice(0, path.lastIndexOf('/') + 1))
}

function extPath(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot < 0 ? '' : name.slice(dot)
}

const isAbsolute = (path: string): boolean => path.startsWith('/')
const text = { result: 'string' } as const
const truth = { result: 'bool' } as const

/** sprig's functions for paths; those of the operating system are those of Linux. */
export const pathFunctions: Readonly<Record<string, GoFunction>> = {
  base: func('string', basePath, text),
  dir: func('string', dirPath, text),
  clean: func('string', cleanPath, text),
  ext: func('string', extPath, text),
  isAbs: func('string', isAbsolute, truth),
  osBase: func('string', basePath, text),
  osDir: func('string', dirPath, text),
  osClean: func('string', cleanPath, text),
  osExt: func('string', extPath, text),
  osIsAbs: func('string', isAbsolute, truth),
}
