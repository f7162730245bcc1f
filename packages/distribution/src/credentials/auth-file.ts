import { z } from 'zod'
import { credentialFileInvalid, type CredentialSide } from '../errors.js'
import { hostKey, hubCredentialKey, isDockerHub } from '../hosts.js'
import { createCredential } from './credential.js'
import type { Credential } from '@ropeway/core'

const entrySchema = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
  registrytoken: z.string().optional(),
})
type Entry = z.output<typeof entrySchema>

const documentSchema = z.object({
  auths: z.record(z.string(), z.unknown()).nullish(),
  credHelpers: z.record(z.string(), z.string()).nullish(),
  credsStore: z.string().nullish(),
})

/** What docker, podman and Helm keep in their credential files. */
export interface AuthFile {
  /** For people: `~/.docker/config.json`. */
  readonly label: string
  readonly auths: ReadonlyMap<string, unknown>
  readonly helpers: ReadonlyMap<string, string>
  /** Helper for all hosts that have none of their own. */
  readonly store: string | undefined
}

/** Reads a credential file's text. Throws `CREDENTIAL_FILE_INVALID`. */
export function parseAuthFile(text: string, label: string, side: CredentialSide): AuthFile {
  const document = documentSchema.safeParse(parseJson(text, label, side))
  if (!document.success) throw credentialFileInvalid(label, 'it is not a credential file', side, document.error)
  const { auths, credHelpers, credsStore } = document.data
  return {
    label,
    auths: new Map(Object.entries(auths ?? {})),
    helpers: new Map(Object.entries(credHelpers ?? {})),
    store: credsStore === null || credsStore === '' ? undefined : credsStore,
  }
}

function parseJson(text: string, label: string, side: CredentialSide): unknown {
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    // The parser's message would quote the text around the error, which may be a secret.
    throw credentialFileInvalid(label, 'it is not JSON', side)
  }
}

/** The name under which docker files a host: in `auths` when it writes it, and with helpers. */
export function serverFor(host: string): string {
  return isDockerHub(host) ? hubCredentialKey : hostKey(host)
}

/** The suffix of the helper that keeps a host's credential: its own, else the one for all. */
export function helperFor(file: AuthFile, host: string): string | undefined {
  const names = isDockerHub(host) ? [hubCredentialKey, 'index.docker.io', 'docker.io'] : [hostKey(host)]
  return names.flatMap((name) => file.helpers.get(name) ?? [])[0] ?? file.store
}

/** The credential of the most exact key: `host/team/app`, `host/team`, `host`, then older spellings with a scheme. */
export function findEntry(
  file: AuthFile,
  host: string,
  repository: string,
  side: CredentialSide,
): Credential | undefined {
  for (const key of matchingKeys(file, host, repository)) {
    const credential = readEntry(file.auths.get(key), file.label, key, side)
    if (credential !== undefined) return credential
  }
  return undefined
}

/** Keys of `auths` that are for the host, the most exact first. */
export function matchingKeys(file: AuthFile, host: string, repository = ''): readonly string[] {
  const wanted = `${hostKey(host)}/${repository}`
  return [...file.auths.keys()]
    .map((key) => ({ key, name: nameOf(key), exact: key === hubCredentialKey || !key.includes('://') }))
    .filter(({ name }) => wanted.startsWith(`${name}/`) || wanted === name)
    .sort((one, other) => other.name.length - one.name.length || Number(other.exact) - Number(one.exact))
    .map(({ key }) => key)
}

/** `host[/namespace]` of a key; of the old form with a scheme (`https://host/v1/`) only the host counts. */
function nameOf(key: string): string {
  const old = /^https?:\/\/([^/]+)/i.exec(key)
  const name = old?.[1] ?? key.replace(/\/(v1|v2)?\/?$/, '')
  const slash = name.indexOf('/')
  return slash === -1 ? hostKey(name) : `${hostKey(name.slice(0, slash))}${name.slice(slash)}`
}

function readEntry(value: unknown, label: string, key: string, side: CredentialSide): Credential | undefined {
  const parsed = entrySchema.safeParse(value ?? {})
  if (!parsed.success) throw credentialFileInvalid(label, `its entry for ${key} has another shape than docker's`, side)
  const entry = withDecodedAuth(parsed.data, label, key, side)
  const { username, password, identitytoken, registrytoken } = entry
  const found = [password, identitytoken, registrytoken].some((part) => part !== undefined && part !== '')
  if (!found) return undefined
  return createCredential({
    username: username === '' ? undefined : username,
    password: password === '' ? undefined : password,
    identityToken: identitytoken === '' ? undefined : identitytoken,
    registryToken: registrytoken === '' ? undefined : registrytoken,
    origin: label,
  })
}

/** `auth` is base64 of `user:password`; docker pads it with NUL at times. */
function withDecodedAuth(entry: Entry, label: string, key: string, side: CredentialSide): Entry {
  if (entry.auth === undefined || entry.auth === '') return entry
  const decoded = Buffer.from(entry.auth, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  if (colon === -1)
    throw credentialFileInvalid(label, `"auth" of its entry for ${key} is not base64 of user:password`, side)
  return {
    ...entry,
    username: entry.username ?? decoded.slice(0, colon),
    password: entry.password ?? decoded.slice(colon + 1).replace(/\0+$/, ''),
  }
}
