import type { ChartFile, RenderOptions, UserValues } from '@ropeway/helm'
import type { ObjectName } from '../find-images.js'
import type { Path } from '../path.js'

/** How a chart is rendered: what a user gives `helm install`. Never baked into a relocated chart. */
export interface RenderSettings extends Pick<
  RenderOptions,
  'release' | 'capabilities' | 'skipSchemaValidation' | 'limits'
> {
  readonly values?: UserValues | undefined
  /** Leaves hooks out, but for tests, which are always looked at. */
  readonly noHooks?: boolean | undefined
}

/** `used`: it stands in the render. `optional`: it appears when a switch is flipped. `suspected`: a string that looks like one. */
export type ImageClass = 'used' | 'optional' | 'suspected'

/** Values that make something appear: dotted path → value, all at once. */
export type Switch = Readonly<Record<string, boolean | number | string>>

/** One place in what a chart renders that holds a reference. */
export interface Site {
  /** `chart/templates/x.yaml`, or the path of a file of `crds/`. */
  readonly template: string
  /** Index of the document among those of its template, in the order in which they are printed. */
  readonly document: number
  readonly object: ObjectName
  /** Keys from the document's root to the string that holds the reference, or to the map that holds its parts. */
  readonly path: Path
  /**
   * What kind of place it is: `container`, `volume`, `resource` (catalogue), `arg`, `env`, `text`, `split`, `annotation`, `field`; where nothing
   * renders it also `values`, `template`.
   */
  readonly place: string
  /** The reference as rendered; put together when it stands in parts. */
  readonly reference: string
  /** For a reference in parts: keys, below `path`, of each part; `image` is a last component beside a repository. */
  readonly parts?: Readonly<Partial<Record<'registry' | 'repository' | 'image' | 'tag' | 'digest', Path>>> | undefined
  /** Keys inside the document that the string is (YAML, JSON, TOML): to the string or map there; `parts` are below it. */
  readonly inner?: Path | undefined
  /** Its range in a longer string: offsets of its first and behind its last UTF-16 unit. After decoding, for base64. */
  readonly range?: readonly [number, number] | undefined
}

/** Where a reference comes from: chart → template and line → object and field → values. */
export interface Provenance extends Site {
  /** `name`, or `parent/charts/name` below. */
  readonly chart: string
  /** Line in the template's file, when it is known; the first is 1. */
  readonly line?: number | undefined
  /** Dotted paths of the values that it is made of. */
  readonly values: readonly string[]
}

export interface DiscoveredImage {
  /** As rendered. */
  readonly reference: string
  readonly class: ImageClass
  /** What has to be switched for it to appear; for `optional`, and for `suspected` ones that are not there otherwise. */
  readonly switch?: Switch | undefined
  /** Why it is suspected. */
  readonly reason?: string | undefined
  /** The reference of which it is the name alone, when its tag stands beside it: nothing to carry by itself. */
  readonly partOf?: string | undefined
  readonly provenance: readonly Provenance[]
}

/** What discovery found behind one chart or some manifests. */
export interface Discovery {
  /** One entry a reference, in its strongest class; sorted by reference. */
  readonly images: readonly DiscoveredImage[]
  /** Image fields whose value is no reference. */
  readonly unresolved: readonly (Site & { readonly reason: string })[]
  /** Values that the chart requires and that were filled in so that it renders: dotted path → value. */
  readonly filled: Readonly<Record<string, unknown>>
  readonly warnings: readonly string[]
}

export type RelocationMode = 'embed' | 'overlay'

export interface RelocateOptions {
  readonly settings: RenderSettings
  readonly mode: RelocationMode
  readonly discovery: Discovery
  /**
   * Where a reference, as rendered, is to be found: its destination; `'excluded'` when it stays by the user's will; `undefined` when
   * it is not carried, so that it cannot be proved. Suspected ones that are not carried stay as they are.
   */
  destination(reference: string): string | undefined
  excluded?(reference: string): boolean
  /** Where a suspected reference that is not carried may go, when a value that moves others moves it as well; else it stays. */
  along?(reference: string): string | undefined
  /** What speaks against a reference although it moves, such as another image with the same destination: then it is not proved. */
  objection?(reference: string): Objection | undefined
  /** The new address (`oci://…`) of dependencies' repositories; what is no address, an alias or a path, stays. Absent: all stay. */
  readonly repository?: string | undefined
}

/** Why a reference is not proved, and what to do. */
export interface Objection {
  readonly reason: string
  readonly hint?: string | undefined
}

/** One reference of a chart, before and after. */
export interface ProvedReference {
  readonly before: string
  readonly after: string
  /** `values`: by the overlay; `template`: patched in a file of the chart; `excluded`; `unmoved`. */
  readonly how: 'values' | 'template' | 'excluded' | 'unmoved'
  readonly proved: boolean
  /** Why it is not proved, and what to do. */
  readonly reason?: string | undefined
  readonly hint?: string | undefined
  readonly switch?: Switch | undefined
  readonly values?: readonly string[] | undefined
  /** Patched files of the chart: `templates/x.yaml:12`. */
  readonly patched?: readonly string[] | undefined
  /** Objects and fields: `chart/templates/x.yaml Deployment/web spec.template.spec.containers[0].image`. */
  readonly places: readonly string[]
}

export interface Proof {
  readonly chart: string
  readonly version: string
  readonly mode: RelocationMode
  /** True only when every reference is proved and nothing else differs. */
  readonly proved: boolean
  readonly references: readonly ProvedReference[]
  /** Differences that were computed from moved references alone: hashes, hashed names, encodings. */
  readonly computed: readonly {
    readonly place: string
    readonly before: string
    readonly after: string
    readonly why: string
  }[]
  /** Differences that nothing explains; empty in a proof that holds. */
  readonly differences: readonly { readonly place: string; readonly before: string; readonly after: string }[]
  /** Switch by switch, what was rendered for the proof. */
  readonly renders: readonly { readonly switch?: Switch | undefined; readonly objects: number }[]
}

export interface Relocation {
  /** The files of the chart to deliver: changed in embed mode, as given in overlay mode. */
  readonly files: readonly ChartFile[]
  /** Whether `files` differ from what was given. */
  readonly changed: boolean
  /** The consumer's override `values.yaml`: to be given after the user's own `-f`. */
  readonly overlay: string
  readonly proof: Proof
}
