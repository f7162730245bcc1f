import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where recorded cases and charts are, when they are there. */
export const corpusFolder =
  process.env['ROPEWAY_CORPUS'] ?? fileURLToPath(new URL('../../../../shared/corpus', import.meta.url))

export function corpusFile(name: string): string {
  return join(corpusFolder, name)
}

/** Whether the corpus is there; says in one line what is left out when it is not. */
export function hasCorpus(leftOut: string): boolean {
  if (existsSync(corpusFile('helm-cases.json'))) return true
  process.stderr.write(`no corpus at ROPEWAY_CORPUS or ../shared/corpus: ${leftOut} are left out\n`)
  return false
}

/** A recorded case of a small chart. */
export interface HelmCase {
  readonly name: string
  readonly templates: Readonly<Record<string, string>>
  readonly values?: unknown
  readonly valuesYaml?: string
  readonly chartYaml?: string
  readonly files?: Readonly<Record<string, string>>
  readonly filesBase64?: Readonly<Record<string, string>>
  readonly cwdFiles?: Readonly<Record<string, string>>
  readonly release?: string
  readonly args?: readonly string[]
  readonly expectedStdout?: string
  readonly expectedError?: string
  readonly expectedErrorFull?: string
  readonly expectedWarnings?: readonly string[]
}

export function readCases(): readonly HelmCase[] {
  return JSON.parse(readFileSync(corpusFile('helm-cases.json'), 'utf8')) as readonly HelmCase[]
}
