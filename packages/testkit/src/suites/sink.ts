import type { Descriptor, Sink } from '@ropeway/core'
import { checkCases, registerCases, type CaseResult, type ContractCase, type Runner } from './case.js'
import { identityCases, optionsCases } from './common.js'
import { artifactsCases } from './sink-artifacts.js'
import { bytesCases } from './sink-bytes.js'
import { deliveryCases } from './sink-delivery.js'
import { resumeCases } from './sink-resume.js'
import { storeCases } from './sink-store.js'
import { surveyCases } from './sink-survey.js'
import type { Sample } from './samples.js'
import type { AdapterSetup, World } from './setup.js'

/** What a sink may do without; everything is expected unless it is declared `false`. */
export type SinkCapabilities = {
  /** It has `check`. */
  readonly check?: boolean | undefined
  /** A store: it can mount a blob from another repository of the same registry. */
  readonly mounts?: boolean | undefined
  /** Bytes: it can read back what it stored. */
  readonly readBack?: boolean | undefined
  /** Bytes: its writes have a unit. */
  readonly unit?: boolean | undefined
  /** The adapter comes with a package that lists it. */
  readonly package?: boolean | undefined
}

/** Looks at a registry-like target, past the sink. */
export interface StoreTarget {
  readonly type: 'store'
  /** Tag → digest of all that is visible in the repository; nothing when there is no such repository. */
  names(repository: string): Promise<Readonly<Record<string, string>>>
  /** Bytes of a blob or manifest; `undefined` when the repository does not have it. */
  read(repository: string, descriptor: Descriptor): Promise<Uint8Array | undefined>
}

/** Looks at a file-like target, past the sink. */
export interface BytesTarget {
  readonly type: 'bytes'
  /** What stands at the final name; `undefined` when nothing does. */
  read(): Promise<Uint8Array | undefined>
}

/** Looks at a target of whole artifacts, past the sink. */
export interface ArtifactsTarget {
  readonly type: 'artifacts'
  /** Name → digest (or text) of all that is visible. */
  entries(): Promise<Readonly<Record<string, string>>>
}

/** Bytes for a sink that stores the computed archive. */
export interface SampleArchive {
  readonly bytes: Uint8Array
  readonly identity: string
}

export interface SinkWorld extends World {
  readonly target: StoreTarget | BytesTarget | ArtifactsTarget
  /** What in the surroundings refuses: options, or a context, with which nothing can be delivered. */
  readonly refused: { readonly options?: unknown; context?(signal?: AbortSignal): ReturnType<World['context']> }
  /** Where the kit's samples go. The default is `kit.test` with the prefix `kit`. */
  readonly destination?: { readonly registry: string; readonly prefix: string } | undefined
  /**
   * What to deliver, for sinks that do not take just any content; another seed gives other content under the same names.
   * The default is one sample of each kind that the sink accepts.
   */
  samples?(seed: number): readonly Sample[]
  /** The archive to deliver, for sinks that look into it. The default is 300 000 bytes. */
  archive?(seed: number): SampleArchive | Promise<SampleArchive>
  /** Secrets that must not show, beside those that `Context.credential` gives. */
  readonly secrets?: readonly string[] | undefined
}

export interface SinkSetup extends AdapterSetup<Sink<unknown>, SinkWorld> {
  readonly capabilities?: SinkCapabilities | undefined
}

/** The clauses for sinks, in the order of `docs/adapter-contract.md`. */
export const sinkCases: readonly ContractCase<SinkSetup>[] = [
  ...identityCases('sink'),
  ...optionsCases('sink'),
  ...surveyCases,
  ...deliveryCases,
  ...storeCases,
  ...bytesCases,
  ...resumeCases,
  ...artifactsCases,
]

/** Registers the suite for sinks with a test runner; the default is the global `describe` and `it`. */
export function testSink(setup: SinkSetup, runner?: Runner): void {
  registerCases(`contract of sink ${setup.adapter.name}`, sinkCases, setup, runner)
}

/** Runs the suite for sinks without a test runner. */
export function checkSink(setup: SinkSetup): Promise<readonly CaseResult[]> {
  return checkCases(sinkCases, setup)
}
