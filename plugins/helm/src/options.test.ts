import { describe, expect, it } from 'vitest'
import { helmOptions, namedCharts } from './options.js'

const parse = (written: unknown) => helmOptions.parse(written)

describe('helm options', () => {
  it('take the example of the documentation', () => {
    const options = parse({
      repository: 'https://charts.example',
      chart: 'podinfo',
      version: '^6',
      values: ['podinfo.yaml'],
    })
    expect(options).toMatchObject({
      passCredentials: false,
      verifyDigest: true,
      dependencies: 'include',
      provenance: true,
    })
    expect(namedCharts(options)).toEqual([
      { chart: 'podinfo', version: '^6', namespace: undefined, devel: undefined, values: ['podinfo.yaml'], set: [] },
    ])
  })
  it('take several charts of one repository, with what they share', () => {
    const options = parse({
      repository: 'https://charts.example',
      namespace: 'team/a',
      devel: true,
      charts: ['web', { chart: 'db', version: '1.0.0', namespace: 'b', devel: false, values: 'db.yaml', set: ['a=b'] }],
    })
    expect(namedCharts(options)).toEqual([
      { chart: 'web', version: undefined, namespace: 'team/a', devel: true, values: [], set: [] },
      { chart: 'db', version: '1.0.0', namespace: 'b', devel: false, values: ['db.yaml'], set: ['a=b'] },
    ])
  })
  it.each([
    [{}, /name what to carry/],
    [{ chart: 'a', charts: ['b'] }, /name what to carry/],
    [{ charts: [] }, />=1/],
    [{ chart: '' }, />=1/],
    [{ chart: 'a', version: 1.1 }, /write the version in quotes/],
    [{ charts: ['a'], version: '1' }, /belong to each chart/],
    [{ charts: [{ chart: 'a', verison: '1' }] }, /verison/],
    [{ chart: 'a', namespace: 'Team A' }, /a part of a repository path/],
    [{ chart: 'a', namespace: '/a' }, /a part of a repository path/],
    [{ chart: 'a', repo: 'https://x' }, /repo/],
  ])('refuse %j', (written, message) => {
    expect(() => parse(written)).toThrow(message)
  })
})
