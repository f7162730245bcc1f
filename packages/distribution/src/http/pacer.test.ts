import { describe, expect, it } from 'vitest'
import { createPacer } from './pacer.js'

/** A pacer over a clock that runs while it sleeps. */
function paced(signal = new AbortController().signal) {
  let time = 0
  const pacer = createPacer({
    signal,
    limitOf: (action) => (action === 'PutImage' ? 8 : 10),
    now: () => time,
    sleep: async (milliseconds) => void (time += milliseconds),
  })
  const turns = async (count: number) => {
    const began = time
    for (let index = 0; index < count; index++) await pacer.turn('PutImage')
    return Math.round(time - began)
  }
  return { pacer, turns, rest: (milliseconds: number) => void (time += milliseconds) }
}

describe('the pace of an action', () => {
  it('is what the service allows, with a second saved up', async () => {
    const { turns } = paced()
    expect(await turns(8)).toBe(0)
    expect(await turns(16)).toBe(2000)
  })

  it('is halved when the service throttles, and comes back bit by bit', async () => {
    const { pacer, turns } = paced()
    await turns(8)
    pacer.throttled('PutImage')
    pacer.throttled('PutImage')
    expect(await turns(4)).toBe(2000)
    for (let index = 0; index < 100; index++) pacer.passed('PutImage')
    await turns(8)
    expect(await turns(8)).toBe(1000)
  })

  it('saves up no more than a second', async () => {
    const { turns, rest } = paced()
    await turns(8)
    rest(60_000)
    expect(await turns(16)).toBe(1000)
  })

  it('is that of the action alone', async () => {
    const { pacer, turns } = paced()
    for (let index = 0; index < 50; index++) pacer.throttled('CreateRepository')
    expect(await turns(8)).toBe(0)
  })

  it('ends with the run', async () => {
    const { pacer } = paced(AbortSignal.abort(new Error('stopped')))
    await expect(pacer.turn('PutImage')).rejects.toThrow('stopped')
  })
})
