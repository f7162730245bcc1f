import type { Credential } from '@ropeway/core'
import type { Clock } from '../http/gate.js'

/** One call for all that ask for the same; a failure is not kept. */
export function once<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const running =
    known.get(key) ??
    make().catch((error: unknown) => {
      known.delete(key)
      throw error
    })
  known.set(key, running)
  return running
}

/** What is known and still good, else made anew: once for all that notice at the same time that it is not. */
export async function current<T>(
  known: Map<string, Promise<T>>,
  key: string,
  make: () => Promise<T>,
  isOld: (value: T) => boolean,
): Promise<T> {
  const running = once(known, key, make)
  const value = await running
  if (!isOld(value)) return value
  if (known.get(key) === running) known.delete(key)
  return once(known, key, make)
}

export function isExpired(credential: Credential | undefined, clock: Clock): boolean {
  return credential?.expires !== undefined && credential.expires <= clock.now()
}
