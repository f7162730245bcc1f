import type { ChartSettings } from '@ropeway/core'

/** A chart as a step of a chain asks for it. */
export interface WantedArtifact {
  /** Name in the repository, or whatever else the user calls it. */
  readonly chart: string
  /** A version or a constraint; absent: the newest stable one. */
  readonly version?: string | undefined
  readonly devel?: boolean | undefined
  /** Path before its name at the destination. */
  readonly namespace?: string | undefined
  /** How it is rendered, for later phases. */
  readonly settings?: ChartSettings | undefined
}

/** How the charts of a step are fetched; addresses as the user wrote them, with the queries that a lock leaves out. */
export interface ChartAccess {
  readonly repository?: string | undefined
  /** Addresses of single archives. */
  readonly addresses?: readonly string[] | undefined
  /** Whether credentials of the repository go to other hosts that its index names. */
  readonly passCredentials: boolean
  /** Whether archives have to have the digest that the index names. */
  readonly verifyDigest: boolean
  /** Whether provenance travels with charts that have it. */
  readonly provenance: boolean
  /** Whether a local chart travels with the dependencies that its `charts/` lacks; the default. */
  readonly dependencies?: 'include' | 'exclude' | undefined
}
