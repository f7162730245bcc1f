import { isStrictVersion, sortNewestFirst } from './version.js'

/** The tag of a chart's version: registries take no `+`, so Helm writes `_` for it. */
export function versionTag(version: string): string {
  return version.replaceAll('+', '_')
}

/** The version that a chart's tag stands for. */
export function tagVersion(tag: string): string {
  return tag.replaceAll('_', '+')
}

/**
 * The versions among a chart's tags, newest first. As in Helm, only what semver.org accepts counts: `v1.2.3` and `1.2` are
 * found by their exact name alone.
 */
export function versionsOfTags(tags: Iterable<string>): { readonly version: string; readonly tag: string }[] {
  const versions = [...tags].map((tag) => ({ version: tagVersion(tag), tag }))
  return sortNewestFirst(
    versions.filter(({ version }) => isStrictVersion(version)),
    ({ version }) => version,
  )
}
