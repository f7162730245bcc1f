import { z } from 'zod'

const text = z.string().min(1)
const json = z.json()

const op = <Name extends string>(name: Name) => z.literal(name).describe('What is done.')
const path = z.string().describe('JSON pointer of where: `/image/tag`, `/containers/0`, `/containers/-` for the end.')
const from = z.string().describe('JSON pointer of what is moved or copied.')
const value = json.describe('The value that is set, or expected.')

const operation = z.discriminatedUnion('op', [
  z.strictObject({ op: op('add'), path, value }),
  z.strictObject({ op: op('replace'), path, value }),
  z.strictObject({ op: op('test'), path, value }),
  z.strictObject({ op: op('remove'), path }),
  z.strictObject({ op: op('move'), from, path }),
  z.strictObject({ op: op('copy'), from, path }),
])
export type PatchOperation = z.output<typeof operation>

const target = z.strictObject({
  apiVersion: text.describe('API version of the objects.').optional(),
  kind: text.describe('Kind of the objects.').optional(),
  name: text.describe('Name of the objects, or a glob.').optional(),
  namespace: text.describe('Namespace of the objects.').optional(),
})
export type PatchTarget = z.output<typeof target>

const patch = z.strictObject({
  file: text
    .describe(
      'File of the chart, or a glob over the files of manifests. Left out: `values.yaml` of charts, all files of manifests.',
    )
    .optional(),
  target: target.describe('Which objects of manifests are meant; left out: all of the file.').optional(),
  patch: z.array(operation).min(1).describe('Operations of JSON Patch (RFC 6902), in this order.'),
})
export type Patch = z.output<typeof patch>

export const overlayOptions = z
  .strictObject({
    charts: z
      .union([text, z.array(text).min(1)])
      .describe('Charts that are changed: names, `name:version`, ids, or globs over them.')
      .optional(),
    manifests: z
      .union([text, z.array(text).min(1)])
      .describe('Manifests that are changed: names, ids, or globs over them.')
      .optional(),
    values: z
      .union([text, z.array(text).min(1), z.record(z.string(), json)])
      .describe('Values that become the charts’ own: dotted path → value, or files of values relative to the chain.')
      .optional(),
    patches: z.array(patch).min(1).describe('JSON patches on files of charts, and on objects of manifests.').optional(),
  })
  .refine(({ charts, manifests }) => charts !== undefined || manifests !== undefined, {
    message: 'say what is changed: charts: [NAME], or manifests: [NAME]',
    path: ['charts'],
  })
  .refine(({ values, patches }) => values !== undefined || patches !== undefined, {
    message: 'say how it is changed: values: { "image.tag": "1.2.3" }, or patches: [{ patch: […] }]',
    path: ['values'],
  })
  .refine(({ charts, values }) => charts !== undefined || values === undefined, {
    message: 'only charts have values: name them under charts',
    path: ['values'],
  })
export type OverlayOptions = z.output<typeof overlayOptions>

export function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}
