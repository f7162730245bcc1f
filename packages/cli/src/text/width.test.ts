import { describe, expect, it } from 'vitest'
import { paintFor } from './paint.js'
import { table } from './table.js'
import { fit, padEnd, padStart, widthOf, wrap } from './width.js'

describe('widths', () => {
  it('counts columns, not characters', () => {
    expect(widthOf('web:1.2.3')).toBe(9)
    expect(widthOf(paintFor(true).red('web'))).toBe(3)
    expect(widthOf('図表.yaml')).toBe(9)
    expect(widthOf('e\u0301')).toBe(1)
  })
  it('cuts in the middle and never over the width', () => {
    const reference = 'registry.example/team/application/web:1.2.3'
    for (const columns of [1, 2, 7, 20, 43, 60]) expect(widthOf(fit(reference, columns))).toBeLessThanOrEqual(columns)
    expect(fit(reference, 20)).toBe('registry.e…web:1.2.3')
    expect(fit('図表図表図表', 7)).toBe('図…図表')
  })
  it('pads by columns', () => {
    expect([padEnd('図', 4), padStart('ab', 4), padEnd('abcdef', 4)]).toEqual(['図  ', '  ab', 'abcdef'])
  })
  it('wraps at spaces and keeps long words whole', () => {
    expect(wrap('ab cd ef', 5)).toEqual(['ab cd', 'ef'])
    expect(wrap('see https://registry.example/very/long now', 10)).toEqual([
      'see',
      'https://registry.example/very/long',
      'now',
    ])
  })
  it('lines tables up, drops empty columns, and leaves no spaces at the end', () => {
    const rows = [
      ['chart', 'podinfo 6.7.1', '', '4 KB'],
      ['image', 'web', '', '1.84 GB'],
    ]
    expect(table(rows, { indent: '  ', right: [3] })).toEqual([
      '  chart  podinfo 6.7.1     4 KB',
      '  image  web            1.84 GB',
    ])
  })
})
