import { HelmError } from '../helm-error.js'
import { tryVersion } from '../version/version.js'
import type { ChartMetadata } from './metadata.js'

function invalid(problem: string): HelmError {
  return new HelmError(`validation: ${problem}`)
}

/** Checks a chart's metadata as Helm does after loading. Throws `HelmError` with Helm's message. */
export function validateMetadata({ name, version, type = '', dependencies }: ChartMetadata): void {
  if (name === '') throw invalid('chart.metadata.name is required')
  if (name === '.' || name === '..' || name.includes('/')) throw invalid(`chart.metadata.name "${name}" is invalid`)
  if (version === '') throw invalid('chart.metadata.version is required')
  if (tryVersion(version) === undefined) throw invalid(`chart.metadata.version "${version}" is invalid`)
  if (!['', 'application', 'library'].includes(type))
    throw invalid('chart.metadata.type must be application or library')
  const known = new Set<string>()
  for (const { name: dependency, alias = '' } of dependencies ?? []) {
    if (alias !== '' && !/^[a-zA-Z0-9_-]+$/.test(alias)) {
      throw invalid(`dependency "${dependency}" has disallowed characters in the alias`)
    }
    const key = alias === '' ? dependency : alias
    if (known.has(key)) throw invalid(`more than one dependency with name or alias "${key}"`)
    known.add(key)
  }
}
