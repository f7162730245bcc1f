import { readFile } from 'node:fs/promises'
import { apiVersion, isAdapter, type Adapter, type OptionsSchema } from '@ropeway/core'
import { z } from 'zod'
import { must, mustEqual, type ContractCase } from './case.js'
import { inWorld, type AdapterSetup, type PackageClaim, type World } from './setup.js'

type Tested<Surroundings extends { dispose?(): unknown }> = AdapterSetup<Adapter, Surroundings>

/** Clauses that hold for adapters of every kind. */
export function identityCases(kind: Adapter['kind']): readonly ContractCase<Tested<{ dispose?(): unknown }>>[] {
  return [
    {
      id: `${kind}/identity`,
      title:
        'The export MUST be made by its define function and have a one-word lower-case name and a one-sentence summary.',
      run: async ({ adapter }) => {
        must(isAdapter(adapter), `it was not made by a define function of @ropeway/core`)
        mustEqual(adapter.kind, kind, 'its kind is another one')
        must(
          /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(adapter.name),
          `its name "${adapter.name}" is not one lower-case word`,
        )
        must(/^\S[^\n]*\S$/.test(adapter.summary), 'its summary is not one sentence in one line')
      },
    },
    {
      id: `${kind}/package`,
      title:
        'The package MUST be free of side effects and list the adapter under `oclif.ropeway` with its kind, name, module and export.',
      needs: 'package',
      run: async ({ adapter, package: claim }) => {
        must(claim !== undefined, 'the setup has no `package`; give it, or declare the capability `package: false`')
        await checkPackage(adapter, claim)
      },
    },
  ]
}

const packageSchema = z.object({
  type: z.literal('module'),
  sideEffects: z.literal(false),
  oclif: z.object({
    ropeway: z.object({
      apiVersion: z.number(),
      adapters: z.array(
        z.strictObject({
          kind: z.string(),
          name: z.string(),
          module: z.string(),
          export: z.string(),
          hosts: z.array(z.string().min(1)).min(1).optional(),
        }),
      ),
    }),
  }),
})

async function checkPackage(adapter: Adapter, claim: PackageClaim): Promise<void> {
  const parsed = packageSchema.safeParse(JSON.parse(await readFile(claim.json, 'utf8')))
  must(parsed.success, `its package.json: ${parsed.success ? '' : z.prettifyError(parsed.error)}`)
  const { ropeway } = parsed.data.oclif
  mustEqual(ropeway.apiVersion, apiVersion, 'its package.json names another apiVersion')
  const entries = ropeway.adapters.filter(({ kind, name }) => kind === adapter.kind && name === adapter.name)
  const entry = entries[0]
  must(
    entry !== undefined && entries.length === 1,
    `its package.json lists ${adapter.kind} ${adapter.name} ${entries.length} times`,
  )
  must(entry.module.startsWith('./'), `the module "${entry.module}" in its package.json is not a path in the package`)
  must(
    claim.exports[entry.export] === adapter,
    `the export "${entry.export}" that its package.json names is not the adapter`,
  )
  const hosts = entry.hosts ?? []
  must(hosts.length > 0 || adapter.kind !== 'credentials', 'a credential provider needs a host pattern')
  must(
    hosts.length === 0 || adapter.kind === 'credentials' || adapter.kind === 'sink',
    'host patterns are for credential providers and sinks',
  )
}

