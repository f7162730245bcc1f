import type { Json } from '@ropeway/core'
import type { ChartFile } from '@ropeway/helm'
import type { Discovery, Proof, Relocation } from '@ropeway/images'
import { z } from 'zod'
import type { ManifestRelocation } from './analysis.js'
import { discoverySchema, proofSchema } from './schemas.js'

/** A relocation of a chart; a file is its place among the `given` ones, or what it became. */
const chartSchema = (given: number) =>
  z.object({
    files: z.array(z.union([z.int().nonnegative().lt(given), z.object({ path: z.string(), bytes: z.base64() })])),
    changed: z.boolean(),
    overlay: z.string(),
    proof: proofSchema,
  })

const manifestsSchema = z.object({ texts: z.array(z.string()), proof: proofSchema })

/** Data as JSON keeps it: fields that are `undefined` are gone. */
export function asJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json
}

/** Throws for what is no discovery. Fields keep their order. */
export function parseDiscovery(kept: unknown): Discovery {
  discoverySchema.parse(kept)
  return kept as Discovery
}

/** A relocation without the files of the chart that are as they were. */
export function keptRelocation({ files, changed, overlay, proof }: Relocation, given: readonly ChartFile[]): Json {
  const places = new Map(given.map((file, at) => [file, at]))
  const kept = files.map(
    (file) => places.get(file) ?? { path: file.path, bytes: Buffer.from(file.bytes).toString('base64') },
  )
  return asJson({ files: kept, changed, overlay, proof })
}

/** The opposite of `keptRelocation`, for the same files. Throws for what is no relocation of them. */
export function parseRelocation(kept: unknown, given: readonly ChartFile[]): Relocation {
  const { files, changed, overlay } = chartSchema(given.length).parse(kept)
  const whole = files.flatMap(
    (file) =>
      (typeof file === 'number' ? given[file] : { path: file.path, bytes: Buffer.from(file.bytes, 'base64') }) ?? [],
  )
  return { files: whole, changed, overlay, proof: proofIn(kept) }
}

/** Throws for what is no relocation of manifests. */
export function parseManifestRelocation(kept: unknown): ManifestRelocation {
  const { texts } = manifestsSchema.parse(kept)
  return { texts, proof: proofIn(kept) }
}

/** As it was made, not as the schema reads it: proofs are delivered, and the order of their fields is part of their digests. */
function proofIn(kept: unknown): Proof {
  return (kept as { readonly proof: Proof }).proof
}
