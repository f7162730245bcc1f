import { parseConstraint, satisfies } from '../version/constraint.js'
import { tryVersion } from '../version/version.js'

export interface Choice {
  /** Pre-releases count when no version is asked for, as with `helm --devel`. */
  readonly devel?: boolean | undefined
}

/**
 * The version that Helm would take: the one written exactly so, else the newest that satisfies the constraint; without a
 * constraint the newest stable one. `versions` are newest first. `undefined` when none satisfies.
 * Throws `CONSTRAINT_INVALID`.
 */
export function selectVersion<T extends { readonly version: string }>(
  versions: readonly T[],
  wanted: string | undefined,
  { devel = false }: Choice = {},
): T | undefined {
  const constraint = parseConstraint(wanted ?? (devel ? '>0.0.0-0' : '*'))
  const exact = wanted === undefined ? undefined : versions.find(({ version }) => version === wanted)
  return (
    exact ??
    versions.find(({ version }) => {
      const parsed = tryVersion(version)
      return parsed !== undefined && satisfies(parsed, constraint)
    })
  )
}
