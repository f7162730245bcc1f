/**
 * A file's name as the last part of a repository: lower case, anything that registries refuse replaced by `-`
 * (distribution-spec, "Pulling manifests").
 */
export function repositoryName(name: string): string {
  const parts = name
    .toLowerCase()
    .split(/([^a-z0-9]+)/)
    .map((part) => (/^[a-z0-9]*$/.test(part) || /^(?:\.|_|__|-+)$/.test(part) ? part : '-'))
  return parts.join('').replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '') || 'file'
}

/** A version as a tag: `+` becomes `_` as in charts' tags, anything else that registries refuse `-`. */
export function tagOf(version: string): string {
  const tag = version.replaceAll('+', '_').replace(/[^A-Za-z0-9._-]/g, '-')
  return (/^[.-]/.test(tag) ? `_${tag}` : tag).slice(0, 128)
}

/** The last part of a path or address. */
export function baseName(path: string): string {
  return (
    path
      .replace(/[/\\]+$/, '')
      .split(/[/\\]/)
      .at(-1) ?? path
  )
}
