import { z } from 'zod'

/** What stands under `oclif.ropeway` in an adapter package's package.json. */
export const AdapterManifest = z.strictObject({
  apiVersion: z.number().int(),
  adapters: z.array(
    z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.enum(['source', 'transform']),
        name: AdapterName(),
        module: z.string(),
        export: z.string(),
      }),
      z.strictObject({
        kind: z.literal('sink'),
        name: AdapterName(),
        module: z.string(),
        export: z.string(),
        /** Patterns of registries for which this sink is taken when only a host is named. */
        hosts: z.array(z.string().min(1)).min(1).optional(),
      }),
      z.strictObject({
        kind: z.literal('credentials'),
        name: AdapterName(),
        module: z.string(),
        export: z.string(),
        /** Host patterns, `*` for any run of characters: `*.dkr.ecr.*.amazonaws.com`. */
        hosts: z.array(z.string().min(1)).min(1),
      }),
    ]),
  ),
})
export type AdapterManifest = z.infer<typeof AdapterManifest>

function AdapterName() {
  return z.string().regex(/^[a-z][a-z0-9-]*$/, 'an adapter’s name is lower-case letters, digits and dashes')
}

/** The part of a package.json that the host reads. */
export const PackageManifest = z.object({
  name: z.string(),
  version: z.string().default('0.0.0'),
  oclif: z.object({ plugins: z.array(z.string()).optional() }).optional(),
})
export type PackageManifest = z.infer<typeof PackageManifest>

/** What is read of a package.json to find its adapters: that the rest of it is odd must not hide them. */
export const ListingManifest = z.object({ oclif: z.object({ ropeway: z.unknown() }) })
