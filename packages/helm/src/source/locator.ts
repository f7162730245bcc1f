import { z } from 'zod'
import type { Json } from '@ropeway/core'
import { sha256 } from '@ropeway/oci'
import type { ChartParts } from '../chart/artifact.js'
import { locatorInvalid } from '../errors.js'

/** Digests of what travels. */
const pinned = { archive: z.string(), provenance: z.string().exactOptional() }

/** What a lock remembers of a chart that lives in no registry: where it is, and what it was. Without queries and credentials. */
export const chartLocator = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('repository'),
    chart: z.string(),
    /** As in the index. */
    version: z.string(),
    url: z.string(),
    /** The index gives an address with a query, which may hold a secret: it is asked for again. */
    signed: z.boolean(),
    ...pinned,
  }),
  z.strictObject({ type: z.literal('address'), url: z.string(), ...pinned }),
  /** `packed`: a folder, of which the archive was made here. */
  z.strictObject({ type: z.literal('path'), path: z.string(), packed: z.boolean(), ...pinned }),
])
export type ChartLocator = z.output<typeof chartLocator>

/** Reads what a lock holds. Throws `CHART_LOCATOR_INVALID`. */
export function readLocator(locator: Json | undefined, name: string): ChartLocator {
  const parsed = chartLocator.safeParse(locator)
  if (!parsed.success) throw locatorInvalid(name, parsed.error)
  return parsed.data
}

/** The digests of a chart, for its locator. */
export function pins({ archive, provenance }: ChartParts): { archive: string; provenance?: string } {
  return { archive: sha256(archive), ...(provenance === undefined ? {} : { provenance: sha256(provenance) }) }
}
