import { RopewayError, didYouMean, messageOf, nearest, type Log } from '@ropeway/core'

type Warning = Parameters<Log['warn']>[0]

interface Called {
  readonly name: string
  readonly version: string
}

/** A file of addons or overrides is no YAML, or is nested without end. The message names the line. */
export function addonsFileInvalid(file: string, problem: string, line?: number): RopewayError {
  return new RopewayError({
    code: 'ADDONS_FILE_INVALID',
    side: 'chain',
    operation: 'reading addons',
    message: `${file} cannot be read: ${problem}`,
    about: file,
    at: line === undefined ? undefined : `${file}:${String(line)}`,
    hint: 'correct the file; it has to be YAML before any templating',
  })
}

/** A file of addons or overrides is not there, or may not be read. */
export function addonsFileUnreadable(file: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'ADDONS_FILE_UNREADABLE',
    side: 'chain',
    operation: 'reading addons',
    message: `the file ${file} cannot be read`,
    about: file,
    hint: 'check its name; it is relative to the chain, or to the current folder without one',
    cause,
  })
}

/**
 * Nothing in a file looks like an addon, or all that does is skipped; "tried" then names each. An addon has a `chart`, and a
 * `repository` (`repoURL`, `repoUrl`).
 */
export function addonsNone(file: string, skipped: readonly string[]): RopewayError {
  const what = skipped.length === 0 ? 'nothing looks like an addon' : 'every addon is skipped'
  return new RopewayError({
    code: 'ADDONS_NONE',
    side: 'chain',
    operation: 'reading addons',
    message: `in ${file} ${what}`,
    about: file,
    tried: skipped,
    hint: 'an addon has a chart and a repository, such as: addons: {loki: {chart: loki, repoURL: "https://grafana.github.io/helm-charts"}}',
  })
}

/**
 * A filter names an addon that is not there: `--only` and `--exclude` mean charts in values files and releases in catalogs,
 * whole names without regard to case. The message says what there is.
 */
export function addonFilterUnmatched(
  filter: string,
  word: string,
  by: 'chart' | 'release',
  near: readonly string[],
  known: readonly string[],
): RopewayError {
  const problem = known.length === 0 ? 'leaves no addon' : `there is no addon of that ${by}`
  const mean = near.length === 0 ? `there are ${listed(known)}` : `did you mean ${near.map(quoted).join(' or ')}?`
  return new RopewayError({
    code: 'ADDON_FILTER_UNMATCHED',
    side: 'usage',
    operation: 'selecting addons',
    message: `${filter} ${quoted(word)}: ${problem}`,
    about: word,
    hint: known.length === 0 ? 'exclude less: what is excluded is left out, whatever else is said' : mean,
  })
}

/** The chart of an addon is at another address than the file says: the same place by the other protocol, or with another path. */
export function addonFoundElsewhere(addon: string, written: string, found: string): Warning {
  return {
    code: 'ADDON_FOUND_ELSEWHERE',
    message: `the chart of ${addon} is not at ${written}; it was taken from ${found}`,
    about: addon,
    hint: 'correct its repository in the file',
  }
}

/**
 * Two addons bring one chart, of one version and content, with different paths for the destination, where it can have one.
 * Give both the same.
 */
export function addonNamespacesDiffer(chart: string, places: readonly string[]): RopewayError {
  return new RopewayError({
    code: 'ADDON_NAMESPACES_DIFFER',
    side: 'chain',
    operation: 'naming charts',
    message: `the chart ${chart} would have to go to several places: ${places.join(', ')}`,
    about: chart,
    hint: 'give these addons one oci_namespace, or leave one of them out',
  })
}

/**
 * The chart of an addon is at none of the addresses that its repository may mean. Below "tried" stands each of them, and what
 * it answered. Correct repository, chart or version in the file.
 */
export function addonNotFound(addon: string, at: string, tried: readonly string[], cause: unknown): RopewayError {
  return new RopewayError({
    code: 'ADDON_NOT_FOUND',
    side: 'source',
    operation: 'looking for a chart',
    message: `the chart of the addon ${addon} is nowhere to be found`,
    about: addon,
    at,
    tried,
    hint: `correct repository, chart or version of ${addon}, or leave it out`,
    cause,
  })
}

