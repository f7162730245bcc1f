import type { Artifact, ArtifactKind, Failure } from './artifact.js'
import type { Content } from './content.js'
import type { Context } from './context.js'
import type { Delivery, DeliveryPlan, Survey } from './delivery.js'
import type { Credential, Role } from './registry.js'
import type { LockedArtifact } from './lock.js'
import type { Holdings } from './holdings.js'
import type { OptionsSchema } from './schema.js'

/** Version of this contract; an adapter package names it in `oclif.ropeway.apiVersion`. */
export const apiVersion = 1

export const adapterBrand = Symbol.for('ropeway.adapter/1')

/** What every adapter says of itself. */
export interface AdapterBase {
  /** One lower-case word; the key of its step in a chain. */
  readonly name: string
  /** One sentence, for `ropeway adapters`. */
  readonly summary: string
  /** The option that a lone value means, as in `--source oci=REFERENCE`. */
  readonly shorthand?: string | undefined
}

/** Where artifacts come from. */
export interface Source<Options> extends AdapterBase {
  readonly kind: 'source'
  readonly options: OptionsSchema<Options>
  /** Finds and pins. Reads metadata and small content only. Yields a `Failure` for what it cannot find and goes on. */
  resolve(options: Options, context: Context): AsyncIterable<Artifact | Failure>
  /** Opens the content of an artifact as locked, without resolving anything anew. */
  reopen(locked: LockedArtifact, options: Options, context: Context): Promise<Content>
  /** Local files that decide what is resolved (lists, manifests): name → digest. A lock remembers them and tells drift. */
  inputs?(options: Options, context: Context): Promise<Readonly<Record<string, string>>>
}

export interface Finding {
  readonly severity: 'warning' | 'error'
  readonly code: string
  readonly message: string
  readonly about?: string | undefined
  readonly hint?: string | undefined
  /**
   * Of an error of a name transform: the artifacts that get no name by it. They do not travel, nor do charts and manifests that
   * need them; the others go on. Absent: nothing goes on.
   */
  readonly concerns?: readonly Pick<Artifact, 'kind' | 'name' | 'root'>[] | undefined
}

/** Changes artifacts: `edit` changes content and is followed by discovery, `name` gives destinations. */
export interface Transform<Options> extends AdapterBase {
  readonly kind: 'transform'
  readonly stage: 'edit' | 'name'
  readonly options: OptionsSchema<Options>
  apply(
    artifacts: readonly Artifact[],
    options: Options,
    context: Context,
  ): Promise<{ readonly artifacts: readonly Artifact[]; readonly findings: readonly Finding[] }>
  /** Local files that decide what becomes of artifacts: name → digest. A lock remembers them and tells drift. */
  inputs?(options: Options, context: Context): Promise<Readonly<Record<string, string>>>
}

/** Where artifacts go. */
export interface Sink<Options> extends AdapterBase {
  readonly kind: 'sink'
  readonly options: OptionsSchema<Options>
  /** Kinds of artifacts that it can take. */
  readonly accepts: readonly ArtifactKind[]
  /** `bytes`: it is handed the computed archive; the plan then holds `archive`. */
  readonly takes: 'artifacts' | 'bytes' | 'store'
  /** Reads what the destination has. Never writes. */
  survey(plan: DeliveryPlan, options: Options, context: Context): Promise<Survey>
  /** Proves reachability, credentials and permission to write, as far as that can be done without leaving a trace. */
  check?(plan: DeliveryPlan, options: Options, context: Context): Promise<void>
  open(plan: DeliveryPlan, survey: Survey, options: Options, context: Context): Promise<Delivery>
  /** The registry to deliver to when nobody names one; `import` asks for it. Throws when there is none. */
  registry?(options: Options, context: Context): Promise<string>
  /** Opens a place for `prune`: `place` is `HOST[/prefix]`; absent: the one that options or surroundings name. */
  prune?(place: string | undefined, options: Options, context: Context): Promise<Holdings>
}

/** Gives credentials for hosts; its host patterns (`*.dkr.ecr.*.amazonaws.com`) stand in the package's manifest. */
export interface CredentialProvider extends AdapterBase {
  readonly kind: 'credentials'
  get(
    host: string,
    role: Role,
    context: Pick<Context, 'http' | 'log' | 'signal' | 'clock' | 'env'>,
  ): Promise<Credential | undefined>
}

export type AdapterKind = 'source' | 'transform' | 'sink' | 'credentials'
export type Adapter = Source<unknown> | Transform<unknown> | Sink<unknown> | CredentialProvider

function branded<T extends object>(adapter: T): T {
  return Object.freeze(Object.defineProperty(adapter, adapterBrand, { value: true }))
}

/** Marks a source, so that the host knows it for one; the options' type is inferred from the schema. */
export function defineSource<Options>(source: Omit<Source<Options>, 'kind'>): Source<Options> {
  return branded({ kind: 'source' as const, ...source })
}
export function defineTransform<Options>(transform: Omit<Transform<Options>, 'kind'>): Transform<Options> {
  return branded({ kind: 'transform' as const, ...transform })
}
export function defineSink<Options>(sink: Omit<Sink<Options>, 'kind'>): Sink<Options> {
  return branded({ kind: 'sink' as const, ...sink })
}
export function defineCredentials(provider: Omit<CredentialProvider, 'kind'>): CredentialProvider {
  return branded({ kind: 'credentials' as const, ...provider })
}

/** True for what one of the `define…` functions of any copy of this package made. */
export function isAdapter(value: unknown): value is Adapter {
  return typeof value === 'object' && value !== null && adapterBrand in value
}
