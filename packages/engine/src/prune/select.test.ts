import type { HeldManifest } from '@ropeway/core'
import { describe, expect, it } from 'vitest'
import { selectPrunable, type PruneRules } from './select.js'

const digest = (name: string) => `sha256:${Buffer.from(name).toString('hex').padEnd(64, '0')}`
const held = (name: string, facts: Partial<HeldManifest> = {}): HeldManifest => ({
  digest: digest(name),
  tags: [],
  ...facts,
})

/** An index with two images, the second shared with another index; a signature by tag, an SBOM by subject, and a stray. */
const repository = [
  held('old', { tags: ['1.0', '1'], pushed: 100 }),
  held('old-amd', { pushed: 90 }),
  held('shared', { pushed: 80 }),
  held('new', { tags: ['2.0', 'latest'], pushed: 200 }),
  held('new-amd', { pushed: 190 }),
  held('signature', { tags: [`sha256-${digest('old').slice(7)}.sig`], pushed: 101 }),
  held('sbom', { subject: digest('old-amd'), pushed: 102 }),
  held('stray', { pushed: 10 }),
]
const below: Readonly<Record<string, readonly string[]>> = {
  [digest('old')]: [digest('old-amd'), digest('shared')],
  [digest('new')]: [digest('new-amd'), digest('shared')],
}

function prune(rules: PruneRules): { gone: string[]; tags: string[]; needed: string[] } {
  const names = new Map(repository.map((manifest) => [manifest.digest, manifest]))
  const nameOf = ({ digest: wanted }: HeldManifest) =>
    Buffer.from(
      [...names.keys()]
        .find((key) => key === wanted)!
        .slice(7)
        .replace(/(00)+$/, ''),
      'hex',
    ).toString()
  const { manifests, tags, needed } = selectPrunable('team/app', repository, (wanted) => below[wanted] ?? [], rules)
  return { gone: manifests.map(nameOf), tags: tags.map(({ tag }) => tag), needed: needed.map(nameOf) }
}

describe('what is pruned', () => {
  it('goes with all that is below it and refers to it, but for what a kept index needs', () => {
    const { gone, tags } = prune({ before: 150 })
    expect(gone.indexOf('old')).toBeLessThan(gone.indexOf('old-amd'))
    expect([...gone].sort()).toEqual(['old', 'old-amd', 'sbom', 'signature'])
    expect(tags).toEqual([])
  })

  it('is all of a repository where nothing is kept', () => {
    const { gone } = prune({ patterns: ['team/*'], untagged: true })
    expect([...gone].sort()).toEqual(
      repository
        .map(({ digest: each }) => each)
        .map((each) => Buffer.from(each.slice(7).replace(/(00)+$/, ''), 'hex').toString())
        .sort(),
    )
    expect(gone.indexOf('new')).toBeLessThan(gone.indexOf('shared'))
    expect(gone.indexOf('old')).toBeLessThan(gone.indexOf('shared'))
  })

  it('are single tags where a pattern leaves others', () => {
    expect(prune({ patterns: ['team/app:1.*'] })).toEqual({ gone: [], tags: ['1.0'], needed: [] })
    expect(prune({ patterns: ['team/app:1*'] }).gone).toContain('old')
    expect(prune({ patterns: ['other/*'] })).toEqual({ gone: [], tags: [], needed: [] })
  })

  it('leaves the newest, and what a lock names', () => {
    expect(prune({ keep: 2 }).gone).toEqual([])
    expect(prune({ keep: 1 }).gone).toContain('old')
    expect(prune({ wanted: new Set([digest('old'), digest('new')]) }).gone).toEqual([])
    expect(prune({ wanted: new Set([digest('old')]) }).gone.sort()).toEqual(['new', 'new-amd'])
  })

  it('is nothing without a tag unless that is asked for', () => {
    expect(prune({ before: 50 }).gone).toEqual([])
    expect(prune({ before: 50, untagged: true }).gone).toEqual(['stray'])
  })

  it('is no image that a kept index needs, whatever its own tag is', () => {
    const tagged = repository.map((manifest) =>
      manifest.digest === digest('shared') ? { ...manifest, tags: ['base'] } : manifest,
    )
    const found = selectPrunable('team/app', tagged, (wanted) => below[wanted] ?? [], { patterns: ['*:base'] })
    expect(found.manifests).toEqual([])
    expect(found.tags).toEqual([{ tag: 'base', digest: digest('shared') }])
    expect(found.needed.map((manifest) => manifest.digest)).toEqual([digest('shared')])
  })
})
