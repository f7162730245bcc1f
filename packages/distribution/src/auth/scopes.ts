/** A resource and what may be done with it: `repository:app/web:pull,push`. */
export type Scope = string

export function repositoryScope(repository: string, ...actions: readonly string[]): Scope {
  return `repository:${repository}:${actions.join(',')}`
}

interface Parsed {
  readonly resource: string
  readonly actions: readonly string[]
}

/** The resource's name may hold colons itself (a port), so the actions are split off from the right. */
function parse(scope: Scope): Parsed {
  const colon = scope.lastIndexOf(':')
  return { resource: scope.slice(0, colon), actions: scope.slice(colon + 1).split(',') }
}

/**
 * `wanted` and what a challenge asks for beyond it, in one list: actions are joined per resource, the order of `wanted`
 * stays, because some registries look at the first scope only.
 */
export function joinScopes(wanted: readonly Scope[], challenged: string | undefined): readonly Scope[] {
  const resources = new Map<string, Set<string>>()
  for (const scope of [...wanted, ...(challenged ?? '').split(/\s+/).filter((text) => text.includes(':'))]) {
    const { resource, actions } = parse(scope)
    const known = resources.get(resource) ?? new Set()
    for (const action of actions) known.add(action)
    resources.set(resource, known)
  }
  return [...resources].map(([resource, actions]) => `${resource}:${[...actions].join(',')}`)
}

/** One text for equal sets of scopes, whatever their order. */
export function scopesKey(scopes: readonly Scope[]): string {
  return scopes
    .map((scope) => {
      const { resource, actions } = parse(scope)
      return `${resource}:${actions.toSorted().join(',')}`
    })
    .sort()
    .join(' ')
}
