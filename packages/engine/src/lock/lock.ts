import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { lockSchema, lockVersion } from '@ropeway/bundle'
import type { LockedArtifact } from '@ropeway/core'
import { canonicalJson, sha256 } from '@ropeway/oci'
import { z } from 'zod'
import type { Chain } from '../chain/chain.js'
import * as errors from '../errors.js'

/** Everything that a run delivers, pinned by digest. Equal results give the same lock, byte for byte. */
export interface Lock {
  readonly lockVersion: typeof lockVersion
  readonly chain: { readonly name: string; readonly version: string }
  readonly platforms: readonly string[]
  /** Step id → adapter and sha256 of its options as written: what drift is told by. */
  readonly steps: Readonly<Record<string, { readonly adapter: string; readonly options: string }>>
  /** Step id → local file → digest, for files that decide what is resolved. */
  readonly inputs: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Sorted by id. */
  readonly artifacts: readonly LockedArtifact[]
  /** What could not be resolved and was left out by the user's will: what it is called, and the code of the error. */
  readonly absent?: readonly { readonly name: string; readonly code: string }[] | undefined
}

const LockFile = lockSchema.extend({
  steps: z.record(z.string(), z.object({ adapter: z.string(), options: z.string() })),
  inputs: z.record(z.string(), z.record(z.string(), z.string())),
  absent: z.array(z.object({ name: z.string(), code: z.string() })).optional(),
})

/** Canonical bytes of a lock. */
export function serializeLock(lock: Lock): Uint8Array {
  return Buffer.from(canonicalJson(lock))
}

export function lockDigest(lock: Lock): string {
  return sha256(serializeLock(lock))
}

/** Reads a lock. Throws `LOCK_INVALID`. */
export function parseLock(bytes: Uint8Array, name: string): Lock {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    throw errors.lockInvalid(name, 'it is not JSON')
  }
  const version = z.object({ lockVersion: z.number() }).safeParse(value)
  if (version.success && version.data.lockVersion > lockVersion) {
    throw errors.lockInvalid(
      name,
      `its version ${version.data.lockVersion} is newer than this Ropeway, which knows ${lockVersion}`,
    )
  }
  const parsed = LockFile.safeParse(value)
  if (!parsed.success) throw errors.lockInvalid(name, z.prettifyError(parsed.error))
  return parsed.data
}

/** Reads a lock file. Throws `LOCK_MISSING` or `LOCK_INVALID`. */
export async function readLock(file: string): Promise<Lock> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(file)
  } catch {
    throw errors.lockMissing(file)
  }
  return parseLock(bytes, file)
}

/** Writes a lock file, whole or not at all. Throws `LOCK_NOT_WRITABLE`. */
export async function writeLock(file: string, lock: Lock): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`
  try {
    await writeFile(temporary, serializeLock(lock))
    await rename(temporary, file)
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw errors.lockNotWritable(file, thrown)
  }
}

/** Where the lock of a chain file stands: beside it, its ending replaced by `.lock`. */
export function lockFileOf(chainFile: string): string {
  return chainFile.replace(/\.(ya?ml|json|[cm]?[jt]s)$/i, '') + '.lock'
}

/** What of a chain decides what is locked, as a lock remembers it. */
export function stepsOf(chain: Chain): Lock['steps'] {
  const { discover } = chain
  const written = discover.written === undefined ? [] : [{ ...discover, adapter: 'discover' }]
  return Object.fromEntries(
    [...chain.sources, ...chain.transforms, ...written].map((step) => [
      step.id,
      { adapter: step.adapter, options: sha256(canonicalJson(step.written)) },
    ]),
  )
}
