import { defineSource } from '@ropeway/core'
import { adapterTable } from '@ropeway/engine'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { root } from '../workspace/rooms.mjs'
import { readPage } from './markdown.ts'
import { sampleProblems } from './samples.ts'

const oci = defineSource({
  name: 'oci',
  summary: 'a source on paper',
  options: z.strictObject({ reference: z.string() }),
  async *resolve() {},
  reopen: async () => ({ open: async function* () {} }),
})
const tools = {
  root,
  adapters: adapterTable([oci]),
  commands: { plan: { examples: [], args: {}, flags: { output: { char: 'o' } }, baseFlags: { quiet: {} } } },
}

async function problemsOf(language: string, text: string): Promise<readonly string[]> {
  const page = readPage(`\`\`\`${language}\n${text}\n\`\`\`\n`)
  return (await sampleProblems([{ file: 'a.md', ...page }], tools)).problems
}

describe('samples', () => {
  it('may be parts of a chain', async () => {
    expect(await problemsOf('yaml', 'version: 1')).toEqual([])
    expect(await problemsOf('yaml', 'name: a\nsources:\n  - oci: { reference: "{ANY}/a:{git.tag}" }')).toEqual([])
  })
  it('are refused with an option, an adapter or a key that does not exist', async () => {
    expect((await problemsOf('yaml', 'sources: [oci: { referense: a }]'))[0]).toMatch(/^a\.md:1: .*referense/)
    expect((await problemsOf('yaml', 'sources: [git: {}]'))[0]).toContain('unknown source "git"')
    expect((await problemsOf('yaml', 'sorces: []'))[0]).toContain('sorces')
  })
  it('are refused when they are no YAML, JSON, lock or script', async () => {
    expect(await problemsOf('yaml data', 'a: [')).toHaveLength(1)
    expect(await problemsOf('json', '{')).toHaveLength(1)
    expect(await problemsOf('json lock', '{ "lockVersion": 1 }')).toHaveLength(1)
    expect(await problemsOf('ts', 'const = 1')).not.toEqual([])
    expect(await problemsOf('ts', 'const a: number = 1')).toEqual([])
  })
  it('name commands, flags and scripts that exist', async () => {
    expect(await problemsOf('sh', 'A=1 ropeway plan -o x --quiet --json # --none\nnpm run build')).toEqual([])
    expect(await problemsOf('sh', 'ropeway plan --none')).toEqual(['a.md:1: ropeway plan has no --none'])
    expect(await problemsOf('console', '$ ropeway plam\nropeway none')).toEqual([
      'a.md:1: there is no command ropeway plam',
    ])
    expect(await problemsOf('sh', 'npm run nothing')).toEqual(['a.md:1: there is no script nothing'])
  })
  it('of a kind that nothing reads are refused, but for plain text', async () => {
    expect(await problemsOf('yml', 'a: 1')).toEqual(['a.md:1: a sample of "yml", which nothing checks'])
    expect(await problemsOf('text', 'anything')).toEqual([])
  })
})
