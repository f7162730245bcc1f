import type { ArtifactKind } from './artifact.js'

/** The phases of a run, in their order. */
export const phases = [
  'load',
  'resolve',
  'edit',
  'discover',
  'name',
  'prove',
  'lock',
  'plan',
  'deliver',
  'verify',
] as const
export type Phase = (typeof phases)[number]

/**
 * What happens in a run. Every event is plain JSON data. Emitting never blocks and never throws: a slow listener misses
 * nothing but is called later. Sizes are in bytes, `at` is milliseconds since the epoch (set by the emitter).
 */
export type Event =
  | { readonly type: 'phase:start'; readonly phase: Phase; readonly total?: number | undefined }
  | { readonly type: 'phase:done'; readonly phase: Phase; readonly milliseconds: number }
  | { readonly type: 'artifact:resolved'; readonly kind: ArtifactKind; readonly name: string; readonly digest: string }
  | {
      readonly type: 'deliver:start'
      readonly sinks: readonly string[]
      readonly artifacts: number
      readonly blobs: number
      readonly bytes: number
    }
  /** All blobs of the artifact are at the sink, and it is about to become visible there. */
  | { readonly type: 'artifact:start'; readonly id: string; readonly sink: string }
  | {
      readonly type: 'artifact:done'
      readonly id: string
      readonly sink: string
      readonly outcome: 'delivered' | 'present' | 'kept'
      readonly bytes: number
    }
  | {
      readonly type: 'artifact:failed'
      readonly id: string
      readonly sink: string
      readonly message: string
      readonly code: string
    }
  | {
      readonly type: 'blob:start'
      readonly digest: string
      readonly size: number
      readonly artifact: string
      readonly resumedAt: number
    }
  | { readonly type: 'blob:progress'; readonly digest: string; readonly done: number; readonly size: number }
  | {
      readonly type: 'blob:done'
      readonly digest: string
      readonly size: number
      readonly outcome: 'sent' | 'mounted' | 'present' | 'resumed'
    }
  | {
      readonly type: 'retry'
      readonly about: string
      readonly attempt: number
      readonly wait: number
      readonly reason: string
    }
  | {
      readonly type: 'warning'
      readonly code: string
      readonly message: string
      readonly about?: string | undefined
      readonly hint?: string | undefined
    }
  | { readonly type: 'log'; readonly level: 'debug' | 'info'; readonly message: string }
  | { readonly type: 'deliver:done'; readonly bytes: number; readonly milliseconds: number }

export type TimedEvent = Event & { readonly at: number }
