import { randomBytes } from 'node:crypto'
import { mkdir, open, realpath, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isRopewayError } from '@ropeway/core'
import { z } from 'zod'
import { credentialFileInvalid } from '../errors.js'
import { isMissing, readIfPresent } from '../files.js'
import { helperFor, matchingKeys, parseAuthFile, serverFor, type AuthFile } from './auth-file.js'
import { helperRunner, tellHelper } from './helper.js'
import { dockerConfigFile } from './places.js'
import type { CredentialOptions, RunHelper } from './types.js'

/** Where logins are kept. */
export interface LoginStore extends Pick<CredentialOptions, 'env' | 'home' | 'runHelper'> {
  /** The default is `REGISTRY_AUTH_FILE`, else docker's `config.json`. */
  readonly file?: string | undefined
}

export interface Login {
  readonly host: string
  readonly username: string
  readonly password: string
}

interface OpenFile {
  readonly file: string
  readonly document: Record<string, unknown>
  readonly parsed: AuthFile
}

/**
 * Keeps a login as docker does: with the credential helper that the file names, else in the file itself, which is
 * replaced at once and readable by its owner alone. All else in the file stays. Returns where it was kept.
 * Throws `CREDENTIAL_FILE_INVALID` or `CREDENTIAL_HELPER_FAILED`.
 */
export async function saveLogin({ host, username, password }: Login, store: LoginStore): Promise<string> {
  const opened = await openStore(store)
  const server = serverFor(host)
  const suffix = helperFor(opened.parsed, host)
  if (suffix === undefined) {
    const auth = Buffer.from(`${username}:${password}`).toString('base64')
    await writeAuths(opened, { ...withoutHost(opened, host), [server]: { auth } })
    return opened.file
  }
  const secret = JSON.stringify({ ServerURL: server, Username: username, Secret: password })
  await tellHelper(runnerOf(store), suffix, 'store', secret, { host, file: opened.file, side: 'usage' })
  // Docker, too, leaves an empty entry for what a helper keeps.
  await writeAuths(opened, { ...withoutHost(opened, host), [server]: {} })
  return `docker-credential-${suffix} (${opened.file})`
}

/** Forgets a login, in the file and with its helper. Returns whether there was one. Throws as `saveLogin` does. */
export async function removeLogin(host: string, store: LoginStore): Promise<boolean> {
  const opened = await openStore(store)
  const suffix = helperFor(opened.parsed, host)
  const known = hostEntries(opened, host).length > 0
  if (suffix !== undefined) {
    await tellHelper(runnerOf(store), suffix, 'erase', serverFor(host), { host, file: opened.file, side: 'usage' })
  }
  if (known) await writeAuths(opened, withoutHost(opened, host))
  return known
}

function runnerOf(store: LoginStore): RunHelper {
  return store.runHelper ?? helperRunner(store.env)
}

async function openStore(store: LoginStore): Promise<OpenFile> {
  const named = store.env['REGISTRY_AUTH_FILE']
  const chosen = store.file ?? (named === undefined || named === '' ? dockerConfigFile(store) : named)
  const file = await followLinks(chosen)
  try {
    const text = (await readIfPresent(file)) ?? ''
    const parsed = parseAuthFile(text, chosen, 'usage')
    return {
      file,
      parsed,
      document: z.record(z.string(), z.unknown()).parse(text.trim() === '' ? {} : JSON.parse(text)),
    }
  } catch (error) {
    throw isRopewayError(error) ? error : credentialFileInvalid(chosen, 'it cannot be read', 'usage', error)
  }
}

/** The file behind a symbolic link, so that replacing it leaves the link. */
async function followLinks(file: string): Promise<string> {
  try {
    return await realpath(file)
  } catch (error) {
    if (isMissing(error)) return file
    throw credentialFileInvalid(file, 'it cannot be read', 'usage', error)
  }
}

/** Keys of the host itself, in all spellings, but not those of its namespaces (`host/team`). */
function hostEntries({ parsed }: OpenFile, host: string): readonly string[] {
  return matchingKeys(parsed, host)
}

function withoutHost(opened: OpenFile, host: string): Record<string, unknown> {
  const gone = new Set(hostEntries(opened, host))
  return Object.fromEntries([...opened.parsed.auths].filter(([key]) => !gone.has(key)))
}

async function writeAuths({ file, document }: OpenFile, auths: Record<string, unknown>): Promise<void> {
  const text = `${JSON.stringify({ ...document, auths }, undefined, '\t')}\n`
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await replaceFile(file, text)
  } catch (error) {
    throw credentialFileInvalid(file, 'it cannot be written', 'usage', error)
  }
}

/** Writes beside the file and renames, so that nobody ever reads half of it. */
async function replaceFile(file: string, text: string): Promise<void> {
  const partial = join(dirname(file), `.ropeway-${randomBytes(8).toString('hex')}.tmp`)
  try {
    const handle = await open(partial, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(partial, file)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}
