import type { Artifact } from '@ropeway/core'
import type { SourceStep } from '../chain/chain.js'
import type { Closure } from './resolved.js'

/** An artifact and the step that asked for it. */
export interface Found {
  readonly artifact: Artifact
  readonly step: SourceStep
  /** As its source gave it, when an edit made another one of it. */
  readonly original?: Artifact | undefined
}

/** One that has its id. */
export interface Identified extends Found {
  readonly id: string
}

/** `kind:name[:version]`; an image's name holds its version already. */
export function idOf(artifact: Pick<Artifact, 'kind' | 'name' | 'version'>): string {
  const { kind, name, version } = artifact
  return version === undefined || name.endsWith(`:${version}`) ? `${kind}:${name}` : `${kind}:${name}:${version}`
}

/** One with everything below it known. */
export interface Closed extends Identified {
  readonly closure: Closure
}
