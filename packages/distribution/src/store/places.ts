import type { DeliveryPlan, Reference } from '@ropeway/core'

/** Repositories of one host in which permission to write is proved, of different projects. */
const checkedProjects = 8

function destinationsOf({ artifacts }: DeliveryPlan): readonly Reference[] {
  return artifacts.flatMap(({ destinations }) => destinations)
}

/** `host/prefix` for each host: the components that all its repositories begin with. */
export function planLocation(plan: DeliveryPlan): string {
  const hosts = Map.groupBy(destinationsOf(plan), ({ registry }) => registry)
  const locations = [...hosts].map(([host, references]) => [host, ...sharedPath(references)].join('/'))
  return locations.length === 0 ? 'no registry' : locations.sort().join(', ')
}

function sharedPath(references: readonly Reference[]): string[] {
  const folders = references.map(({ repository }) => repository.split('/').slice(0, -1))
  const [first = [], ...others] = folders
  const end = first.findIndex((component, index) => others.some((folder) => folder[index] !== component))
  return end < 0 ? first : first.slice(0, end)
}

/** One repository of each host and project (the first component), for that is how registries give permission. */
export function checkedRepositories(plan: DeliveryPlan): readonly Reference[] {
  const hosts = Map.groupBy(destinationsOf(plan), ({ registry }) => registry)
  return [...hosts.values()].flatMap((references) => {
    const projects = new Map(references.map((reference) => [reference.repository.split('/', 1)[0], reference]))
    return [...projects.values()].slice(0, checkedProjects)
  })
}
