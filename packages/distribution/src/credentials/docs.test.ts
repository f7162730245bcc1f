import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { findEntry, helperFor, parseAuthFile } from './auth-file.js'
import { environmentNames } from './environment.js'
import { credentialVariable } from './names.js'

const page = await readFile(new URL('../../../../docs/credentials.md', import.meta.url), 'utf8')

describe('docs/credentials.md', () => {
  it('shows a credential file that is read as it says', () => {
    const example = /```json\n([^`]*)```/.exec(page)?.[1] ?? ''
    const file = parseAuthFile(example, 'the page', 'source')
    expect(helperFor(file, 'ghcr.io')).toBe('secretservice')
    expect(findEntry(file, 'harbor.corp:5000', 'app', 'source')).toMatchObject({ username: 'bot', password: 'secret' })
    expect(findEntry(file, 'quay.io', 'team/app', 'source')).toMatchObject({ username: 'team+robot' })
    expect(findEntry(file, 'quay.io', 'other/app', 'source')).toBeUndefined()
    expect(findEntry(file, 'registry.corp', '', 'source')).toHaveProperty('identityToken')
    expect(findEntry(file, 'other.corp', '', 'source')).toHaveProperty('registryToken')
  })

  it('shows the names of hosts as they are', () => {
    const rows = [...page.matchAll(/^\| `([^`]+)` \| `ROPEWAY_REGISTRY_(\w+)_USERNAME`/gm)]
    expect(rows).toHaveLength(3)
    for (const [, host = '', variable] of rows) expect(credentialVariable(host)).toBe(variable)
  })

  it('names all variables that are looked at', () => {
    const names = environmentNames('docker.io', 'sink').flatMap((pair) => pair.split(' / '))
    for (const name of names.slice(2)) expect(page).toContain(name)
  })
})
