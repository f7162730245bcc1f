import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadChart } from '../render/render.js'

const Recorded = z.object({
  cases: z.array(z.object({ schema: z.unknown(), values: z.unknown(), problems: z.array(z.string()).optional() })),
})
const recorded = new URL('../../testdata/schemas-4.1.4.json', import.meta.url)
const { cases } = Recorded.parse(JSON.parse(readFileSync(recorded, 'utf8')))

async function problemsOf(schema: unknown, values: unknown): Promise<string[] | undefined> {
  const files = {
    'Chart.yaml': 'apiVersion: v2\nname: t\nversion: 0.1.0\n',
    'values.yaml': JSON.stringify(values),
    'values.schema.json': JSON.stringify(schema),
    'templates/a.yaml': 'a: 1\n',
  }
  const chart = await loadChart(Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) })))
  try {
    chart.render()
    return undefined
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return error.message.split('\n').slice(2)
  }
}

describe('values are checked by their schema as helm does', () => {
  it('with a good number of recorded schemas', () => {
    expect(cases.length).toBeGreaterThan(200)
  })

  it.each(cases.map((one) => [JSON.stringify(one.schema).slice(-150), JSON.stringify(one.values), one] as const))(
    '%s with %s',
    async (_, __, { schema, values, problems }) => {
      // helm goes through the properties of a schema in no order
      expect((await problemsOf(schema, values))?.sort()).toEqual(problems?.toSorted())
    },
  )
})
