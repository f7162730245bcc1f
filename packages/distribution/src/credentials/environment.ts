import type { Credential, Role } from '@ropeway/core'
import { credentialIncomplete } from '../errors.js'
import { isDockerHub } from '../hosts.js'
import { createCredential } from './credential.js'
import { credentialVariable } from './names.js'
import type { CredentialOptions } from './types.js'

type Environment = CredentialOptions['env']

/** Credentials of the environment, in their order. Throws `CREDENTIAL_INCOMPLETE` for half a pair. */
export function fromEnvironment(env: Environment, host: string, role: Role): Credential | undefined {
  for (const [username, password] of pairs(host, role)) {
    const credential = pair(env, username, password, host, role)
    if (credential !== undefined) return credential
  }
  return undefined
}

/** The variables that are looked at for a host, as people write them. */
export function environmentNames(host: string, role: Role): readonly string[] {
  return pairs(host, role).map(([username, password]) => `${username} / ${password}`)
}

function pairs(host: string, role: Role): readonly (readonly [string, string])[] {
  const own = `ROPEWAY_REGISTRY_${credentialVariable(host)}`
  return [
    [`${own}_USERNAME`, `${own}_PASSWORD`],
    ...(role === 'sink' ? ([['REGISTRY_USERNAME', 'REGISTRY_PASSWORD']] as const) : []),
    ...(isDockerHub(host) ? ([['DOCKERHUB_USERNAME', 'DOCKERHUB_TOKEN']] as const) : []),
  ]
}

function pair(env: Environment, first: string, second: string, host: string, role: Role): Credential | undefined {
  const username = env[first] ?? ''
  const password = env[second] ?? ''
  if (username === '' && password === '') return undefined
  if (username === '') throw credentialIncomplete(second, first, host, role)
  if (password === '') throw credentialIncomplete(first, second, host, role)
  return createCredential({ username, password, origin: `${first} / ${second.slice(second.lastIndexOf('_'))}` })
}
