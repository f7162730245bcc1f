import { describe, expect, it } from 'vitest'
import { versionsOfTags, versionTag } from '../version/tags.js'
import { selectVersion } from './select.js'

const versions = ['3.0.0-rc.1', '2.1.0', '2.0.0', 'v1.2', '1.2.0', '1.1.0-beta', '1.0.0+b'].map((version) => ({
  version,
}))
const select = (wanted?: string, devel?: boolean) => selectVersion(versions, wanted, { devel })?.version

describe('selectVersion', () => {
  it('takes the newest stable version, or pre-release with devel', () => {
    expect(select()).toBe('2.1.0')
    expect(select(undefined, true)).toBe('3.0.0-rc.1')
    expect(select('^1', true)).toBe('v1.2')
  })
  it('takes what is written exactly so before what satisfies', () => {
    expect(select('1.2.0')).toBe('1.2.0')
    expect(select('v1.2')).toBe('v1.2')
    expect(select('1.2')).toBe('v1.2')
    expect(select('1.0.0')).toBe('1.0.0+b')
    expect(select('1.1.0-beta')).toBe('1.1.0-beta')
  })
  it('takes the newest that satisfies', () => {
    expect(select('>=1 <2.1')).toBe('2.0.0')
    expect(select('>=1.0.0-0')).toBe('3.0.0-rc.1')
    expect(select('1.x || 9')).toBe('v1.2')
  })
  it('takes none when none satisfies', () => {
    expect(select('^4')).toBeUndefined()
    expect(selectVersion([{ version: '1.0.0-rc.1' }, { version: 'odd' }], undefined)).toBeUndefined()
  })
  it('refuses what is no constraint', () => {
    expect(() => select('latest')).toThrow(expect.objectContaining({ code: 'CONSTRAINT_INVALID', side: 'chain' }))
  })
})

describe('versionsOfTags', () => {
  it('are those of strict versions, newest first, with + for _', () => {
    const tags = ['latest', '1.0.0', 'v2.0.0', '1.2', '1.10.0_b.1', '1.9.0', '2.0.0-rc.1', 'sha256-abc.sig']
    expect(versionsOfTags(tags)).toEqual([
      { version: '2.0.0-rc.1', tag: '2.0.0-rc.1' },
      { version: '1.10.0+b.1', tag: '1.10.0_b.1' },
      { version: '1.9.0', tag: '1.9.0' },
      { version: '1.0.0', tag: '1.0.0' },
    ])
    expect(versionTag('1.10.0+b.1')).toBe('1.10.0_b.1')
  })
})
