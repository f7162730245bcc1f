import { RopewayError } from '@ropeway/core'
import type { Addon } from '@ropeway/helm'
import type { Lock, Receipt } from '@ropeway/engine'
import { describe, expect, it } from 'vitest'
import { addonOutcomes } from '../base/addon-outcomes.js'
import { checkAddonsFlags, type AddonsFlags } from '../base/addons.js'
import { createOwners, createSteps, tagged } from '../progress/owners.js'
import { plainPaint, paintFor } from '../text/paint.js'
import { addonsScreen, catalogScreen } from './addons.js'

const addon = (name: string, chart = name, version?: string): Addon => ({
  name,
  chart,
  version,
  release: name,
  repository: 'https://charts.example',
  place: `addons.yaml:${name.length}`,
})
const error = (about: string, code = 'SOME_FAULT') =>
  new RopewayError({ code, side: 'source', message: `nothing of ${about}`, about })

const locked = (id: string, more: object = {}) => ({ id, kind: id.split(':')[0], name: id.split(':')[1], ...more })
const lock = {
  artifacts: [
    locked('chart:keda:2.0.0', {
      version: '2.0.0',
      source: {},
      annotations: { 'addons.names': '["keda","keda-too"]', 'addons.pinned': '1.0.0' },
    }),
    locked('image:ghcr.io/keda:2', { source: { reference: 'ghcr.io/keda:2' }, requiredBy: ['chart:keda:2.0.0'] }),
  ],
} as unknown as Lock
const receipt = (id: string) =>
  ({ artifacts: [{ id, outcome: 'failed', error: { code: 'SINK_X', message: 'no room' } }] }) as unknown as Receipt

describe('what became of addons', () => {
  const list = { addons: [addon('keda'), addon('keda-too', 'keda'), addon('loki')], skipped: [] }
  const outcomes = (failures: RopewayError[], receipts: Receipt[] = []) =>
    addonOutcomes(list, lock, failures, receipts).map(({ name, outcome, code }) => [name, outcome, code])

  it('is told by the errors that are about them', () => {
    expect(outcomes([error('loki')])).toEqual([
      ['keda', 'done', undefined],
      ['keda-too', 'done', undefined],
      ['loki', 'failed', 'SOME_FAULT'],
    ])
    expect(outcomes([error('chart:loki:6.0.0', 'RENDER_FAULT')]).at(-1)).toEqual(['loki', 'failed', 'RENDER_FAULT'])
  })

  it('is told by their images too, and the last cause counts', () => {
    const failures = [error('ghcr.io/keda:2', 'FIRST'), error('image:ghcr.io/keda:2', 'LAST')]
    expect(outcomes(failures).slice(0, 2)).toEqual([
      ['keda', 'failed', 'LAST'],
      ['keda-too', 'failed', 'LAST'],
    ])
    expect(outcomes([], [receipt('image:ghcr.io/keda:2')])[0]).toEqual(['keda', 'failed', 'SINK_X'])
  })

  it('is a line each', () => {
    const skipped = [{ name: 'own', reason: 'it is a folder', place: 'addons.yaml:9' }]
    const results = addonOutcomes({ ...list, skipped }, lock, [error('loki')], [])
    expect(addonsScreen(results, plainPaint)).toEqual([
      '✓  keda      keda 1.0.0 → 2.0.0',
      '✓  keda-too  keda 1.0.0 → 2.0.0',
      '✗  loki      loki                nothing of loki (SOME_FAULT)',
      '-  own                           skipped: it is a folder',
      '',
      '  2 addons, 1 failed, 1 skipped',
    ])
  })

  it('of a catalog is what was written and what was not', () => {
    const skipped = [{ name: 'own', reason: 'it is a folder', place: 'addons.yaml:9' }]
    const renamed = [{ name: 'b', release: 'a', now: 'b' }]
    expect(catalogScreen({ file: 'c.yaml', addons: list.addons, skipped, renamed }, plainPaint)).toEqual([
      '✓ wrote c.yaml: 3 addons',
      '  b: its release a is taken, it is called b',
      '  own (addons.yaml:9) is left out: it is a folder',
    ])
  })
})

describe('lines of progress', () => {
  it('carry the name of the addon in its colour, and steps stand below it on a terminal', () => {
    const owners = createOwners()
    owners.introduce(['keda', 'loki'])
    owners.claim('chart:loki:6', 'loki')
    const event = { type: 'artifact:done', id: 'chart:loki:6', sink: 's', outcome: 'present', bytes: 0, at: 0 } as const
    expect(owners.ownerOf(event)).toBe('loki')
    expect(tagged(['  found'], 'loki', owners, plainPaint)).toEqual(['loki: found'])
    const [one, other] = ['keda', 'loki'].map((name) => owners.painted(name, paintFor(true)))
    expect(one?.slice(0, 5)).not.toBe(other?.slice(0, 5))
    const steps = createSteps(owners, plainPaint)
    expect([
      ...steps(['a'], 'keda'),
      ...steps(['b'], 'keda'),
      ...steps(['c'], 'loki'),
      ...steps(['d'], undefined),
    ]).toEqual(['keda', '  a', '  b', 'loki', '  c', 'd'])
  })
})

describe('flags of addons', () => {
  const refused: readonly [AddonsFlags, string | undefined, string][] = [
    [{ values: 'a', catalog: ['b'] }, undefined, 'FLAG_CONFLICT'],
    [{ values: 'a' }, 'ropeway.yaml', 'FLAG_CONFLICT'],
    [{ values: 'a', latest: true, locked: true }, undefined, 'FLAG_CONFLICT'],
    [{ to: 'x' }, undefined, 'FLAG_INVALID'],
    [{ exclude: ['x'] }, 'ropeway.yaml', 'FLAG_INVALID'],
    [{ values: 'a', 'target-prefix': 'x' }, undefined, 'FLAG_INVALID'],
  ]
  it.each(refused)('%j beside %s are refused', (flags, file, code) => {
    expect(() => checkAddonsFlags(flags, file, 'run')).toThrow(expect.objectContaining({ code, exitCode: 2 }))
  })

  it('go together else', () => {
    checkAddonsFlags({ only: ['x'], latest: false, exclude: [] }, 'ropeway.yaml', 'run')
    checkAddonsFlags({ values: 'a', to: 'x', latest: true, 'chart-prefix': 'y' }, undefined, 'run')
  })
})
