import {
  FunctionError,
  GoBytes,
  GoMap,
  bytesType,
  fromBytes,
  makeMap,
  makeStrings,
  mapOf,
  method,
  namedType,
  sortedKeys,
  type GoFunction,
  type Value,
} from '@ropeway/gotemplate'
import type { ChartFile } from '../chart/archive.js'
import { basePath } from '../functions/paths.js'
import { emitYaml } from '../yaml/emit.js'
import { parseFilesGlob } from './glob.js'

const text = { result: 'string' } as const

function bytesOf(files: GoMap, name: string): Uint8Array | undefined {
  const found = files.entries.get(name)
  return found instanceof GoBytes ? found.bytes : undefined
}

function get(files: GoMap, name: string): string {
  const bytes = bytesOf(files, name)
  return bytes === undefined ? '' : fromBytes(bytes)
}

function glob(files: GoMap, pattern: string): GoMap {
  // a pattern that is none stands for everything
  const matches = parseFilesGlob(pattern) ?? (() => true)
  return new GoMap(filesType, new Map([...files.entries].filter(([path]) => matches(path))))
}

function lines(files: GoMap, name: string): Value {
  const bytes = bytesOf(files, name)
  if (bytes === undefined) return makeStrings([])
  if (bytes.length === 0) throw new FunctionError('runtime error: index out of range [-1]')
  return makeStrings(fromBytes(bytes).replace(/\n$/, '').split('\n'))
}

function asYaml(files: GoMap, write: (bytes: Uint8Array) => string): string {
  const entries = sortedKeys(files.entries).map(
    (path) => [basePath(path), write(bytesOf(files, path) ?? new Uint8Array())] as const,
  )
  return emitYaml(makeMap(entries))
}

const methods = new Map<string, GoFunction>([
  ['Get', method('string', get, text)],
  [
    'GetBytes',
    method('string', (files: GoMap, name) => files.entries.get(name) ?? new GoBytes(new Uint8Array()), {
      result: '[]byte',
    }),
  ],
  ['Glob', method('string', glob, { result: 'any' })],
  ['Lines', method('string', lines, { result: '[]string' })],
  ['AsConfig', method('', (files: GoMap) => asYaml(files, fromBytes), text)],
  ['AsSecrets', method('', (files: GoMap) => asYaml(files, (bytes) => Buffer.from(bytes).toString('base64')), text)],
])

const filesType = namedType('engine.files', mapOf(bytesType), { methods })

/** `.Files` of a chart. */
export function makeFiles(files: readonly ChartFile[]): GoMap {
  return new GoMap(filesType, new Map(files.map(({ path, bytes }) => [path, new GoBytes(bytes)])))
}
