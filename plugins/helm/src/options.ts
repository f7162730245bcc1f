import { z } from 'zod'

const text = z.string().min(1)
const version = z
  .string({ error: 'write the version in quotes: version: "1.10"' })
  .min(1)
  .describe('A version or a constraint (`1.2.3`, `^1.2`, `>=1 <2`). Left out: the newest stable version.')
const namespace = z
  .string()
  .regex(/^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/, {
    error: 'a namespace is a part of a repository path: lower-case letters, digits, ".", "_", "-" and "/"',
  })
  .describe('Path before the name of the chart at the destination.')
const devel = z.boolean().describe('Whether pre-releases count when no version is given.')
const values = z
  .union([text, z.array(text)])
  .describe('Values files that the chart is rendered with, relative to the chain.')
const set = z.array(text).describe('Single values, each `path=value`, over the values files.')

/** How a chart is rendered to find the images behind it. Never baked in. */
const rendering = {
  values: values.optional(),
  set: set.optional(),
  setString: z.array(text).describe('Single values that are strings, each `path=value`.').optional(),
  setJson: z.array(text).describe('Single values as JSON, each `path=JSON`.').optional(),
  releaseName: text.describe('Name of the release that the chart is rendered as.').optional(),
  releaseNamespace: text.describe('Namespace in the cluster that the chart is rendered for.').optional(),
  kubeVersion: text.describe('Version of Kubernetes that the chart is rendered for.').optional(),
  apiVersions: z.array(text).describe('API versions that the cluster knows besides its own.').optional(),
}

/** What several charts cannot share. */
const ownKeys = ['version', 'values', 'set', 'setString', 'setJson', 'releaseName'] as const

const listedChart = z.strictObject({
  chart: text.describe('Name in the repository, path of a folder or .tgz, or `oci://` or `https://` address.'),
  version: version.optional(),
  namespace: namespace.optional(),
  devel: devel.optional(),
  ...rendering,
})

export const helmOptions = z
  .strictObject({
    repository: text
      .describe('Address of the chart repository, `https://…`, or `oci://host/path`. Left out for local charts.')
      .optional(),
    chart: text
      .describe('Name in the repository, path of a folder or .tgz, or `oci://` or `https://` address.')
      .optional(),
    charts: z
      .array(z.union([text, listedChart]))
      .min(1)
      .describe('Several charts of one repository, each its name or its own options.')
      .optional(),
    version: version.optional(),
    namespace: namespace.optional(),
    devel: devel.optional(),
    ...rendering,
    passCredentials: z
      .boolean()
      .describe('Whether credentials of the repository go to other hosts that its index names.')
      .default(false),
    verifyDigest: z.boolean().describe('Whether archives have to have the digest that the index names.').default(true),
    dependencies: z
      .enum(['include', 'exclude'])
      .describe('Whether a local chart travels with the dependencies that its charts/ lacks, as its lock pins them.')
      .default('include'),
    provenance: z
      .boolean()
      .describe('Whether provenance files (.prov) travel with charts that have them.')
      .default(true),
  })
  .refine(({ chart, charts }) => (chart === undefined) !== (charts === undefined), {
    message: 'name what to carry: either `chart: NAME`, or `charts: [NAME, …]`',
    path: ['chart'],
  })
  .refine((options) => options.charts === undefined || ownKeys.every((key) => options[key] === undefined), {
    message:
      'with `charts`, version, values, set and the release’s name belong to each chart: charts: [{ chart: NAME, version: "1.2.3" }]',
    path: ['charts'],
  })

export type HelmOptions = z.output<typeof helmOptions>

/** One chart that the options name. */
export interface NamedChart {
  readonly chart: string
  readonly version: string | undefined
  readonly namespace: string | undefined
  readonly devel: boolean | undefined
  readonly values: readonly string[]
  readonly set: readonly string[]
  readonly setString?: readonly string[] | undefined
  readonly setJson?: readonly string[] | undefined
  readonly releaseName?: string | undefined
  readonly releaseNamespace?: string | undefined
  readonly kubeVersion?: string | undefined
  readonly apiVersions?: readonly string[] | undefined
}

/** The charts of a step, in the order in which they are written. */
export function namedCharts(options: HelmOptions): readonly NamedChart[] {
  const { chart = '', charts = [{ ...options, chart }] } = options
  return charts.map((item) => {
    const named: z.output<typeof listedChart> = typeof item === 'string' ? { chart: item } : item
    const { values: files = [] } = named
    return {
      chart: named.chart,
      version: named.version,
      namespace: named.namespace ?? options.namespace,
      devel: named.devel ?? options.devel,
      values: typeof files === 'string' ? [files] : files,
      set: named.set ?? [],
      setString: named.setString,
      setJson: named.setJson,
      releaseName: named.releaseName,
      releaseNamespace: named.releaseNamespace ?? options.releaseNamespace,
      kubeVersion: named.kubeVersion ?? options.kubeVersion,
      apiVersions: named.apiVersions ?? options.apiVersions,
    }
  })
}
