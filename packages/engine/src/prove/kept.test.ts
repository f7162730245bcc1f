import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lineAnalysis } from '../analysis/analysis.fixture.js'
import type { Analysis } from '../analysis/analysis.js'
import { imagesAnalysis } from '../analysis/images.js'
import { chartWorld } from '../charts.fixture.js'
import { serializeLock } from '../lock/lock.js'
import { resolve } from '../resolve/resolve.js'
import type { RuntimeOptions } from '../runtime/runtime.js'

const pod = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: from.test/app/web:1
    - name: db
      image: from.test/app/db:1
`

/** An analysis that notes what it does. */
function noting(analysis: Analysis, version: string) {
  const calls: string[] = []
  const noted: Analysis = {
    ...analysis,
    version: () => version,
    discoverChart(files, input) {
      calls.push('discover')
      return analysis.discoverChart(files, input)
    },
    relocateChart(files, options) {
      calls.push('relocate')
      return analysis.relocateChart(files, options)
    },
  }
  return { calls, noted }
}

interface Run {
  readonly cacheDirectory?: string
  readonly version?: string
  readonly registry?: string
  readonly settings?: { readonly name: string }
  readonly mode?: 'overlay'
}

async function run(analysis: Analysis, { cacheDirectory, version = '1', registry = 'to.test', settings, mode }: Run) {
  const { noted, calls } = noting(analysis, version)
  const options: Partial<RuntimeOptions> = cacheDirectory === undefined ? {} : { cacheDirectory }
  const { chain, ...world } = await chartWorld(
    { web: pod },
    { transforms: [{ move: { registry } }] },
    { ...options, analysis: noted, ...(settings === undefined ? {} : { settings }) },
  )
  const { lock, artifacts, failures } = await resolve(
    { ...chain, relocation: mode, allowUnproved: true },
    world.runtime,
  )
  await world.runtime.close()
  expect(failures).toEqual([])
  const delivered = artifacts.flatMap(({ relocated }) => {
    if (relocated === undefined) return []
    return [Buffer.from(relocated.archive ?? []).toString('base64'), JSON.stringify(relocated.proof)]
  })
  return { calls, lock: Buffer.from(serializeLock(lock)).toString(), delivered }
}

describe.each([
  ['the analysis of charts', imagesAnalysis],
  ['any other', lineAnalysis],
])('what %s said', (_, analysis) => {
  it('is not asked for again in a later run, which has the same lock and proof, byte by byte', async () => {
    const cacheDirectory = await mkdtemp(join(tmpdir(), 'kept-'))
    const without = await run(analysis, {})
    const cold = await run(analysis, { cacheDirectory })
    const warm = await run(analysis, { cacheDirectory })
    expect([without.calls, cold.calls, warm.calls]).toEqual([['discover', 'relocate'], ['discover', 'relocate'], []])
    expect([cold.lock, warm.lock]).toEqual([without.lock, without.lock])
    expect(without.delivered).not.toEqual([])
    expect([cold.delivered, warm.delivered]).toEqual([without.delivered, without.delivered])
  })
  it.each<[string, Run, readonly string[]]>([
    ['another destination', { registry: 'other.test' }, ['relocate']],
    ['another way to relocate', { mode: 'overlay' }, ['relocate']],
    ['other settings', { settings: { name: 'other' } }, ['discover', 'relocate']],
    ['another version of the code', { version: '2' }, ['discover', 'relocate']],
  ])('is asked for again with %s', async (_title, changed, calls) => {
    const cacheDirectory = await mkdtemp(join(tmpdir(), 'kept-'))
    await run(analysis, { cacheDirectory })
    const later = await run(analysis, { ...changed, cacheDirectory })
    expect(later.calls).toEqual(calls)
    expect(later.lock).toBe((await run(analysis, changed)).lock)
  })
})
