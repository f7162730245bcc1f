/** How a repository treats tags that are taken, as the API tells it. */
export interface Mutability {
  readonly mode: string
  readonly exclusions: readonly string[]
}

/** Whether a tag of the repository cannot be moved. Filters know `*` for any run of characters, and fit the whole tag. */
export function isImmutable({ mode, exclusions }: Mutability, tag: string): boolean {
  const excluded = exclusions.some((filter) => fits(filter, tag))
  switch (mode) {
    case 'IMMUTABLE':
      return true
    case 'IMMUTABLE_WITH_EXCLUSION':
      return !excluded
    case 'MUTABLE_WITH_EXCLUSION':
      return excluded
    default:
      return false
  }
}

function fits(filter: string, tag: string): boolean {
  const parts = filter.split('*').map((part) => part.replace(/[.]/g, '\\.'))
  return new RegExp(`^${parts.join('.*')}$`).test(tag)
}
