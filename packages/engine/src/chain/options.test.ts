import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { checkOptions } from './options.js'

const options = z.strictObject({
  charts: z.array(z.strictObject({ chart: z.string(), values: z.strictObject({ replicas: z.int() }).optional() })),
  labels: z.record(z.string(), z.string()).optional(),
  auth: z.looseObject({ user: z.string().default('me') }).optional(),
})
const adapter = { kind: 'source', name: 'kit', options } as const

async function check(written: unknown) {
  const checked = await checkOptions(adapter, written, (path) => path.join('.'))
  return 'errors' in checked ? checked.errors.map(({ code, at, message }) => `${at} ${code} ${message}`) : checked
}

describe('options', () => {
  it('come back as their schema gives them', async () => {
    expect(await check({ charts: [{ chart: 'a' }], labels: { any: 'thing' }, auth: { other: 1 } })).toEqual({
      options: { charts: [{ chart: 'a' }], labels: { any: 'thing' }, auth: { user: 'me', other: 1 } },
    })
  })
  it('that are unknown are found at every depth, with the nearest name', async () => {
    const written = { chrats: [], charts: [{ chart: 'a' }, { charts: 'b', values: { replica: 1 } }] }
    expect(await check(written)).toEqual([
      'chrats OPTION_UNKNOWN unknown option "chrats" for source "kit". Did you mean "charts"?',
      'charts.1.charts OPTION_UNKNOWN unknown option "charts.1.charts" for source "kit". Did you mean "chart"?',
      'charts.1.values.replica OPTION_UNKNOWN unknown option "charts.1.values.replica" for source "kit". Did you mean "replicas"?',
    ])
  })
  it('of a wrong type are told with their place', async () => {
    expect(await check({ charts: [{ chart: 1 }, { chart: 'a', values: { replicas: 1.5 } }] })).toEqual([
      expect.stringMatching(/^charts\.0\.chart OPTION_INVALID option "charts\.0\.chart" of source "kit": .*string/),
      expect.stringMatching(/^charts\.1\.values\.replicas OPTION_INVALID .*int/),
    ])
  })
  it('may be left out, where none is required', async () => {
    expect(await check(null)).toEqual([expect.stringContaining('charts OPTION_INVALID')])
    const none = { ...adapter, options: z.strictObject({ a: z.string().optional() }) }
    expect(await checkOptions(none, null, () => undefined)).toEqual({ options: {} })
  })
  it('that are no map are refused', async () => {
    for (const written of ['text', 5, [1]]) expect(await check(written)).toEqual([expect.stringContaining('OPTION_')])
  })
})