/** An entry of a values file looks like an addon and cannot be carried: the message says why. */
export function addonSkipped(addon: string, reason: string, place: string): Warning {
  return {
    code: 'ADDON_SKIPPED',
    message: `the addon ${addon} is skipped (${place}): ${reason}`,
    about: addon,
    hint: 'what is known on the cluster alone, or comes from git, has to be brought in another way',
  }
}

/** An entry of a catalog has a key that is unknown, lacks one that it needs, or has a value of the wrong type. */
export function catalogEntryInvalid(place: string, problem: string, near?: string): RopewayError {
  return new RopewayError({
    code: 'CATALOG_ENTRY_INVALID',
    side: 'chain',
    operation: 'reading a catalog',
    message: problem,
    at: place,
    hint: near ?? 'an addon has chart, repository, oci_namespace, version and release; the first two are needed',
  })
}

/** A catalog is not written as catalogs are: `addons: [{chart, repository, oci_namespace, version, release}]`. Each fault is named. */
export function catalogInvalid(file: string, faults: readonly RopewayError[]): RopewayError {
  const [only] = faults
  if (only !== undefined && faults.length === 1) return only
  return new RopewayError({
    code: 'CATALOG_INVALID',
    side: 'chain',
    operation: 'reading a catalog',
    message: `the catalog ${file} has ${String(faults.length)} faults`,
    about: file,
    errors: faults,
  })
}

/** Two catalogs, or two entries of one, say different things of one release. Rename one, or make them say the same. */
export function catalogReleaseConflict(release: string, one: string, other: string): RopewayError {
  return new RopewayError({
    code: 'CATALOG_RELEASE_CONFLICT',
    side: 'chain',
    operation: 'merging catalogs',
    message: `the release ${release} is one thing in ${one} and another in ${other}`,
    about: release,
    at: other,
    hint: 'make both say the same, or give one of them another release',
  })
}

/**
 * A chart archive (.tgz) is damaged, hostile, too large for Helm, or no archive at all. The message says which entry.
 * Fetch it again; when it stays so, tell whoever publishes the chart.
 */
export function archiveInvalid(about: string, problem: string, cause?: unknown): RopewayError {
  return new RopewayError({
    code: 'CHART_ARCHIVE_INVALID',
    side: 'source',
    operation: 'reading a chart archive',
    message: `the chart archive ${about} cannot be used: ${problem}`,
    about,
    hint: 'fetch it with helm and run `helm lint` on it; a chart archive is what `helm package` makes',
    cause,
  })
}

/**
 * A chart is not what it was when it was locked: its repository serves another archive or other provenance under the same
 * address, or the local chart was edited. Lock again to carry what it is now.
 */
export function chartChanged(location: string, what: string): RopewayError {
  return new RopewayError({
    code: 'CHART_CHANGED',
    side: 'source',
    operation: 'opening a chart as locked',
    message: `${location} changed since it was locked: ${what}`,
    about: location,
    hint: 'lock again to carry it as it is now; a version that was published should not change',
  })
}

/**
 * Content was asked for that the chart's artifact does not have. A lock that was edited by hand, or written by another
 * version of Ropeway, can cause it: lock again.
 */
export function chartContentUnknown(chart: string, digest: string): RopewayError {
  return new RopewayError({
    code: 'CHART_CONTENT_UNKNOWN',
    side: 'source',
    operation: 'reading a chart',
    message: `the chart ${chart} has no content ${digest}`,
    about: chart,
    hint: 'lock again',
  })
}

/**
 * A local chart declares dependencies that are not in its charts/ folder, so it could not be installed. Fetch them before
 * the chart is packed.
 */
export function dependenciesMissing(about: string, missing: readonly string[]): RopewayError {
  return new RopewayError({
    code: 'CHART_DEPENDENCIES_MISSING',
    side: 'source',
    operation: 'packing a chart',
    message: `the chart ${about} declares dependencies that its charts/ folder lacks: ${missing.join(', ')}`,
    about,
    hint: 'run `helm dependency build` in its folder',
  })
}

