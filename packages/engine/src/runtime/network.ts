import type { Context } from '@ropeway/core'

/** All of a context that talks to other machines. */
export interface Network extends Pick<Context, 'http' | 'registry' | 'credential' | 'limiter'> {
  /** Closes all connections. */
  close(): Promise<void>
}
