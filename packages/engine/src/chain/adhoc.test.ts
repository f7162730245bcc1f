import { describe, expect, it } from 'vitest'
import { createWorld } from '../world.fixture.js'
import { adHocChain } from './adhoc.js'

const { runtime } = createWorld()
const adHoc = (...sources: string[]) => adHocChain({ sources, directory: '/chains' }, runtime)

describe('a source on the command line', () => {
  it('is the value of the main option, or options; several values of one option are one step', async () => {
    const chain = await adHoc(
      'images=from.test/a:1',
      'images=from.test/b:1',
      'images={references: [from.test/c:1], note: x}',
    )
    expect(chain.sources.map(({ options }) => options)).toMatchObject([
      { references: ['from.test/a:1', 'from.test/b:1'] },
      { references: ['from.test/c:1'], note: 'x' },
    ])
  })

  it('without the name of a source is told how to write it, and a misspelt name the nearest', async () => {
    await expect(adHoc('from.test/a:1')).rejects.toMatchObject({
      code: 'SHORTHAND_INVALID',
      hint: expect.stringContaining('--source NAME=VALUE'),
    })
    await expect(adHoc('image=from.test/a:1')).rejects.toMatchObject({
      code: 'ADAPTER_UNKNOWN',
      message: expect.stringContaining('"images"'),
    })
    await expect(adHoc('images')).rejects.toMatchObject({ code: 'SHORTHAND_INVALID' })
    await expect(adHoc('images={references: [')).rejects.toMatchObject({ code: 'SHORTHAND_INVALID' })
  })
})