/** A chart says another name or version of itself than the repository's index says of it. It travels as it calls itself. */
export function chartDiffersFromIndex(repository: string, listed: Called, own: Called, about: string): Warning {
  return {
    code: 'CHART_DIFFERS_FROM_INDEX',
    message: `the index of ${repository} calls it ${listed.name} ${listed.version}, the chart itself ${own.name} ${own.version}`,
    about,
    hint: 'it travels under its own name and version',
  }
}

/**
 * The archive that a repository serves is not the one that its index names: it was replaced after the index was written, or
 * something on the way changed it. `verifyDigest: false` carries it all the same, pinned as it is now.
 */
export function chartDigestMismatch(location: string, expected: string, actual: string): RopewayError {
  return new RopewayError({
    code: 'CHART_DIGEST_MISMATCH',
    side: 'source',
    operation: 'fetching a chart',
    message: `${location} is ${actual}, but the repository's index says ${expected}`,
    about: location,
    hint: 'tell whoever keeps the repository; set `verifyDigest: false` to trust the archive and not the index',
  })
}

/**
 * A chart's Chart.yaml is missing something that Helm requires, or cannot be read. Helm refuses such a chart too; correct
 * its Chart.yaml.
 */
export function chartInvalid(about: string, problem: string): RopewayError {
  return new RopewayError({
    code: 'CHART_INVALID',
    side: 'source',
    operation: 'reading a chart',
    message: `the chart ${about} is invalid: ${problem}`,
    about,
    hint: 'correct the chart; `helm lint` finds such faults before it is published',
  })
}

/** A lock holds nothing that a chart could be found again by. It was edited by hand, or written by another version: lock again. */
export function locatorInvalid(chart: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'CHART_LOCATOR_INVALID',
    side: 'source',
    operation: 'opening a chart as locked',
    message: `the lock does not say where the chart ${chart} is`,
    about: chart,
    hint: 'lock again',
    cause,
  })
}

/**
 * A chart has dependencies to be fetched and no lock, so the newest versions that its Chart.yaml allows were taken. `helm dependency update`
 * writes a lock.
 */
export function lockMissing(about: string): Warning {
  return {
    code: 'CHART_LOCK_MISSING',
    message: `the chart ${about} has no lock: the newest versions that it allows are taken for what is missing in charts/`,
    about,
    hint: 'pin them with `helm dependency update`, and keep the lock that it writes',
  }
}

/**
 * A chart's lock was made for other dependencies than its Chart.yaml declares now, so it does not count: the newest versions that Chart.yaml
 * allows were taken. `helm dependency update` writes it anew.
 */
export function lockStale(about: string, file: string): Warning {
  return {
    code: 'CHART_LOCK_STALE',
    message: `the ${file} of the chart ${about} does not fit its Chart.yaml any more: the newest versions that it allows are taken`,
    about,
    hint: 'write the lock anew with `helm dependency update`',
  }
}

/** The name of a chart has capitals, which registries do not take, so that it is called in lower case at its destination. */
export function chartNameLowered(name: string): Warning {
  return {
    code: 'CHART_NAME_LOWERED',
    message: `the chart ${name} is called ${name.toLowerCase()} at its destination: registries take no capitals`,
    about: name,
    hint: 'install it by that name',
  }
}

/**
 * A chart has a name or version that no registry takes as a repository and a tag, so it cannot travel. Rename it, or take
 * another version.
 */
export function chartNameRefused(chart: string, what: string): RopewayError {
  return new RopewayError({
    code: 'CHART_NAME_REFUSED',
    side: 'source',
    operation: 'naming a chart',
    message: `the chart ${chart} cannot be stored in a registry: ${what}`,
    about: chart,
    hint: 'names are lower-case letters and digits, with ".", "_" and "-" between them; tags have 128 characters at most',
  })
}

