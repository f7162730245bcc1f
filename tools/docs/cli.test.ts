import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { commands } from '@ropeway/cli'
import { describe, expect, it } from 'vitest'
import { root } from '../workspace/rooms.mjs'
import { cliParts } from './cli.ts'
import { fillParts, partsOf } from './markdown.ts'

const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8')
const parts = cliParts(commands, read('packages', 'cli', 'src', 'results.ts'))

describe('docs/cli.md', () => {
  it('says what the commands say (else run npm run docs)', () => {
    const page = read('docs', 'cli.md')
    expect(partsOf(page).toSorted()).toEqual([...parts.keys()].toSorted())
    expect(fillParts(page, (name) => parts.get(name) ?? '')).toBe(page)
  })

  it('has the form of every result', () => {
    const forms = [...(parts.get('results') ?? '').matchAll(/^### (\w+)$/gm)].map(([, name]) => name)
    expect(forms).toEqual(expect.arrayContaining(['ErrorResult', 'PlanResult', 'TransferResult', 'VerifyResult']))
    expect(forms.length).toBe(read('packages', 'cli', 'src', 'results.ts').match(/^export interface /gm)?.length)
  })
})
