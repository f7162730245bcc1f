import { join } from 'node:path'
import type { CredentialOptions } from './types.js'

/** A place with a credential file. */
export interface Place {
  /** Absent for the document that stands in the environment itself. */
  readonly file?: string | undefined
  /** The document itself. */
  readonly text?: string | undefined
  /** For people. */
  readonly label: string
}

type Where = Pick<CredentialOptions, 'env' | 'home'>

/** Docker's own file: `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`. */
export function dockerConfigFile({ env, home }: Where): string {
  const folder = set(env['DOCKER_CONFIG']) ?? join(home, '.docker')
  return join(folder, 'config.json')
}

/** All places with credential files, in the order in which they are asked. */
export function credentialPlaces(where: Where): readonly Place[] {
  const { env, home } = where
  const authFile = set(env['REGISTRY_AUTH_FILE'])
  const document = set(env['DOCKER_AUTH_CONFIG'])
  const runtime = set(env['XDG_RUNTIME_DIR'])
  const config = set(env['XDG_CONFIG_HOME']) ?? join(home, '.config')
  const helm =
    set(env['HELM_REGISTRY_CONFIG']) ??
    join(set(env['HELM_CONFIG_HOME']) ?? join(config, 'helm'), 'registry/config.json')
  return [
    ...(authFile === undefined ? [] : [fileIn(authFile, home)]),
    ...(document === undefined ? [] : [{ text: document, label: 'DOCKER_AUTH_CONFIG' }]),
    fileIn(dockerConfigFile(where), home),
    ...(runtime === undefined ? [] : [fileIn(join(runtime, 'containers/auth.json'), home)]),
    fileIn(join(config, 'containers/auth.json'), home),
    fileIn(helm, home),
  ]
}

function set(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value
}

function fileIn(file: string, home: string): Place {
  return { file, label: file.startsWith(`${home}/`) ? `~${file.slice(home.length)}` : file }
}
