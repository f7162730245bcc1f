import { describe, expect, it } from 'vitest'
import { loadChart, type RenderOptions } from './render.js'

const definition = 'apiVersion: v2\nversion: 1.0.0\nname: '
const files = {
  'Chart.yaml': [
    `${definition}shop`,
    'dependencies:',
    '- {name: cache, version: 1.x, alias: redis, import-values: [{child: ports, parent: imported}]}',
    '- {name: db, version: 1.x, condition: db.enabled}',
  ].join('\n'),
  'values.yaml':
    'image: {tag: a, repository: r}\nglobal: {registry: x}\nredis: {size: 1}\nlist: [1, 2]\nempty: {}\nnone:\n',
  'charts/cache/Chart.yaml': `${definition}cache`,
  'charts/cache/values.yaml': 'size: 2\nname: c\nports: {http: 80}\nglobal: {zone: z}\n',
  'charts/db/Chart.yaml': `${definition}db`,
  'charts/db/values.yaml': 'enabled: true\nimage: d\n',
}

async function originOf(paths: readonly string[], values: RenderOptions['values'] = {}) {
  const chart = await loadChart(Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) })))
  const { valueOrigin } = chart.render({ values })
  return paths.map((path) => valueOrigin(path))
}

const inChart = (chart: string) => ({ from: 'chart', chart })

describe('the origin of a value', () => {
  it('is the chart whose default it is, through aliases, imports and globals', async () => {
    const found = await originOf([
      ...['image.tag', 'redis.size', 'redis.name', 'imported.http', 'db.image'],
      ...['global.registry', 'redis.global.registry', 'redis.global.zone', 'list[1]', 'empty', 'none', 'missing'],
    ])
    const redis = inChart('shop/charts/redis')
    const shop = inChart('shop')
    expect(found.slice(0, 5)).toEqual([shop, shop, redis, redis, inChart('shop/charts/db')])
    expect(found.slice(5)).toEqual([shop, shop, redis, shop, shop, shop, undefined])
  })

  it('is the file or the flag that has set it last', async () => {
    const values = {
      files: [
        { name: 'a.yaml', content: 'image: {tag: b}\nredis: {name: n}\nlist: [5, 6]\nempty: {}\n' },
        { name: 'b.yaml', content: 'redis: {name: m}\n' },
      ],
      set: ['image.repository=q', 'list[1]=7', 'db.enabled=false'],
      setJson: ['{"j":{"k":1}}'],
    }
    const found = await originOf(
      ['image.tag', 'image.repository', 'redis.name', 'list[0]', 'list[1]', 'j.k', 'empty', 'db.image'],
      values,
    )
    const set = (argument: string, flag = '--set') => ({ from: 'set', flag, argument })
    const [a, b] = [
      { from: 'file', name: 'a.yaml' },
      { from: 'file', name: 'b.yaml' },
    ]
    expect(found.slice(0, 5)).toEqual([a, set('image.repository=q'), b, a, set('list[1]=7')])
    expect(found.slice(5)).toEqual([set('{"j":{"k":1}}', '--set-json'), a, undefined])
  })
})
