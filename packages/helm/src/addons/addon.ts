/** One addon: a chart that a platform team wants on its clusters. */
export interface Addon {
  /** What the user calls it: its key in a values file, its release in a catalog. */
  readonly name: string
  /** Name of the chart, without a path. */
  readonly chart: string
  /** Path before the chart's name in its registry, where it is written with the name: `grafana` of `grafana/loki`. */
  readonly path?: string | undefined
  /** Path before the chart's name at the destination; in a catalog perhaps also in its registry. */
  readonly namespace?: string | undefined
  /** Address of the repository as written: `https://…`, `oci://…`, or a registry's host with or without a path. */
  readonly repository: string
  /** A version or a constraint; absent: the newest stable one. */
  readonly version?: string | undefined
  /** Name of the Helm release. */
  readonly release: string
  /** Kubernetes namespace that it is installed in, when that is known. */
  readonly targetNamespace?: string | undefined
  /** Where it is written: `addons.yaml:12`. */
  readonly place: string
}

/** An entry that looks like an addon and is not taken. */
export interface SkippedAddon {
  readonly name: string
  readonly reason: string
  readonly place: string
}

/** What a file, or several, say. */
export interface AddonList {
  /** In the order in which they are written. */
  readonly addons: readonly Addon[]
  readonly skipped: readonly SkippedAddon[]
}

/** True for text of Go's template language, which is only known on the cluster. */
export function isTemplate(text: string): boolean {
  return text.includes('{{')
}