/** The repository has no chart of this name. The hint gives the nearest names that it has. */
export function chartNotFound(chart: string, location: string, names: readonly string[]): RopewayError {
  const some = names.length === 0 ? 'it has none at all' : `it has ${listed(names)}`
  return new RopewayError({
    code: 'CHART_NOT_FOUND',
    side: 'source',
    operation: 'looking for a chart',
    message: `the repository ${location} has no chart ${JSON.stringify(chart)}`,
    about: chart,
    hint: didYouMean(chart, names) ?? some,
  })
}

/**
 * The path of a local chart does not exist. Paths in a chain are relative to the chain file; a chart of a repository needs
 * the `repository` option beside its name.
 */
export function chartPathMissing(about: string, cause?: unknown): RopewayError {
  return new RopewayError({
    code: 'CHART_PATH_MISSING',
    side: 'source',
    operation: 'reading a chart',
    message: `there is no chart at ${about}`,
    about,
    hint: 'to name a chart of a repository, give its address too: `repository:` in a chain, where paths are relative to it; or --repo',
    cause,
  })
}

/** A chart archive on disk is larger than charts may be. Take large files out of the chart. */
export function chartTooLarge(about: string, limit: number): RopewayError {
  return new RopewayError({
    code: 'CHART_TOO_LARGE',
    side: 'source',
    operation: 'reading a chart',
    message: `the chart ${about} has more than ${String(limit)} bytes`,
    about,
    hint: 'take large files out of it, with .helmignore for instance',
  })
}

/** A local chart cannot be read, for the reason that the system gives. Check the permissions of its files. */
export function chartUnreadable(about: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'CHART_UNREADABLE',
    side: 'source',
    operation: 'reading a chart',
    message: `the chart ${about} cannot be read: ${messageOf(cause)}`,
    about,
    hint: 'check the permissions of its files and folders',
    cause,
  })
}

/**
 * The index gives an address that cannot be fetched from: only http, https and oci are. Tell whoever keeps the repository.
 */
export function chartUrlInvalid(reference: string, repository: string): RopewayError {
  return new RopewayError({
    code: 'CHART_URL_INVALID',
    side: 'source',
    operation: 'choosing a version',
    message: `the index of ${repository} gives ${JSON.stringify(reference)} as a chart's address`,
    about: repository,
    hint: 'tell whoever keeps the repository: it has to be a relative path, or an http, https or oci address',
  })
}

/**
 * A chart of a registry is named with a tag or digest that stands for another version than the `version` beside it. Leave out
 * one of the two.
 */
export function chartVersionConflict(location: string, version: string): RopewayError {
  return new RopewayError({
    code: 'CHART_VERSION_CONFLICT',
    side: 'chain',
    operation: 'reading a chart reference',
    message: `${location} is not the version ${JSON.stringify(version)} that stands beside it`,
    about: location,
    hint: 'leave out `version`, or the tag or digest',
  })
}

/**
 * No version of the chart satisfies what was asked for. Pre-releases count only when the constraint names one (`>=1.0.0-0`),
 * or with `devel: true` when no version is given. The hint gives versions that exist.
 */
export function versionNotFound(about: string, wanted: string | undefined, versions: readonly string[]): RopewayError {
  const only = versions.length > 0 && wanted === undefined ? 'only pre-releases, ' : ''
  const near = wanted === undefined ? [] : nearest(wanted, versions)
  const there = versions.length === 0 ? 'it has no versions at all' : `it has ${only}${listed(versions)}`
  return new RopewayError({
    code: 'CHART_VERSION_NOT_FOUND',
    side: 'source',
    operation: 'choosing a version',
    message: `${about} has no ${wanted === undefined ? 'stable version' : `version that satisfies ${JSON.stringify(wanted)}`}`,
    about,
    hint: [
      ...(near.length === 0 ? [] : [`the nearest: ${near.join(', ')}`]),
      there,
      ...(only === '' ? [] : ['set `devel: true` to take pre-releases']),
    ].join('\n'),
  })
}

