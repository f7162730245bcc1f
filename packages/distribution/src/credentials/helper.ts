import { spawn } from 'node:child_process'
import { messageOf, type Credential } from '@ropeway/core'
import { z } from 'zod'
import { credentialHelperFailed, type CredentialSide } from '../errors.js'
import { isMissing } from '../files.js'
import { createCredential } from './credential.js'
import type { HelperResult, RunHelper } from './types.js'

const timeLimit = 60_000
const longestAnswer = 256 * 1024

const answerSchema = z.object({ Username: z.string().default(''), Secret: z.string() })

/** The user name that says that the secret is a refresh token. */
const tokenUser = '<token>'

export interface HelperPlace {
  readonly host: string
  /** The file that names the helper. */
  readonly file: string
  readonly side: CredentialSide
}

export function helperProgram(suffix: string): string {
  return `docker-credential-${suffix}`
}

/**
 * Asks a helper for what it has under `server`; `undefined` when it has nothing, `'absent'` when there is no such helper
 * on this machine. Throws `CREDENTIAL_HELPER_FAILED` for any other failure.
 */
export async function askHelper(
  run: RunHelper,
  suffix: string,
  server: string,
  place: HelperPlace,
): Promise<Credential | 'absent' | undefined> {
  const result = await runNamed(run, suffix, 'get', server, place)
  if (result === 'absent') return 'absent'
  if (result.code !== 0) {
    if (isNotFound(result.stdout)) return undefined
    throw credentialHelperFailed(helperProgram(suffix), place, failureText(result))
  }
  const answer = answerSchema.safeParse(parseAnswer(result.stdout))
  if (!answer.success) {
    throw credentialHelperFailed(helperProgram(suffix), place, 'its answer is not the JSON that a helper gives')
  }
  const { Username: username, Secret: secret } = answer.data
  if (secret === '') return undefined
  const origin = `${helperProgram(suffix)} (${place.file})`
  return username === tokenUser
    ? createCredential({ identityToken: secret, origin })
    : createCredential({ username, password: secret, origin })
}

/** Runs `store` or `erase`. Throws `CREDENTIAL_HELPER_FAILED`, but not when there is nothing to erase. */
export async function tellHelper(
  run: RunHelper,
  suffix: string,
  action: 'store' | 'erase',
  input: string,
  place: HelperPlace,
): Promise<void> {
  const result = await runNamed(run, suffix, action, input, place)
  if (result === 'absent') throw credentialHelperFailed(helperProgram(suffix), place, 'there is no such program')
  if (result.code !== 0 && !(action === 'erase' && isNotFound(result.stdout))) {
    throw credentialHelperFailed(helperProgram(suffix), place, failureText(result))
  }
}

async function runNamed(
  run: RunHelper,
  suffix: string,
  action: 'get' | 'store' | 'erase',
  input: string,
  place: HelperPlace,
): Promise<HelperResult | 'absent'> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(suffix)) {
    throw credentialHelperFailed(helperProgram(suffix), place, 'this is not the name of a helper')
  }
  try {
    return await run(suffix, action, input)
  } catch (error) {
    if (isMissing(error)) return 'absent'
    throw credentialHelperFailed(helperProgram(suffix), place, messageOf(error))
  }
}

/** Helpers say so in words, and in these. */
function isNotFound(stdout: string): boolean {
  return /credentials not found|no credentials|not found in (the )?(native )?(keychain|store)/i.test(stdout)
}

function failureText({ code, stdout }: HelperResult): string {
  const text = stdout.trim()
  return text === '' ? `it ended with code ${code}` : text
}

function parseAnswer(stdout: string): unknown {
  try {
    return JSON.parse(stdout)
  } catch {
    return undefined
  }
}

/** Runs helpers from `PATH` of `env`. Nothing secret is in their arguments; they have a minute, for they may ask the user. */
export function helperRunner(env: Readonly<Record<string, string | undefined>>, limit = timeLimit): RunHelper {
  return (suffix, action, input) =>
    new Promise<HelperResult>((resolve, reject) => {
      const child = spawn(helperProgram(suffix), [action], {
        env: { ...env },
        stdio: ['pipe', 'pipe', 'ignore'],
        timeout: limit,
        windowsHide: true,
      })
      const chunks: Buffer[] = []
      let size = 0
      child.stdout.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size <= longestAnswer) chunks.push(chunk)
      })
      // A helper that does not read its input closes the pipe.
      child.stdin.on('error', () => undefined)
      child.on('error', reject)
      child.on('close', (code, signal) => {
        const stdout = Buffer.concat(chunks).toString('utf8')
        if (code === null) resolve({ code: -1, stdout: stdout || `it was ended by ${signal ?? 'a signal'}` })
        else resolve({ code, stdout })
      })
      child.stdin.end(input)
    })
}
