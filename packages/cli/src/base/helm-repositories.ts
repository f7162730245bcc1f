import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { readRepositories } from '@ropeway/helm'
import * as errors from '../errors.js'

/** Where helm keeps the repositories that `helm repo add` was told. */
function repositoriesFile(): string {
  const { HELM_REPOSITORY_CONFIG, HELM_CONFIG_HOME, XDG_CONFIG_HOME } = process.env
  if (HELM_REPOSITORY_CONFIG !== undefined && HELM_REPOSITORY_CONFIG !== '') return HELM_REPOSITORY_CONFIG
  const folder = HELM_CONFIG_HOME ?? join(XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'helm')
  return join(folder, 'repositories.yaml')
}

/** The address of a repository that `helm repo add` gave a name; `undefined` when there is none. Throws `FILE_NOT_READABLE`. */
export async function repositoryAddress(name: string): Promise<string | undefined> {
  const file = repositoriesFile()
  let bytes: Uint8Array
  try {
    bytes = await readFile(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw errors.fileNotReadable(file, error)
  }
  return readRepositories(bytes, file).get(name)
}