/** A chart in a registry has no layer that is a chart's archive. It was not pushed by Helm, or is no chart: push it again. */
export function chartWithoutArchive(name: string): RopewayError {
  return new RopewayError({
    code: 'CHART_WITHOUT_ARCHIVE',
    side: 'source',
    message: `the chart ${name} has no archive`,
    operation: 'reading a chart',
    about: name,
    hint: 'push it again with helm push',
  })
}

/** The index names the chart's version but no address to fetch it from. Tell whoever keeps the repository. */
export function chartWithoutUrl(about: string, version: string): RopewayError {
  return new RopewayError({
    code: 'CHART_WITHOUT_URL',
    side: 'source',
    operation: 'choosing a version',
    message: `the index gives no address for version ${version} of ${about}`,
    about,
    hint: 'take another version, and tell whoever keeps the repository',
  })
}

/**
 * A version constraint cannot be read. Constraints are comparators (`=`, `!=`, `>`, `>=`, `<`, `<=`, `~`, `^`), wildcards
 * (`1.x`) and ranges (`1.2 - 1.4`, with blanks), joined by comma or blank (and) or `||` (or). Correct the version in the chain.
 */
export function constraintInvalid(text: string): RopewayError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text
  return new RopewayError({
    code: 'CONSTRAINT_INVALID',
    side: 'chain',
    operation: 'reading a version constraint',
    message: `${JSON.stringify(shown)} is neither a version nor a version constraint`,
    about: shown,
    hint: 'write a version (1.2.3) or a constraint such as ^1.2, ~1.2.3, >=1.2 <2, "1.2 - 1.4" or 1.x',
  })
}

/**
 * A dependency that a chart declares cannot be found where Chart.yaml says that it is. Correct its repository or version there, or put the chart
 * into `charts/`.
 */
export function dependencyNotFound(
  about: string,
  { name, repository, version }: { readonly name: string; readonly repository: string; readonly version: string },
  problem: string,
): RopewayError {
  const wanted = version === '' ? name : `${name} ${version}`
  return new RopewayError({
    code: 'DEPENDENCY_NOT_FOUND',
    side: 'source',
    operation: 'looking for a dependency',
    message: `the chart ${about} depends on ${wanted}${repository === '' ? '' : ` of ${repository}`}, which cannot be had: ${problem}`,
    about: name,
    hint: 'correct the dependency in its Chart.yaml, or put the chart into its charts/ folder',
  })
}

/**
 * The index of a chart repository lists the chart twice; the last list counts. Helm refuses such an index. Tell whoever keeps the
 * repository.
 */
export function chartRepeated(about: string): Warning {
  return {
    code: 'INDEX_CHART_REPEATED',
    message: `the chart ${about} stands more than once in the index; the last one counts`,
    about,
    hint: 'helm refuses such an index; tell whoever keeps the repository',
  }
}

/** Versions of a chart that the index lists cannot be used, and are passed over as Helm does. Tell whoever keeps the repository. */
export function entriesSkipped(about: string, skipped: readonly string[]): Warning {
  return {
    code: 'INDEX_ENTRIES_SKIPPED',
    message: `${String(skipped.length)} entries of the chart ${about} cannot be used: ${skipped.slice(0, 3).join('; ')}`,
    about,
    hint: 'helm skips them too; tell whoever keeps the repository',
  }
}

/**
 * The answer to `<repository>/index.yaml` is not the index of a chart repository. Check the address: it is the one for
 * `helm repo add`; and whether the server wants a login (`ropeway login HOST`).
 */
export function indexInvalid(location: string, problem: string, cause?: unknown): RopewayError {
  return new RopewayError({
    code: 'INDEX_INVALID',
    side: 'source',
    operation: 'reading the index of a chart repository',
    message: `${location} is no index of a chart repository: ${problem}`,
    about: location,
    hint: 'give the address that `helm repo add` takes; if the server wants a login: ropeway login HOST',
    cause,
  })
}

/**
 * The index of a chart repository is larger than what is read: 256 MiB, or 8 MiB when it is not written line by line as
 * generators do (flow style, anchors), or 64 MiB as JSON.
 */
