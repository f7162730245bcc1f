import { z } from 'zod'

const text = z.string().min(1)
const names = z.union([text, z.array(text)])

export const addonsOptions = z
  .strictObject({
    values: text.describe('GitOps values file whose addons are carried, relative to the chain.').optional(),
    catalogs: z
      .union([text, z.array(text).min(1)])
      .describe('Catalogs of addons, relative to the chain: one, or several that are merged.')
      .optional(),
    only: names
      .describe('Only these: charts of a values file, releases of catalogs; whole names in any case.')
      .optional(),
    exclude: names.describe('All but these; wins over `only`.').optional(),
    latest: z
      .boolean()
      .describe('Whether the newest stable version is taken in place of the one that is written.')
      .default(false),
    overrides: z
      .union([text, z.record(z.string(), z.record(z.string(), z.json()))])
      .describe(
        'Values that charts are rendered with, chart → values, or a file that holds them below `overrides`. Left out: `chart-overrides.yaml`, if it is there.',
      )
      .optional(),
    embedOverrides: z.boolean().describe('Whether overrides become the charts’ own defaults.').default(false),
    excludeDependencies: z
      .boolean()
      .describe('Whether charts travel without their dependencies; library charts stay.')
      .default(false),
    passCredentials: z
      .boolean()
      .describe('Whether credentials of a repository go to other hosts that its index names.')
      .default(false),
    verifyDigest: z.boolean().describe('Whether archives have to have the digest that the index names.').default(true),
    provenance: z
      .boolean()
      .describe('Whether provenance files (.prov) travel with charts that have them.')
      .default(true),
  })
  .refine(({ values, catalogs }) => (values === undefined) !== (catalogs === undefined), {
    message: 'name where the addons stand: either `values: FILE`, or `catalogs: [FILE, …]`',
    path: ['values'],
  })

export type AddonsOptions = z.output<typeof addonsOptions>

/** An option that may be one thing or several. */
export function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return typeof value === 'string' ? [value] : (value ?? [])
}
