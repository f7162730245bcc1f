import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Context } from '@ropeway/core'
import { HelmError, fetchFile, fromBytes, mergeUserValues, type UserValues, type ValuesFile } from '@ropeway/helm'
import type { RenderSettings } from '@ropeway/images'
import * as errors from '../errors.js'
import { commaSeparated } from './pflag.js'
import type { ReleaseFlags, ValuesFlags } from './render-flags.js'

const standardInput = '-'

/** True for what is fetched and not read from disk. */
export function isAddress(text: string): boolean {
  return /^https?:\/\//i.test(text)
}

/** Whether some value has to be fetched. */
export function hasRemoteValues(flags: ValuesFlags): boolean {
  return (
    commaSeparated(flags.values).some(isAddress) || (flags['set-file'] ?? []).some((text) => /=https?:\/\//i.test(text))
  )
}

/**
 * How a chart is rendered, from the flags. `context` is needed for values that are fetched (`hasRemoteValues`).
 * Throws `FILE_NOT_READABLE`, and what fetching throws.
 */
export async function renderSettings(
  flags: ValuesFlags & ReleaseFlags,
  name: string | undefined,
  context?: Context,
): Promise<RenderSettings> {
  const nameTemplate = flags['name-template'] ?? ''
  const kubeVersion = flags['kube-version'] ?? ''
  return {
    release: {
      name,
      nameTemplate: nameTemplate === '' ? undefined : nameTemplate,
      namespace: firstOf(flags.namespace, process.env['HELM_NAMESPACE']),
      isUpgrade: flags['is-upgrade'],
    },
    values: await userValues(flags, context),
    capabilities: {
      kubeVersion: kubeVersion === '' ? undefined : kubeVersion,
      apiVersions: commaSeparated(flags['api-versions']),
    },
    skipSchemaValidation: flags['skip-schema-validation'],
    noHooks: flags['no-hooks'],
  }
}

function firstOf(...given: readonly (string | undefined)[]): string | undefined {
  return given.find((text) => text !== undefined && text !== '')
}

/** The user's values, with the content of their files. */
export async function userValues(flags: ValuesFlags, context?: Context): Promise<UserValues> {
  const files: ValuesFile[] = []
  for (const name of commaSeparated(flags.values)) files.push({ name, content: await valuesFile(name, context) })
  const values: UserValues = {
    files,
    setJson: flags['set-json'],
    set: flags.set,
    setString: flags['set-string'],
    setFile: flags['set-file'],
    setLiteral: flags['set-literal'],
  }
  return { ...values, readFile: await fileReader(values, context) }
}

async function valuesFile(name: string, context: Context | undefined): Promise<Uint8Array> {
  if (isAddress(name) && context !== undefined) return fetchFile(name, context)
  try {
    return name === standardInput ? readFileSync(process.stdin.fd) : await readFile(name)
  } catch (error) {
    throw errors.fileNotReadable(name, error)
  }
}

/** What reads the files of `--set-file`. Those that have to be fetched are fetched here, since rendering waits for nothing. */
async function fileReader(values: UserValues, context: Context | undefined): Promise<(path: string) => string> {
  const fetched = new Map<string, string>()
  const missing = new Set<string>()
  const read = (path: string): string => {
    if (context === undefined || !isAddress(path)) return readNow(path)
    const content = fetched.get(path)
    if (content === undefined) missing.add(path)
    return content ?? ''
  }
  if (context === undefined) return read
  mergeUserValues({ setFile: values.setFile, readFile: read })
  for (const path of missing) fetched.set(path, fromBytes(await fetchFile(path, context)))
  return read
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
}

/** Throws `HelmError` in the words of Go. */
function readNow(path: string): string {
  try {
    return fromBytes(readFileSync(path === standardInput ? process.stdin.fd : path))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    throw new HelmError(`${code === 'EISDIR' ? 'read' : 'open'} ${path}: ${reasons[code] ?? String(error)}`, {
      cause: error,
    })
  }
}
