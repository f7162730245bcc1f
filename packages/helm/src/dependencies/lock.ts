import { sha256 } from '@ropeway/oci'
import { z } from 'zod'
import { chartInvalid } from '../errors.js'
import type { ChartFile } from '../chart/archive.js'
import type { ChartDependency, ChartMetadata } from '../chart/metadata.js'
import { dependencyFields, goJson } from '../chart/metadata-json.js'
import { makeMap, makeSlice } from '@ropeway/gotemplate'
import { emitYaml } from '../yaml/emit.js'
import { isYamlMap, readYaml, toJson } from '../yaml/read.js'

/** A dependency as a lock pins it. */
export interface LockedDependency {
  readonly name: string
  readonly repository: string
  readonly version: string
}

/** What `Chart.lock` says. */
export interface ChartLock {
  readonly dependencies: readonly LockedDependency[]
  /** Of what Chart.yaml declared and of these dependencies, `sha256:…`. */
  readonly digest: string
  readonly generated: string
}

const text = z
  .string()
  .nullish()
  .transform((found) => found ?? '')
const Lock = z.object({
  dependencies: z.array(z.object({ name: text, repository: text, version: text })).nullish(),
  digest: text,
  generated: text,
})

/** Where the lock of a chart is: charts of apiVersion v1 have their own file. */
export function lockPath({ apiVersion }: Pick<ChartMetadata, 'apiVersion'>): string {
  return apiVersion === 'v1' ? 'requirements.lock' : 'Chart.lock'
}

/** Reads a chart's lock; `undefined` when it has none. Throws `CHART_INVALID`. */
export function readChartLock(
  files: readonly ChartFile[],
  metadata: Pick<ChartMetadata, 'apiVersion'>,
  name: string,
): ChartLock | undefined {
  const path = lockPath(metadata)
  const bytes = files.find((file) => file.path === path)?.bytes
  if (bytes === undefined) return undefined
  const fail = (problem: string) => chartInvalid(name, `its ${path} cannot be read: ${problem}`)
  const root = readYaml(
    new TextDecoder().decode(bytes),
    ({ message }) => fail(message),
    (found) => found,
  )
  const parsed = Lock.safeParse(isYamlMap(root) ? toJson(root) : root)
  if (!parsed.success) throw fail('it does not list dependencies with name, repository and version')
  return { ...parsed.data, dependencies: parsed.data.dependencies ?? [] }
}

/** Whether a lock was made for what the chart declares, as Helm tells it; charts of Helm 2 have another digest. */
export function isInSync(lock: ChartLock, declared: readonly ChartDependency[]): boolean {
  if (lock.digest === lockDigest(declared, lock.dependencies)) return true
  return lock.digest === digestOf({ dependencies: declared.map(dependencyFields) })
}

/** The digest by which Helm tells that Chart.yaml changed since its lock was made. */
export function lockDigest(declared: readonly ChartDependency[], locked: readonly LockedDependency[]): string {
  return digestOf([declared.map(dependencyFields), locked.map(dependencyFields)])
}

function digestOf(value: unknown): string {
  return sha256(new TextEncoder().encode(goJson(value)))
}

/** A lock as Helm writes it, but without the time of its making: equal dependencies give equal bytes. */
export function writeChartLock(declared: readonly ChartDependency[], locked: readonly LockedDependency[]): Uint8Array {
  const value = makeMap([
    [
      'dependencies',
      makeSlice(locked.map(({ name, repository, version }) => makeMap(Object.entries({ name, repository, version })))),
    ],
    ['digest', lockDigest(declared, locked)],
    ['generated', '0001-01-01T00:00:00Z'],
  ])
  return new TextEncoder().encode(`${emitYaml(value)}\n`)
}