export function indexTooLarge(location: string, limit: number, exotic = false): RopewayError {
  const style = exotic ? ', in a style that has to be parsed as a whole' : ''
  return new RopewayError({
    code: 'INDEX_TOO_LARGE',
    side: 'source',
    operation: 'reading the index of a chart repository',
    message: `${location} has more than ${String(limit)} bytes${style}`,
    about: location,
    hint: exotic
      ? 'have it written again by `helm repo index`'
      : 'split the repository, or fetch the chart by its address',
  })
}

/**
 * Something has to be fetched from where only the network leads, and the caller gave nothing to reach it with. As a library: pass a context.
 */
export function networkMissing(name: string, location: string): RopewayError {
  return new RopewayError({
    code: 'NETWORK_MISSING',
    side: 'usage',
    operation: 'fetching a dependency',
    message: `the dependency ${name} has to be fetched from ${location}, and there is nothing to fetch with`,
    about: name,
    hint: 'pass a context, or put the chart into the charts/ folder first',
  })
}

/** What the reference names is an image or another artifact, not a chart. The `oci` source carries such. */
export function notAChart(about: string): RopewayError {
  return new RopewayError({
    code: 'NOT_A_CHART',
    side: 'source',
    operation: 'reading a chart',
    message: `${about} is no Helm chart`,
    about,
    hint: 'for images and other artifacts use the oci source',
  })
}

/** A file of overrides is not written as such: `overrides: {<chart>: values}`. */
export function overridesInvalid(file: string, problem: string, near?: string): RopewayError {
  return new RopewayError({
    code: 'OVERRIDES_INVALID',
    side: 'chain',
    operation: 'reading overrides',
    message: `the overrides ${file} cannot be used: ${problem}`,
    about: file,
    hint: near ?? 'write them as: overrides: {<chart>: <its values>}',
  })
}

/**
 * A chart's provenance file (.prov) cannot be read. Tell whoever publishes the chart; `provenance: false` leaves
 * provenance behind.
 */
export function provenanceInvalid(about: string, problem: string): RopewayError {
  return new RopewayError({
    code: 'PROVENANCE_INVALID',
    side: 'source',
    operation: 'checking provenance',
    message: `the provenance of ${about} cannot be read: ${problem}`,
    about,
    hint: 'set `provenance: false` to carry the chart without it',
  })
}

/**
 * A chart's provenance file names another sha256 than the archive beside it has: one of the two was replaced. Do not use
 * the chart before its publisher has said which is right.
 */
export function provenanceMismatch(about: string, actual: string, named: readonly string[]): RopewayError {
  return new RopewayError({
    code: 'PROVENANCE_MISMATCH',
    side: 'source',
    operation: 'checking provenance',
    message: `the provenance of ${about} is about another archive: it names ${named.join(', ') || 'none'}, the archive is ${actual}`,
    about,
    hint: 'ask its publisher which is right; set `provenance: false` to carry the chart without it',
  })
}

/** The server did not say whether a chart has provenance. Try again, or do without. */
export function provenanceUnavailable(location: string, status: number): RopewayError {
  return new RopewayError({
    code: 'PROVENANCE_UNAVAILABLE',
    side: 'source',
    operation: 'fetching provenance',
    message: `${location} answers with ${String(status)}, so whether the chart is signed is not known`,
    about: location,
    hint: 'try again; set `provenance: false` to carry the chart without it',
    temporary: status >= 500,
  })
}

/**
 * Whether a chart has provenance is not known, because its server forbids to look, or answers with something else. The chart
 * travels without it. `provenance: false` stops asking.
 */
export function provenanceUnknown(location: string, answer: string): Warning {
  return {
    code: 'PROVENANCE_UNKNOWN',
    message: `whether the chart is signed is not known: ${location} answers with ${answer}`,
    about: location,
    hint: 'set `provenance: false` when the charts of this repository are not signed',
  }
}

/**
 * The file in which helm keeps the repositories that it was told of cannot be read. `helm repo list` shows whether helm can; or name the
 * repository by its address.
 */
