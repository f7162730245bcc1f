import type { ChartDependency, ChartMetadata } from './metadata.js'

/** The order of fields in the config that Helm writes. */
const order = [
  'name',
  'home',
  'sources',
  'version',
  'description',
  'keywords',
  'maintainers',
  'icon',
  'apiVersion',
  'condition',
  'tags',
  'appVersion',
  'deprecated',
  'annotations',
  'kubeVersion',
  'dependencies',
  'type',
] as const satisfies readonly (keyof ChartMetadata)[]

const maintainerOrder = ['name', 'email', 'url'] as const
const dependencyOrder = [
  'name',
  'version',
  'repository',
  'condition',
  'tags',
  'enabled',
  'import-values',
  'alias',
] as const

/** Dependencies always have these, even when empty. */
const kept: ReadonlySet<string> = new Set(['name', 'repository'])

/** Chart.yaml as Helm writes it into the config of its OCI artifact: JSON, fields in Go's order, empty ones left out. */
export function metadataJson(metadata: ChartMetadata): string {
  const { maintainers, dependencies, annotations } = metadata
  return goJson(
    inOrder(
      {
        ...metadata,
        annotations: annotations && sorted(annotations),
        maintainers: maintainers?.map((maintainer) => inOrder(maintainer, maintainerOrder)),
        dependencies: dependencies?.map(dependencyFields),
      },
      order,
    ),
  )
}

/** A dependency with its fields in Go's order, empty ones left out. */
export function dependencyFields(dependency: Partial<ChartDependency>): object {
  return inOrder(dependency, dependencyOrder, kept)
}

function inOrder<T extends object>(
  value: T,
  keys: readonly (keyof T & string)[],
  always: ReadonlySet<string> = new Set(),
): object {
  return Object.fromEntries(
    keys.filter((key) => always.has(key) || !isEmpty(value[key])).map((key) => [key, value[key]]),
  )
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0
  return value === undefined || value === null || value === '' || value === false
}

function sorted<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
}

/** Go escapes what could end a script element, and the line separators of JavaScript. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
