import { isRepository, isTag } from '@ropeway/oci'
import { describe, expect, it } from 'vitest'
import { repositoryName, tagOf } from './names.js'

describe('repositoryName', () => {
  it.each([
    ['install.sh', 'install.sh'],
    ['Install.SH', 'install.sh'],
    ['my file (1).tar.gz', 'my-file-1-tar.gz'],
    ['a__b_c--d', 'a__b_c--d'],
    ['a..b', 'a-b'],
    ['a._b', 'a-b'],
    ['.gitignore', 'gitignore'],
    ['-x-', 'x'],
    ['k9s_Linux_amd64.tar.gz', 'k9s_linux_amd64.tar.gz'],
    ['größe.txt', 'gr-e.txt'],
    ['配置', 'file'],
    ['', 'file'],
  ])('makes of %j the repository %j', (name, repository) => {
    expect(repositoryName(name)).toBe(repository)
    expect(isRepository(repositoryName(name))).toBe(true)
  })
})

describe('tagOf', () => {
  it.each([
    ['1.2.3', '1.2.3'],
    ['1.4+ci.7', '1.4_ci.7'],
    ['feature/x y', 'feature-x-y'],
    ['.1', '_.1'],
    ['x'.repeat(200), 'x'.repeat(128)],
  ])('makes of %j the tag %j', (version, tag) => {
    expect(tagOf(version)).toBe(tag)
    expect(isTag(tagOf(version))).toBe(true)
  })
})
