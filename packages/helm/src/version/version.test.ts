import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parseConstraint, satisfies } from './constraint.js'
import { compareVersions, isStrictVersion, parseVersion, sortNewestFirst, tryVersion } from './version.js'

const recordSchema = z.object({
  versions: z.array(z.tuple([z.string(), z.enum(['strict', 'loose', 'invalid'])])),
  order: z.array(z.string()),
  constraints: z.array(z.tuple([z.string(), z.string().nullable()])),
})
const recorded = recordSchema.parse(
  JSON.parse(readFileSync(new URL('../../testdata/semver-3.4.0.json', import.meta.url), 'utf8')),
)
const versions = recorded.versions.flatMap(([text]) => tryVersion(text) ?? [])

describe('versions, as recorded from the library that Helm uses', () => {
  it('are accepted, coerced or refused alike', () => {
    for (const [text, kind] of recorded.versions) {
      const ours = isStrictVersion(text) ? 'strict' : tryVersion(text) === undefined ? 'invalid' : 'loose'
      expect([text, ours]).toEqual([text, kind])
    }
  })
  it('are ordered alike', () => {
    const signs = versions.map((a) => versions.map((b) => '<=>'[Math.sign(compareVersions(a, b)) + 1]).join(''))
    expect(signs).toEqual(recorded.order)
  })
  it.each(recorded.constraints)('satisfy %j alike', (text, expected) => {
    if (expected === null) {
      expect(() => parseConstraint(text)).toThrow(expect.objectContaining({ code: 'CONSTRAINT_INVALID' }))
      return
    }
    const constraint = parseConstraint(text)
    const passed = versions.map((version) => (satisfies(version, constraint) ? '1' : '0')).join('')
    expect(passed).toBe(expected)
  })
})

describe('parseVersion', () => {
  it('fills in what is missing and keeps what was written', () => {
    expect(parseVersion('v1.2')).toEqual({
      major: 1n,
      minor: 2n,
      patch: 0n,
      prerelease: '',
      metadata: '',
      original: 'v1.2',
    })
    expect(parseVersion('1.2.3-rc.1+b.7')).toMatchObject({ prerelease: 'rc.1', metadata: 'b.7' })
  })
  it('names what it cannot read', () => {
    expect(() => parseVersion('latest')).toThrow(
      expect.objectContaining({ code: 'VERSION_INVALID', message: '"latest" is not a version that Helm understands' }),
    )
  })
})

describe('sortNewestFirst', () => {
  it('puts texts that are no versions last and keeps the order of equals', () => {
    const sorted = sortNewestFirst(['nope', '1.0.0', '1.0.0+b', 'v2', '10.0.0', '1.0.0-rc.1', 'bad'], (text) => text)
    expect(sorted).toEqual(['10.0.0', 'v2', '1.0.0', '1.0.0+b', '1.0.0-rc.1', 'nope', 'bad'])
  })
})

describe('parseConstraint', () => {
  it('refuses long texts before it reads them and shows their start only', () => {
    const text = '1 '.repeat(100_000)
    expect(() => parseConstraint(text)).toThrow(expect.objectContaining({ about: `${text.slice(0, 80)}…` }))
  })
})