/** Clauses on options, for adapters that have some. */
export function optionsCases(
  kind: 'source' | 'transform' | 'sink',
): readonly ContractCase<AdapterSetup<Adapter & { readonly options: OptionsSchema<unknown> }, World>>[] {
  return [
    {
      id: `${kind}/options-strict`,
      title: 'The options schema MUST refuse an unknown option, at every level.',
      run: (setup) =>
        inWorld(setup, async ({ options }) => {
          const written = z.record(z.string(), z.unknown()).safeParse(options)
          must(written.success, 'the options of the setup are not an object')
          const { validate } = setup.adapter.options['~standard']
          mustEqual(
            (await validate(structuredClone(options))).issues,
            undefined,
            'the schema refuses the options of the setup',
          )
          const refused = await validate({ ...written.data, anOptionThatNobodyHas: true })
          must((refused.issues ?? []).length > 0, 'the schema takes an option that it does not know')
          const loose = objectsOf(inputSchema(setup.adapter.options)).filter(
            ({ node }) => node.properties !== undefined && node.additionalProperties !== false,
          )
          mustEqual(
            loose.map(({ path }) => path),
            [],
            'these objects take unknown options',
          )
        }),
    },
    {
      id: `${kind}/options-described`,
      title: 'Every option MUST have a description in the JSON Schema that the options schema prints.',
      run: async ({ adapter }) => {
        const undescribed = objectsOf(inputSchema(adapter.options)).flatMap(({ path, node }) =>
          Object.entries(node.properties ?? {})
            .filter(([, property]) => !isDescribed(property))
            .map(([name]) => `${path}${name}`),
        )
        mustEqual(undescribed, [], 'these options have no description')
      },
    },
    {
      id: `${kind}/shorthand`,
      title: 'The shorthand, if there is one, MUST name an option.',
      run: async ({ adapter }) => {
        const { shorthand } = adapter
        if (shorthand === undefined) return
        const names = objectsOf(inputSchema(adapter.options))
          .filter(({ path }) => path === '')
          .flatMap(({ node }) => Object.keys(node.properties ?? {}))
        must(names.includes(shorthand), `the shorthand "${shorthand}" is none of its options: ${names.join(', ')}`)
      },
    },
  ]
}

interface SchemaNode {
  readonly description?: string | undefined
  readonly properties?: Readonly<Record<string, SchemaNode>> | undefined
  readonly additionalProperties?: boolean | SchemaNode | undefined
  readonly items?: SchemaNode | undefined
  readonly anyOf?: readonly SchemaNode[] | undefined
  readonly oneOf?: readonly SchemaNode[] | undefined
  readonly allOf?: readonly SchemaNode[] | undefined
  readonly $ref?: string | undefined
  readonly $defs?: Readonly<Record<string, SchemaNode>> | undefined
}

const schemaNode: z.ZodType<SchemaNode> = z.lazy(() =>
  z.object({
    description: z.string().optional(),
    properties: z.record(z.string(), schemaNode).optional(),
    additionalProperties: z.union([z.boolean(), schemaNode]).optional(),
    items: schemaNode.optional(),
    anyOf: z.array(schemaNode).optional(),
    oneOf: z.array(schemaNode).optional(),
    allOf: z.array(schemaNode).optional(),
    $ref: z.string().optional(),
    $defs: z.record(z.string(), schemaNode).optional(),
  }),
)

function inputSchema(options: OptionsSchema<unknown>): SchemaNode {
  const parsed = schemaNode.safeParse(options['~standard'].jsonSchema.input({ target: 'draft-2020-12' }))
  must(parsed.success, 'the options schema prints no JSON Schema')
  return parsed.data
}

/** All objects with fields in the schema, each with its path: `''`, `auth.`, `items[].`. */
function objectsOf(root: SchemaNode): readonly { readonly path: string; readonly node: SchemaNode }[] {
  const found: { path: string; node: SchemaNode }[] = []
  const visit = (node: SchemaNode, path: string): void => {
    if (node.properties !== undefined) found.push({ path, node })
    for (const [name, property] of Object.entries(node.properties ?? {})) visit(property, `${path}${name}.`)
    for (const part of [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])]) visit(part, path)
    if (node.items !== undefined) visit(node.items, path.replace(/\.?$/, '[].'))
    if (typeof node.additionalProperties === 'object') visit(node.additionalProperties, `${path}*.`)
  }
  visit(root, '')
  for (const [name, node] of Object.entries(root.$defs ?? {})) visit(node, `${name}: `)
  return found
}

function isDescribed({ description, anyOf, oneOf, allOf }: SchemaNode): boolean {
  if (description !== undefined && description.trim() !== '') return true
  return [anyOf, oneOf, allOf].some((parts) => parts !== undefined && parts.length > 0 && parts.every(isDescribed))
}
