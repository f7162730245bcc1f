import { homedir } from 'node:os'
import type { LoginStore } from '@ropeway/distribution'

export interface LoginRequest {
  readonly host: string
  readonly username: string
  readonly password: string
}

export interface LoginNetwork {
  readonly insecure?: readonly string[] | undefined
  readonly 'ca-file'?: readonly string[] | undefined
}

export interface LoggedIn {
  /** For people: the file or helper that keeps it. */
  readonly kept: string
  /** False when the registry answers without a login, so that nothing was proved. */
  readonly proved: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

/** Shows a login to the registry and keeps it only when it is not refused. */
export async function logIn(request: LoginRequest, network: LoginNetwork, env: Environment): Promise<LoggedIn> {
  const { createCredential, createHttp, saveLogin, verifyLogin } = await import('@ropeway/distribution')
  const { httpSettings } = await import('@ropeway/engine')
  const { host, username, password } = request
  const { insecure, 'ca-file': caFiles } = network
  const http = createHttp(httpSettings({ env, home: homedir(), insecure, caFiles }))
  try {
    const credential = createCredential({ username, password, origin: 'this login' })
    const answer = await verifyLogin(http, host, credential)
    return { kept: await saveLogin(request, storeOf(env)), proved: answer === 'accepted' }
  } finally {
    await http.close()
  }
}

/** Forgets a login; false when there was none. */
export async function logOut(host: string, env: Environment): Promise<boolean> {
  const { removeLogin } = await import('@ropeway/distribution')
  return removeLogin(host, storeOf(env))
}

function storeOf(env: Environment): LoginStore {
  return { env, home: homedir() }
}

/** The host of what people paste: `https://harbor.corp/` is `harbor.corp`. */
export function hostOf(text: string): string {
  return text.replace(/^https?:\/\//, '').replace(/\/+$/, '')
}
