import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lazyGit } from './lazy.js'
import { readGit } from './repository.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ropeway-git-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

function git(...words: string[]): string {
  const env = { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1' }
  const settings = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'init.defaultBranch=main', '-c', 'gc.auto=0']
  return execFileSync('git', [...settings, '-C', folder, ...words], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim()
}

function commit(message: string): string {
  git('commit', '--allow-empty', '-q', '-m', message)
  return git('rev-parse', 'HEAD')
}

describe('reading git', () => {
  it('knows branch, commit and a light tag', async () => {
    git('init', '-q')
    const sha = commit('one')
    git('tag', 'v1.0.0')
    const below = join(folder, 'deploy', 'prod')
    await mkdir(below, { recursive: true })
    expect(await readGit(below)).toEqual({ sha, branch: 'main', tag: 'v1.0.0' })
  })

  it('follows annotated tags, loose and packed, also tags of tags', async () => {
    git('init', '-q')
    const sha = commit('one')
    git('tag', '-a', 'v2.0.0', '-m', 'two')
    expect((await readGit(folder)).tag).toBe('v2.0.0')
    git('tag', '-a', 'zz', '-m', 'of a tag', 'v2.0.0')
    git('pack-refs', '--all')
    expect(await readGit(folder)).toEqual({ sha, branch: 'main', tag: 'zz' })
  })

  it('finds a tag that names an object in a pack, stored whole or as a delta, as after a fetch', async () => {
    git('init', '-q')
    commit('one')
    const message = 'release notes '.repeat(200)
    for (let number = 1; number <= 6; number++) git('tag', '-a', `v1.${number}.0`, '-m', `${message} ${number}`)
    git('repack', '-adfq', '--depth=10', '--window=10')
    git('prune-packed')
    const packs = join(folder, '.git', 'objects', 'pack')
    const index = (await readdir(packs)).find((name) => name.endsWith('.idx')) ?? ''
    expect(git('verify-pack', '-v', join(packs, index))).toMatch(/ tag .* [1-9] [0-9a-f]{40}$/m)
    for (let number = 6; number >= 1; number--) {
      expect((await readGit(folder)).tag).toBe(`v1.${number}.0`)
      git('tag', '-d', `v1.${number}.0`)
    }
  })

  it('takes the newest of several tags and none of another commit', async () => {
    git('init', '-q')
    commit('one')
    git('tag', 'v1.9.0')
    commit('two')
    git('tag', 'v1.10.0')
    git('tag', 'v1.2.0')
    expect((await readGit(folder)).tag).toBe('v1.10.0')
    commit('three')
    expect((await readGit(folder)).tag).toBeUndefined()
  })

  it('has no branch when a commit is checked out', async () => {
    git('init', '-q')
    const sha = commit('one')
    git('checkout', '-q', '--detach')
    expect(await readGit(folder)).toEqual({ sha, branch: undefined, tag: undefined })
  })

  it('reads a linked working tree', async () => {
    git('init', '-q')
    const sha = commit('one')
    git('tag', 'v3')
    git('worktree', 'add', '-q', '-b', 'side/branch', join(folder, 'tree'))
    expect(await readGit(join(folder, 'tree'))).toEqual({ sha, branch: 'side/branch', tag: 'v3' })
  })

  it('knows nothing of a repository without a commit, of a broken one, and of a folder without any', async () => {
    git('init', '-q')
    expect(await readGit(folder)).toEqual({ sha: undefined, branch: 'main', tag: undefined })
    await writeFile(join(folder, '.git', 'HEAD'), 'nonsense')
    expect(await readGit(folder)).toEqual({ sha: undefined, branch: undefined, tag: undefined })
    expect(await readGit('/')).toEqual({})
  })

  it('is asked once, and only when asked', async () => {
    git('init', '-q')
    const sha = commit('one')
    const ask = lazyGit(folder)
    expect(await ask('sha')).toBe(sha)
    commit('two')
    expect(await ask('sha')).toBe(sha)
  })
})
