import { describe, expect, it } from 'vitest'
import { chartWorld, images, seedImages } from '../charts.fixture.js'

describe('discovery', () => {
  it('carries the images behind a chart, with who wants them and why, and locks what was found', async () => {
    const world = await chartWorld({
      web: 'image: from.test/app/web:1\n# optional metrics.enabled image: from.test/app/extra:1',
    })
    const { lock } = await world.resolve()
    expect(images(lock)).toEqual(['from.test/app/web:1'])
    const [chart, image] = lock.artifacts
    expect(image).toMatchObject({
      class: 'used',
      requiredBy: ['chart:web:1.0.0'],
      source: { adapter: 'discover', step: 'discover' },
      destinations: ['to.test/app/web:1'],
    })
    expect(chart?.discovered?.images).toEqual([
      { reference: 'from.test/app/extra:1', class: 'optional', switch: { 'metrics.enabled': true } },
      { reference: 'from.test/app/web:1', class: 'used', artifact: 'image:from.test/app/web:1' },
    ])
  })

  it('carries the classes that the chain names, and what it names besides', async () => {
    const world = await chartWorld(
      { web: 'image: from.test/app/web:1\n# optional metrics.enabled image: from.test/app/extra:1' },
      { discover: { classes: ['used', 'optional'], images: ['from.test/app/more:1'] } },
    )
    seedImages(world, 'app/extra', 'app/more')
    const { lock } = await world.resolve()
    expect(
      lock.artifacts.filter(({ kind }) => kind === 'image').map(({ name, class: own, reason }) => [name, own, reason]),
    ).toEqual([
      ['from.test/app/extra:1', 'optional', 'it appears with metrics.enabled=true'],
      ['from.test/app/more:1', 'declared', 'the chain names it under discover'],
      ['from.test/app/web:1', 'used', 'the chart renders it'],
    ])
    expect(lock.steps['discover']).toMatchObject({ adapter: 'discover' })
  })

  it('carries what is only suspected when its registry has it, with a warning, and says what it leaves', async () => {
    const world = await chartWorld({ web: '# suspected from.test/app/web:1\n# suspected from.test/app/gone:1' })
    const { lock, failures } = await world.resolve()
    expect(images(lock)).toEqual(['from.test/app/web:1'])
    expect(failures).toEqual([])
    expect(world.runtime.warnings().map(({ code, about }) => `${code} ${about ?? ''}`)).toEqual([
      'SUSPECTED_CARRIED from.test/app/web:1',
      'SUSPECTED_LEFT from.test/app/gone:1',
    ])
  })

  it('leaves the name alone of an image whose tag stands beside it to that image', async () => {
    const text = 'image: from.test/app/web:1\n# suspected from.test/app/web of from.test/app/web:1'
    const world = await chartWorld({ web: text }, { discover: { classes: ['used', 'suspected'], failOn: [] } })
    const { lock, failures } = await world.resolve()
    expect([images(lock), failures, world.runtime.warnings()]).toEqual([['from.test/app/web:1'], [], []])
    const gated = await chartWorld({ web: text }, { discover: { failOn: ['suspected'] } })
    expect(images((await gated.resolve()).lock)).toEqual(['from.test/app/web:1'])
  })

  it('leaves out what is excluded, and says so in the lock', async () => {
    const world = await chartWorld(
      { web: 'image: from.test/app/web:1\nimage: from.test/app/gone:2\nimage: from.test/other/x:1' },
      { discover: { exclude: ['from.test/app/gone', '*/other/*'] } },
    )
    const { lock, failures } = await world.resolve()
    expect(failures).toEqual([])
    expect(images(lock)).toEqual(['from.test/app/web:1'])
    expect(lock.artifacts[0]?.discovered?.images.filter(({ excluded }) => excluded)).toHaveLength(2)
  })

  it('ends a run at the gate that the chain sets, naming each', async () => {
    const charts = { web: '# suspected from.test/app/web:1\n# unresolved', db: '# suspected from.test/app/db:1' }
    const world = await chartWorld(charts, { discover: { failOn: ['suspected', 'unresolved'] } })
    const error = await world.resolve().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'DISCOVERY_REFUSED', exitCode: 4 })
    expect(String(error)).toMatch(/app\/web:1[^]*it is a number[^]*app\/db:1|app\/db:1[^]*app\/web:1[^]*it is a number/)
    const decided = await chartWorld(charts, {
      discover: { failOn: ['suspected'], images: ['from.test/app/web:1'], exclude: ['from.test/app/db:1'] },
    })
    expect(images((await decided.resolve()).lock)).toEqual(['from.test/app/web:1'])
  })

  it('goes on with the others when a chart cannot be rendered or an image cannot be had', async () => {
    const world = await chartWorld({
      good: 'image: from.test/app/web:1',
      broken: '# fail values are needed',
      lacking: 'image: from.test/app/gone:1',
    })
    const { lock, failures } = await world.resolve()
    expect(lock.artifacts.map(({ id }) => id)).toEqual(['chart:good:1.0.0', 'image:from.test/app/web:1'])
    expect(failures.map(({ code, about, exitCode }) => [code, about, exitCode])).toEqual([
      ['DISCOVERY_FAILED', 'chart:broken:1.0.0', 4],
      ['SOURCE_NOT_FOUND', 'from.test/app/gone:1', 3],
    ])
    const strict = await chartWorld({ broken: '# fail values are needed' }, { onError: 'stop' })
    await expect(strict.resolve()).rejects.toMatchObject({ code: 'DISCOVERY_FAILED' })
  })

  it('looks only behind what is wanted', async () => {
    const charts = { good: 'image: from.test/app/web:1', broken: '# fail values are needed' }
    const world = await chartWorld(charts)
    const chart = await world.resolve({ only: ['chart:good:1.0.0'] })
    expect(chart.failures).toEqual([])
    expect(chart.artifacts.map(({ locked }) => locked.id)).toEqual(['chart:good:1.0.0'])
    expect(chart.artifacts[0]?.relocated?.proof.proved).toBe(true)
    const found = await (await chartWorld(charts)).resolve({ only: ['image:from.test/app/*'] })
    expect(found.artifacts.map(({ locked }) => locked.id)).toEqual(['image:from.test/app/web:1'])
    expect(found.failures).toEqual([])
    await expect((await chartWorld(charts)).resolve({ only: ['nothing'] })).rejects.toMatchObject({
      code: 'ONLY_MATCHES_NOTHING',
    })
  })
})
