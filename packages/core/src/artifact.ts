import type { Content } from './content.js'
import type { Descriptor, Reference } from './descriptor.js'

/** The kinds of things that travel. */
export const artifactKinds = ['image', 'chart', 'manifests', 'file', 'artifact'] as const
export type ArtifactKind = (typeof artifactKinds)[number]

/** Why an artifact travels: declared by the user, needed (`used`), needed under a switch, or perhaps needed. */
export type ArtifactClass = 'declared' | 'used' | 'optional' | 'suspected'

/** Plain JSON data, as it stands in a lock. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/**
 * How a blob or manifest that was published nowhere was made. The adapter that made it makes it again from the recipe
 * when a lock is replayed, and the engine compares the digests.
 */
export interface Derived {
  readonly digest: string
  readonly recipe: { readonly type: string; readonly [key: string]: Json }
}

/** How name transforms name an artifact when the user says nothing else. */
export interface Naming {
  /**
   * Repository path below the destination's registry and prefix: an image's source path (`library/nginx`), a chart's
   * `[namespace/]name`, a file's `chain/name`.
   */
  readonly path: string
  /** Tags to give; empty for what is delivered by digest alone. */
  readonly tags: readonly string[]
}

/**
 * How a chart is rendered: what its user gives `helm install`. It decides which images are found, so it stands in the lock, the
 * text of values files too, and is never baked into a relocated chart.
 */
export interface ChartSettings {
  /** Name of the release; absent: `release-name`, as `helm template` has it. */
  readonly name?: string | undefined
  readonly namespace?: string | undefined
  readonly kubeVersion?: string | undefined
  /** Further API versions that the cluster knows, `group/version` or `group/version/Kind`. */
  readonly apiVersions?: readonly string[] | undefined
  /** Values files, the last one counts most; `name` is their path as the user wrote it. */
  readonly values?: readonly { readonly name: string; readonly content: string }[] | undefined
  /** Single values over the files, each `path=value`, by the rules of Helm's `--set`. */
  readonly set?: readonly string[] | undefined
  /** The same of `--set-string` and `--set-json`. */
  readonly setString?: readonly string[] | undefined
  readonly setJson?: readonly string[] | undefined
}

/** A chart that another one brings along. */
export interface ChartTree {
  readonly name: string
  readonly version: string
  readonly dependencies?: readonly ChartTree[] | undefined
}

/** One image that discovery found behind a chart or manifests. */
export interface FoundImage {
  /** As rendered. */
  readonly reference: string
  readonly class: 'used' | 'optional' | 'suspected'
  /** Values that make it appear, dotted path → value; for `optional` alone. */
  readonly switch?: Readonly<Record<string, boolean | number | string>> | undefined
  /** Why it is suspected, or what became of it. */
  readonly reason?: string | undefined
  /** Id of the artifact that it travels as; absent: it does not travel. */
  readonly artifact?: string | undefined
  /** True when the chain leaves it out on purpose. */
  readonly excluded?: boolean | undefined
}

/** What discovery found behind a chart or manifests: enough for another side to relocate it without looking anywhere else. */
export interface Discovered {
  /** Sorted by reference. */
  readonly images: readonly FoundImage[]
  /** Values that the chart requires and that were filled in so that it renders: dotted path → value. */
  readonly filled?: Readonly<Record<string, Json>> | undefined
  /** Text of the chain's own catalogue of places in custom resources. */
  readonly catalogue?: string | undefined
  /** The charts that this one brings along. */
  readonly dependencies?: readonly ChartTree[] | undefined
}

/**
 * How the references in a chart or in manifests follow their images. `embed`: its own content is changed. `overlay`: it stays as it
 * is, and a values file says where the images are. `as-is`: nothing is done.
 */
export const relocationModes = ['embed', 'overlay', 'as-is'] as const
export type RelocationMode = (typeof relocationModes)[number]

/** One thing that travels, as a source resolves it: pinned, with its content ready to be opened. */
export interface Artifact {
  readonly kind: ArtifactKind
  /** What the user calls it: a reference as written out, a chart's name, a file's name. */
  readonly name: string
  readonly version?: string | undefined
  /** Where it was found. */
  readonly source: {
    /** Canonical reference, for what lives in a registry: name transforms start from it. */
    readonly reference?: Reference | undefined
    /** For people: a reference, a URL, a path relative to the chain. Never holds a credential. */
    readonly location: string
    /** What `reopen` of the same source needs, as plain data without credentials; it stands in the lock. */
    readonly locator?: Json | undefined
  }
  /** The root manifest or index, as published. */
  readonly root: Descriptor
  readonly content: Content
  readonly naming: Naming
  /** Set by name transforms; absent: the source reference, if there is one. */
  readonly destinations?: readonly Reference[] | undefined
  /**
   * How charts and manifests refer to it when that is not its destination: for clusters whose nodes know mirrors. Set by name
   * transforms.
   */
  readonly alias?: string | undefined
  /** For charts and manifests, set by name transforms beside destinations; absent: `embed`. */
  readonly relocation?: RelocationMode | undefined
  /** For charts: how they are rendered. */
  readonly settings?: ChartSettings | undefined
  /** For charts and manifests that were looked through already: what was found. Absent: the engine looks. */
  readonly discovered?: Discovered | undefined
  /** What in this artifact's content the source made itself. */
  readonly derived?: readonly Derived[] | undefined
  /** Ids of artifacts, or places in the user's files (`images.txt:3`), that asked for it. */
  readonly requiredBy?: readonly string[] | undefined
  readonly class?: ArtifactClass | undefined
  /** Why it has this class, in words. */
  readonly reason?: string | undefined
  /** Free facts for people and later phases, kept in lock and bundle. */
  readonly annotations?: Readonly<Record<string, string>> | undefined
}

/** Something that a source could not resolve. The engine collects all of them before it gives up. */
export interface Failure {
  /** What could not be resolved, in the user's words. */
  readonly about: string
  readonly error: unknown
}

export function isFailure(item: Artifact | Failure): item is Failure {
  return 'error' in item
}