export function repositoriesInvalid(file: string, problem: string): RopewayError {
  return new RopewayError({
    code: 'REPOSITORIES_INVALID',
    side: 'usage',
    operation: 'looking for a chart repository',
    message: `${file} cannot be read: ${problem}`,
    about: file,
    hint: 'name the repository by its address, or write the file anew with `helm repo add`',
  })
}

/** The address of a chart repository is not one. It is the address that `helm repo add` takes, without a password. */
export function repositoryInvalid(location: string, problem: string): RopewayError {
  return new RopewayError({
    code: 'REPOSITORY_INVALID',
    side: 'chain',
    operation: 'reading a repository address',
    message: `${JSON.stringify(location)} is not the address of a chart repository: ${problem}`,
    about: location,
    hint: 'write https://host/path; credentials come from `ropeway login HOST` or the environment',
  })
}

/**
 * A dependency names its repository as `@name` or `alias:name`, and helm knows none of that name here. Add it with `helm repo add`, or write
 * the address into Chart.yaml.
 */
export function repositoryNotNamed(dependency: string, name: string): RopewayError {
  return new RopewayError({
    code: 'REPOSITORY_NOT_NAMED',
    side: 'source',
    operation: 'looking for a dependency',
    message: `the dependency ${dependency} is of the repository ${JSON.stringify(name)}, which helm does not know here`,
    about: dependency,
    hint: `helm repo add ${name} URL, or write the address into Chart.yaml`,
  })
}

/**
 * A value cannot be set in a values file without changing what else Helm reads from it: the place is written in a way that cannot be edited.
 * The file was left as it is. Edit it by hand, or give the value with `-f` or `--set` instead.
 */
export function valuesNotEditable(path: string, cause?: unknown): RopewayError {
  return new RopewayError({
    code: 'VALUES_NOT_EDITABLE',
    side: 'transform',
    operation: 'editing values',
    message: `the value ${path} cannot be set in place without changing others`,
    about: path,
    hint: 'edit the file by hand: the value is written in a way that only a person can change',
    cause,
  })
}

/**
 * A path leads through something that has nothing below it, such as a text or a number, or past the end of a list. Correct the path, or set
 * what is above it first.
 */
export function valuesPathInvalid(path: string, problem: string): RopewayError {
  return new RopewayError({
    code: 'VALUES_PATH_INVALID',
    side: 'transform',
    operation: 'editing values',
    message: `there can be no value ${path}: ${problem}`,
    about: path,
    hint: 'correct the path, or set what is above it first',
  })
}

/**
 * A chart has no value of this path, neither itself nor its subcharts, and the map that it would stand in has other keys. The hint gives the
 * nearest paths. A key that is new on purpose needs `--add`.
 */
export function valuesPathUnknown(path: string, chart: string, near: readonly string[]): RopewayError {
  const nearLines = near.length === 0 ? [] : [`the nearest: ${near.join(', ')}`]
  return new RopewayError({
    code: 'VALUES_PATH_UNKNOWN',
    side: 'usage',
    operation: 'setting values',
    message: `the chart ${chart} has no value ${path}`,
    about: path,
    hint: [...nearLines, 'to add it all the same: --add'].join('\n'),
  })
}

/**
 * A version does not follow the rules by which Helm reads versions: one to three numbers, an optional `v` before them,
 * optional pre-release and build parts (`v1.2`, `2024.01.05`, `1.2.3-rc.1+build`). Correct the version in the chart.
 */
export function versionInvalid(text: string, about?: string): RopewayError {
  return new RopewayError({
    code: 'VERSION_INVALID',
    side: 'source',
    operation: 'reading a version',
    message: `${JSON.stringify(text)} is not a version that Helm understands`,
    about: about ?? text,
    hint: 'write numbers separated by dots, such as 1.2.3, v1.2 or 1.2.3-rc.1',
  })
}

function listed(items: readonly string[]): string {
  return items.length <= 10
    ? items.join(', ')
    : `${items.slice(0, 10).join(', ')} and ${String(items.length - 10)} more`
}

function quoted(text: string): string {
  return JSON.stringify(text)
}
