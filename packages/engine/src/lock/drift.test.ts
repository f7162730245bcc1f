import { describe, expect, it } from 'vitest'
import { loadChain } from '../chain/load.js'
import { createWorld } from '../world.fixture.js'
import { refuseDrift } from './drift.js'
import { stepsOf, type Lock } from './lock.js'

const { runtime } = createWorld()
const value = {
  name: 'drift',
  sources: [{ images: { references: ['a.test/b:1'] } }, { images: { references: ['a.test/c:1'] } }],
  transforms: [{ move: { registry: 'to.test' } }],
  sinks: [{ store: {} }],
}

async function chainOf(change: object = {}) {
  return loadChain({ value: { ...value, ...change }, directory: '/' }, runtime.adapters)
}

async function lockOf(inputs: Lock['inputs'] = {}): Promise<Lock> {
  const chain = await chainOf()
  const { name, version } = chain
  return { lockVersion: 1, chain: { name, version }, platforms: [], steps: stepsOf(chain), inputs, artifacts: [] }
}

async function moved(change: object, now: Lock['inputs'] = {}, locked: Lock['inputs'] = {}): Promise<string> {
  try {
    refuseDrift(await chainOf(change), now, await lockOf(locked), 'a.lock')
    return ''
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'LOCK_DRIFT', about: 'a.lock', exitCode: 2 })
    return String(thrown).replace(/^.*no longer fits: /, '')
  }
}

describe('drift', () => {
  it('is none while nothing moved, and sinks may be others', async () => {
    const inputs = { 'sources[0]': { 'list.txt': 'sha256:a' } }
    expect(await moved({}, inputs, inputs)).toBe('')
    expect(await moved({ sinks: [], onError: 'stop', insecure: ['a.test'] })).toBe('')
  })
  it('is told of local files that came, went and changed', async () => {
    const before = { 'sources[0]': { 'a.txt': 'sha256:1', 'b.txt': 'sha256:1', 'c.txt': 'sha256:1' } }
    const after = { 'sources[0]': { 'd.txt': 'sha256:1', 'b.txt': 'sha256:2', 'c.txt': 'sha256:1' } }
    expect(await moved({}, after, before)).toBe('a.txt is gone; b.txt changed; d.txt was added')
    expect(await moved({}, {}, before)).toBe('a.txt is gone; b.txt is gone; c.txt is gone')
    expect(await moved({}, { 'sources[1]': { 'x.txt': 'sha256:1' } })).toBe('x.txt was added')
  })
  it('is told of steps that came, went and changed', async () => {
    const [first, second] = value.sources
    expect(await moved({ sources: [first] })).toBe('sources[1] images was removed')
    expect(await moved({ sources: [first, second, first] })).toBe('sources[2] images was added')
    expect(await moved({ transforms: [{ move: { registry: 'other.test' } }] })).toBe(
      'transforms[0] move has other options',
    )
    expect(
      await moved({ sources: [first, { images: { references: ['a.test/c:1'], platforms: ['linux/amd64'] } }] }),
    ).toBe('sources[1] images has other options')
  })
  it('is told all at once', async () => {
    expect(await moved({ name: 'other', version: '2', platforms: ['linux/amd64'], transforms: [] })).toBe(
      'the name was drift, is other; the version was 0.0.0, is 2; platforms was none, is linux/amd64; transforms[0] move was removed',
    )
  })
  it('is none when only the order of options is another', async () => {
    const one = { references: ['a.test/b:1'], signatures: false }
    const other = { signatures: false, references: ['a.test/b:1'] }
    const chain = await chainOf({ sources: [{ images: one }] })
    const lock = { ...(await lockOf()), steps: stepsOf(chain) }
    expect(() =>
      refuseDrift({ ...chain, sources: chain.sources.map((step) => ({ ...step, written: other })) }, {}, lock),
    ).not.toThrow()
  })
})
