import type { Proof } from '@ropeway/images'
import type { ArtifactKind, Discovered, ExistingPolicy, LockedArtifact, LockedRelocation } from '@ropeway/core'

/** An error, wherever one stands in a result. Keys that have nothing to say are left out. */
export interface ErrorResult {
  /** Stable; see docs/errors.md. */
  code: string
  side: string
  /** What the process ends with when this error ends it. */
  exitCode: number
  message: string
  operation?: string | undefined
  about?: string | undefined
  /** Place in the user's file: `ropeway.yaml:9`. */
  at?: string | undefined
  tried?: readonly string[] | undefined
  /** What to do next, one way a line. */
  hint?: string | undefined
  cause?: string | undefined
  errors?: readonly ErrorResult[] | undefined
}

/** A warning. */
export interface WarningResult {
  code: string
  message: string
  about?: string | undefined
  hint?: string | undefined
}

/** What became of one addon, of a chain that carries some. */
export interface AddonResult {
  name: string
  /** Place in the file of addons: `addons.yaml:12`. */
  at: string
  /** `skipped`: it cannot be carried, and the message says why; it is no failure. */
  outcome: 'done' | 'failed' | 'skipped'
  chart?: string | undefined
  version?: string | undefined
  /** The version that is written, where the newest was taken in its place. */
  pinned?: string | undefined
  /** Of the last error. */
  code?: string | undefined
  message?: string | undefined
}

/** `ropeway adapters`. */
export interface AdaptersResult {
  adapters: readonly {
    kind: 'source' | 'transform' | 'sink' | 'credentials'
    name: string
    plugin: string
    version: string
    /** Hosts that a credentials provider, or a sink, is for. */
    hosts?: readonly string[] | undefined
  }[]
}

/** `ropeway catalog`. */
export interface CatalogResult {
  /** Absolute path of what was written; absent for standard output. */
  file?: string | undefined
  addons: readonly {
    name: string
    chart: string
    repository: string
    version?: string | undefined
    release: string
  }[]
  /** Entries that look like addons and cannot be carried. */
  skipped: readonly { name: string; at: string; reason: string }[]
  /** Addons whose release another one has: what they are called in its place. */
  renamed: readonly { name: string; release: string; now: string }[]
}

/** `ropeway diff`, and what `ropeway lock` found changed. */
export interface DiffResult {
  equal: boolean
  /** Changes of name, version and platforms, in words. */
  head: readonly string[]
  added: readonly { id: string; digest: string }[]
  removed: readonly { id: string; digest: string }[]
  changed: readonly { id: string; what: readonly string[]; from: string; to: string }[]
}

/** `ropeway fetch`. */
export interface FetchResult {
  /** Absolute. */
  directory: string
  files: readonly { id: string; path: string; size: number }[]
}

/** One image, in the result of `ropeway images`. */
export interface ImageResult {
  /** As rendered. */
  reference: string
  class: 'used' | 'optional' | 'suspected'
  /** What has to be switched for it to appear: path of a value → value, or a flag of `helm template`. */
  switch?: Readonly<Record<string, boolean | number | string>> | undefined
  /** Why it is suspected. */
  reason?: string | undefined
  /** The reference of which it is the name alone. */
  partOf?: string | undefined
  provenance: readonly {
    /** The chart, chain, manifest or folder that was given. */
    target: string
    /** `name`, or `parent/charts/name` below. */
    chart?: string | undefined
    /** The file that it stands in. */
    template: string
    line?: number | undefined
    object?: { apiVersion: string; kind: string; namespace?: string | undefined; name?: string | undefined } | undefined
    /** The field of the object. */
    path: string
    /** The field inside the document that the field holds. */
    inner?: string | undefined
    /** What kind of place it is: `container`, `resource`, `arg`, `env`, `text` … */
    place: string
    /** Paths of the values that make it up. */
    values: readonly string[]
  }[]
}

/** A field for an image that names none. */
export interface UnresolvedResult {
  target: string
  template: string
  object: { apiVersion: string; kind: string; namespace?: string | undefined; name?: string | undefined }
  path: string
  value: string
  reason: string
}

/** `ropeway images`. */
export interface ImagesResult {
  images: readonly ImageResult[]
  unresolved: readonly UnresolvedResult[]
  /** Values that charts require and that were filled in. */
  filled: readonly { target: string; values: Readonly<Record<string, unknown>> }[]
  warnings: readonly string[]
  /** With `--check`. */
  check?: { missing: readonly string[]; extra: readonly { reference: string; line: number }[] } | undefined
}

