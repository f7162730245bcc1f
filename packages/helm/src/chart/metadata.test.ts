import { describe, expect, it } from 'vitest'
import { readFields } from './metadata.js'

const read = (chart: string, requirements?: string) =>
  readFields(
    { chartYaml: Buffer.from(chart), requirements: requirements === undefined ? undefined : Buffer.from(requirements) },
    'web',
  )

describe('readFields', () => {
  it('makes text of numbers and truth values, as Helm does', () => {
    const { name, version, appVersion, description } = read(
      'name: 12\nversion: 1.10\nappVersion: 9007199254740993\ndescription: yes\n',
    )
    expect([name, version, appVersion, description]).toEqual(['12', '1.1', '9007199254740993', 'true'])
  })

  it('finds fields in any case and leaves out what it does not know', () => {
    expect(read('Name: web\nVERSION: 1.0.0\nother: [1]\n')).toMatchObject({
      name: 'web',
      version: '1.0.0',
      apiVersion: 'v1',
    })
    expect(read('Name: web\nother: 1\n')).not.toHaveProperty('other')
  })

  it('takes null for what is empty', () => {
    expect(read('name:\nkeywords:\ndeprecated:\nannotations:\nmaintainers:\n')).toMatchObject({
      ...{ name: '', keywords: [], deprecated: false, annotations: null },
    })
  })

  it('lists dependencies with what they must have, those of requirements.yaml first', () => {
    const { dependencies } = read(
      'dependencies: [{name: a}]\n',
      'dependencies: [{Name: b, import-values: [{child: x, m: 1}]}]\n',
    )
    expect(dependencies).toEqual([{ name: 'b', repository: '', 'import-values': [{ child: 'x', m: 1 }] }])
  })

  it.each([
    ['name: [a]', '"name" in its Chart.yaml is a list'],
    ['deprecated: "true"', '"deprecated" in its Chart.yaml is text'],
    ['keywords: a', '"keywords" in its Chart.yaml is text'],
    ['keywords: [a, {b: c}]', '"keywords.1" in its Chart.yaml is a map'],
    ['maintainers: [null]', '"maintainers.0" in its Chart.yaml is empty'],
    ['dependencies: [{name: {}}]', '"dependencies.0.name" in its Chart.yaml is a map'],
    ['annotations: {a: [1]}', '"annotations.a" in its Chart.yaml is a list'],
    ['annotations: 1', '"annotations" in its Chart.yaml is a number'],
    ['- a', 'its Chart.yaml is no map'],
    ['a: b: c', 'its Chart.yaml cannot be read'],
    ['? : a', 'its Chart.yaml cannot be read'],
  ])('refuses %s', (chart, problem) => {
    expect(() => read(chart)).toThrow(problem)
  })
})
