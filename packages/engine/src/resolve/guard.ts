import { isRopewayError, withPlace, type AdapterKind, type RopewayError } from '@ropeway/core'
import * as errors from '../errors.js'

/** What an adapter was asked to do, for the error that names it. */
export interface Asked {
  readonly kind: AdapterKind
  readonly adapter: string
  readonly operation: string
  readonly place?: string | undefined
}

/** The error of an adapter's call: its own with the place where the user wrote the step, or `ADAPTER_FAILED` around what it threw. */
export function adapterError(thrown: unknown, asked: Asked): RopewayError {
  if (isRopewayError(thrown)) return withPlace(thrown, { at: asked.place, operation: asked.operation })
  return errors.adapterFailed(asked.kind, asked.adapter, asked.operation, thrown, asked.place)
}

/** Calls an adapter; whatever it throws becomes a `RopewayError` that names it. A stopped run throws the signal's reason. */
export async function guarded<T>(asked: Asked, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (thrown) {
    signal.throwIfAborted()
    throw adapterError(thrown, asked)
  }
}