/** `ropeway init`. */
export interface InitResult {
  /** Absolute path of what was written. */
  file: string
  name: string
}

/** `ropeway inspect`. */
export interface InspectResult {
  file: string
  /** sha256 of the bundle's metadata. */
  identity: string
  size: number
  chain: { name: string; version: string }
  /** sha256 of the lock in it. */
  lock: string
  platforms: readonly string[]
  blobs: { count: number; bytes: number }
  /** As in a lock; see docs/lock.md. */
  artifacts: readonly LockedArtifact[]
}

/** `ropeway lock`. */
export interface LockResult {
  /** Path of the lock. */
  file: string
  /** sha256 of the lock that the chain resolves to. */
  lock: string
  /** Whether that is another one than was there before. */
  changed: boolean
  chain: { name: string; version: string }
  platforms: readonly string[]
  artifacts: readonly { id: string; kind: ArtifactKind; digest: string; destinations: readonly string[] }[]
  /** Against the lock that was there before, if there was one. */
  diff?: DiffResult | undefined
  /** For a chain that carries addons. */
  addons?: readonly AddonResult[] | undefined
  warnings: readonly WarningResult[]
}

/** `ropeway login`. */
export interface LoginResult {
  host: string
  username: string
  /** The file or helper that keeps it. */
  kept: string
  /** False when the registry answers without a login. */
  proved: boolean
}

/** `ropeway logout`. */
export interface LogoutResult {
  host: string
  removed: boolean
}

/** `ropeway run --scan-only`. */
export interface ScanResult {
  /** Absolute. */
  directory: string
  charts: readonly ScannedChartResult[]
  /** For a chain that carries addons. */
  addons?: readonly AddonResult[] | undefined
  warnings: readonly WarningResult[]
}

/** One chart as it would be delivered. */
export interface ScannedChartResult {
  id: string
  name: string
  version: string
  /** Below the directory. */
  folder: string
  /** False: it is not proved and may not travel; only its proof is there. */
  written: boolean
  /** Absent for a chart that travels as it is. */
  proved?: boolean | undefined
  mode?: 'embed' | 'overlay' | undefined
}

/** `ropeway plan`. Sizes in bytes. */
export interface PlanResult {
  chain: { name: string; version: string; file?: string | undefined }
  /** sha256 of the lock. */
  lock: string
  platforms: readonly string[]
  /** Number of sources. */
  sources: number
  artifacts: readonly PlannedArtifactResult[]
  totals: {
    /** Kind → number. */
    artifacts: Partial<Record<ArtifactKind, number>>
    blobs: number
    /** Each blob and manifest once. */
    bytes: number
    /** Each as often as an artifact holds it. */
    bytesBeforeDedupe: number
    /** What stays in the content cache of this machine. */
    cacheBytes: number
  }
  /** Exact size of the bundle that would hold all of it. */
  bundle: { size: number; identity: string }
  sinks: readonly PlannedSinkResult[]
  /** For a chain that carries addons: `done` is what would travel. */
  addons?: readonly AddonResult[] | undefined
  warnings: readonly WarningResult[]
}

/** One artifact of a plan. */
export interface PlannedArtifactResult {
  id: string
  kind: ArtifactKind
  name: string
  version?: string | undefined
  /** Of the root, as delivered. */
  digest: string
  mediaType: string
  bytes: number
  manifests: number
  blobs: number
  /** What travels with it: signatures, SBOMs, attestations. */
  referrers: readonly { digest: string; subject: string; tag?: string | undefined }[]
  from: string
  destinations: readonly string[]
  signatures: LockedArtifact['signatures']
  class: LockedArtifact['class']
  requiredBy: readonly string[]
  platforms?: readonly string[] | undefined
  /** For charts and manifests: the images behind them, and the charts below. */
  discovered?: Discovered | undefined
  /** How their references follow the chain's own destinations. */
  relocated?: LockedRelocation | undefined
}

/** One sink of a plan. */
export interface PlannedSinkResult {
  /** Its place in the chain: `sinks[0]`. */
  step: string
  /** Name of the adapter. */
  name: string
  takes: 'artifacts' | 'bytes' | 'store'
  location: string
  existing: ExistingPolicy
  blobs: number
  presentBlobs: number
  bytesToSend: number
  bytesPresent: number
  nothingToDo: boolean
  /** Whether --check proved that the sink can be reached and written. */
  checked: boolean
  /** For sinks that take the bundle. */
  archive?: { size: number; identity: string } | undefined
  space?: { free: number; needed: number } | undefined
  names: readonly {
    id: string
    destination: string
    action: 'deliver' | 'present' | 'keep'
    existing?: string | undefined
  }[]
  /** Ids of artifacts whose kind this sink does not take. */
  refused: readonly string[]
  notes?: readonly string[] | undefined
}

