import { isRopewayError, RopewayError, type ErrorDetails } from '@ropeway/core'
import { HelmError, type ChartFile } from '@ropeway/helm'
import type { Discovery, RelocateOptions } from '@ropeway/images'
import type { Analysis, DiscoverInput, ManifestText } from './analysis.js'
import { asJson, keptRelocation } from './kept.js'

/** Where references go, as plain data: what a relocation asks for is known beforehand. */
export interface MoveData {
  readonly discovery: Discovery
  readonly table: readonly (readonly [reference: string, destination: string | undefined, excluded: boolean])[]
}

/** Work of an analysis as plain data, so that it can be done in another thread. */
export type Job =
  | { readonly type: 'discover chart'; readonly files: readonly ChartFile[]; readonly input: DiscoverInput }
  | {
      readonly type: 'relocate chart'
      readonly files: readonly ChartFile[]
      readonly moves: MoveData
      readonly options: Pick<RelocateOptions, 'settings' | 'mode' | 'repository'>
    }
  | { readonly type: 'relocate manifests'; readonly files: readonly ManifestText[]; readonly moves: MoveData }

/** What a thread answers to a job. */
export type Answer = { readonly value: unknown } | { readonly error: PackedError }

export function moveData({
  discovery,
  destination,
  excluded,
}: Pick<RelocateOptions, 'discovery' | 'destination' | 'excluded'>): MoveData {
  const table = discovery.images.map(
    ({ reference }) => [reference, destination(reference), excluded?.(reference) === true] as const,
  )
  return { discovery, table }
}

function movesIn({ discovery, table }: MoveData) {
  const known = new Map(table.map(([reference, destination, excluded]) => [reference, { destination, excluded }]))
  return {
    discovery,
    destination: (reference: string) => known.get(reference)?.destination,
    excluded: (reference: string) => known.get(reference)?.excluded === true,
  }
}

/** Does a job; the result is plain data as results are kept. Throws what the analysis throws. */
export async function perform(job: Job, analysis: Analysis): Promise<unknown> {
  if (job.type === 'discover chart') return asJson(await analysis.discoverChart(job.files, job.input))
  if (job.type === 'relocate manifests') return asJson(await analysis.relocateManifests(job.files, movesIn(job.moves)))
  const relocation = await analysis.relocateChart(job.files, { ...job.options, ...movesIn(job.moves) })
  return keptRelocation(relocation, job.files)
}

/** An error as it comes through between threads: the class of our own ones would not survive. */
export type PackedError =
  | { readonly type: 'ropeway'; readonly details: ErrorDetails; readonly errors: readonly PackedError[] }
  | { readonly type: 'helm'; readonly message: string; readonly at: ConstructorParameters<typeof HelmError>[1] }
  | { readonly type: 'other'; readonly error: unknown }

export function packError(thrown: unknown): PackedError {
  if (isRopewayError(thrown)) {
    const { code, side, message, operation, about, at, tried, hint, temporary, retryAfter, cause } = thrown
    const details = { code, side, message, operation, about, at, tried, hint, temporary, retryAfter, cause }
    return { type: 'ropeway', details, errors: thrown.errors.map(packError) }
  }
  if (thrown instanceof HelmError) {
    const { message, template, line, column } = thrown
    return { type: 'helm', message, at: { template, line, column } }
  }
  return { type: 'other', error: thrown }
}

export function unpackError(packed: PackedError): unknown {
  if (packed.type === 'ropeway') return new RopewayError({ ...packed.details, errors: packed.errors.map(unpackError) })
  return packed.type === 'helm' ? new HelmError(packed.message, packed.at) : packed.error
}
