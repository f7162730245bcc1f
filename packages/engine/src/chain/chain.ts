import type { Platform, RelocationMode } from '@ropeway/core'
import type { DiscoverOptions } from './discover.js'

/** One step of a chain: an adapter with its options, checked. */
export interface Step {
  /** Where it stands in the chain: `sources[0]`, `transforms[1]`, `sinks[0]`, `sinks[0].transforms[0]`. */
  readonly id: string
  /** Name of the adapter. */
  readonly adapter: string
  /** Options as the adapter's schema returned them. */
  readonly options: unknown
  /** Options as the user wrote them, variables filled in: what a lock's drift check compares. */
  readonly written: unknown
  /** `ropeway.yaml:9`; absent when the chain was not read from a file. */
  readonly place?: string | undefined
  /** Absolute; what this step's relative paths are relative to (a base chain may stand elsewhere). */
  readonly directory: string
}

export interface SourceStep extends Step {
  /** Platforms of this step alone; absent: the chain's. */
  readonly platforms?: readonly Platform[] | undefined
}

export interface SinkStep extends Step {
  /** Names for this sink alone; absent: the chain's. */
  readonly transforms?: readonly Step[] | undefined
}

/** How a chain finds images behind its charts and manifests; in a lock it is the step `discover`. */
export interface DiscoverStep extends DiscoverOptions {
  readonly id: string
  /** As the user wrote it; absent when the chain does not say anything of it. */
  readonly written: unknown
  readonly place?: string | undefined
  /** Absolute; what its paths are relative to. */
  readonly directory: string
  /** True for chains that bring a bundle in: what was found travelled with it, and nothing else is looked for. */
  readonly offline?: boolean | undefined
}

/** A chain as loaded: every adapter known, every option checked. */
export interface Chain {
  readonly name: string
  readonly version: string
  /** Absolute path of its file, when it has one. */
  readonly file?: string | undefined
  /** Absolute; what relative paths are relative to. */
  readonly directory: string
  /** Empty: everything, as published. */
  readonly platforms: readonly Platform[]
  readonly sources: readonly SourceStep[]
  readonly transforms: readonly Step[]
  readonly sinks: readonly SinkStep[]
  readonly discover: DiscoverStep
  /** Whether charts and manifests travel although not every reference in them is proved. */
  readonly allowUnproved: boolean
  /** How charts and manifests follow, whatever their transforms say. */
  readonly relocation?: RelocationMode | undefined
  /** Registry → where its content is read instead. */
  readonly mirrors: ReadonlyMap<string, { readonly registry: string; readonly prefix: string }>
  readonly onError: 'stop' | 'continue'
  /** Hosts that may speak plain HTTP. */
  readonly insecure: readonly string[]
  /** Absolute paths of files with certificates (PEM) to trust besides the system's. */
  readonly caFiles: readonly string[]
  /** Hosts that its options name. */
  readonly hosts?: readonly string[] | undefined
}