/** `ropeway prune`. Sizes in bytes, as the place tells them: layers that images share count for each. */
export interface PruneResult {
  location: string
  /** False: it was only shown. */
  removed: boolean
  /** Manifests that were looked at. */
  looked: number
  bytes: number
  repositories: readonly {
    repository: string
    bytes: number
    manifests: readonly {
      digest: string
      tags: readonly string[]
      size?: number | undefined
      /** ISO 8601. */
      pushed?: string | undefined
    }[]
    /** Tags that go while their image stays. */
    tags: readonly { tag: string; digest: string }[]
    /** Digests that stay, because something that is kept needs them. */
    needed: readonly string[]
  }[]
}

/** `ropeway run`, `ropeway export` and `ropeway import`. Sizes in bytes, times in milliseconds. */
export interface TransferResult {
  chain: { name: string; version: string; file?: string | undefined }
  /** sha256 of the lock that was delivered; for an import, of the lock in the bundle. */
  lock: string
  /** The bundle that was written or read, or that would hold all of it. */
  bundle: { size: number; identity: string; file?: string | undefined; lock?: string | undefined }
  receipts: readonly ReceiptResult[]
  bytes: number
  milliseconds: number
  /** For a chain that carries addons. */
  addons?: readonly AddonResult[] | undefined
  warnings: readonly WarningResult[]
}

/** What one sink got. Counts are of this run alone. */
export interface ReceiptResult {
  receiptVersion: 1
  chain: { name: string; version: string }
  lock: string
  sink: string
  location: string
  /** True when all that was planned is there. */
  complete: boolean
  artifacts: readonly {
    id: string
    digest: string
    destination?: string | undefined
    outcome: 'delivered' | 'present' | 'kept' | 'failed'
    error?: { code: string; message: string } | undefined
  }[]
  bytesSent: number
  blobsSent: number
  blobsPresent: number
  blobsMounted: number
  blobsResumed: number
  milliseconds: number
  /** Commands that may come next. */
  next: readonly string[]
  facts: Readonly<Record<string, string>>
}

/** `ropeway serve`; printed as soon as it listens. */
export interface ServeResult {
  path: string
  url: string
  /** Address and port, as they stand in a reference. */
  host: string
  readOnly: boolean
  authenticated: boolean
}

/** `ropeway verify`. */
export interface VerifyResult {
  file: string
  identity: string
  size: number
  entries: number
  ok: boolean
  problems: readonly ErrorResult[]
}

/** `ropeway render --json` */
export interface RenderResult {
  readonly chart: { readonly name: string; readonly version: string }
  /** Manifests in the order of installation, then hooks; whatever the flags leave out of the text is here too. */
  readonly objects: readonly {
    readonly template: string
    readonly apiVersion: string
    readonly kind: string
    readonly name: string
    readonly text: string
    /** Events at which it is a hook. */
    readonly hooks?: readonly string[] | undefined
  }[]
  /** The text of the chart's NOTES.txt. */
  readonly notes?: string | undefined
  /** In Helm's words. */
  readonly warnings: readonly string[]
  /** What is printed without `--json`. */
  readonly text: string
}

/** `ropeway package` */
export interface PackageResult {
  readonly file: string
  readonly name: string
  readonly version: string
  readonly digest: string
  readonly size: number
}

/** `ropeway set` */
export interface SetResult {
  /** The folder or archive of the chart. */
  readonly chart: string
  /** What was written: files of a folder, or the archive. */
  readonly files: readonly string[]
  readonly changes: readonly {
    readonly path: string
    /** The values file inside the chart. */
    readonly file: string
    readonly before: unknown
    readonly after: unknown
  }[]
}

/** `ropeway relocate --json` */
export interface RelocateResult {
  readonly charts: readonly {
    readonly name: string
    readonly version: string
    readonly proved: boolean
    /** Absolute. */
    readonly directory: string
    /** What was written there. */
    readonly files: readonly string[]
    readonly proof: Proof
  }[]
  readonly warnings: readonly WarningResult[]
}
