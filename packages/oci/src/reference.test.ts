import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatReference, parseReference, tagOrDigest, withDefaultTag } from './index.js'

const hex = 'a'.repeat(64)

describe('parseReference', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx'],
    ['nginx:1.27', 'docker.io/library/nginx:1.27'],
    ['ubuntu:22.04', 'docker.io/library/ubuntu:22.04'],
    ['localhost', 'docker.io/library/localhost'],
    ['grafana/grafana:11.0.0', 'docker.io/grafana/grafana:11.0.0'],
    ['docker.io/alpine', 'docker.io/library/alpine'],
    ['index.docker.io/alpine', 'docker.io/library/alpine'],
    ['registry-1.docker.io/library/alpine', 'docker.io/library/alpine'],
    ['localhost/app', 'localhost/app'],
    ['localhost:5000/app', 'localhost:5000/app'],
    ['127.0.0.1:5000/a/b:c', '127.0.0.1:5000/a/b:c'],
    ['[::1]:5000/app:1', '[::1]:5000/app:1'],
    ['[2001:DB8::1]/app', '[2001:db8::1]/app'],
    ['registry.example/a/b/c/d', 'registry.example/a/b/c/d'],
    ['Registry.Example:443/app', 'registry.example:443/app'],
    ['host:5000/app', 'host:5000/app'],
    ['Host/app', 'Host/app'],
    [`quay.io/org/app:v1.2.3@sha256:${hex}`, `quay.io/org/app:v1.2.3@sha256:${hex}`],
    [`app@sha512:${hex}${hex}`, `docker.io/library/app@sha512:${hex}${hex}`],
    ['ghcr.io/a--b/c__d/e.f_g:X', 'ghcr.io/a--b/c__d/e.f_g:X'],
  ])('reads %s as %s', (text, canonical) => {
    expect(formatReference(parseReference(text))).toBe(canonical)
  })

  it.each([
    [''],
    [' nginx'],
    ['nginx latest'],
    [hex],
    ['registry.example/'],
    ['registry.example/App'],
    ['UPPER'],
    ['registry.example//app'],
    ['registry.example/app:'],
    ['registry.example/app:a+b'],
    ['registry.example/app:.a'],
    [`registry.example/app:${'t'.repeat(129)}`],
    ['registry.example/app@sha256:abc'],
    [`registry.example/app@sha256:${'A'.repeat(64)}`],
    ['registry.example/app@'],
    ['registry.example/app@a@b'],
    ['registry.example:99999/app'],
    ['registry.example:/app'],
    ['-host.example/app'],
    ['registry.example/a..b'],
    ['registry.example/a___b'],
    ['registry.example/-a'],
    ['registry.example/a-'],
    [`registry.example/${'a'.repeat(256)}`],
    ['a'.repeat(5000)],
    ['oci://registry.example/app'],
    ['https://user:secret@registry.example/app'],
    ['[::1/app'],
    ['registry.example/../etc/passwd'],
  ])('refuses %s', (text) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'REFERENCE_INVALID', side: 'chain' }))
  })

  it('refuses digests that cannot be verified', () => {
    expect(() => parseReference(`app@blake3:${hex}`)).toThrow(expect.objectContaining({ code: 'DIGEST_UNSUPPORTED' }))
  })

  it('never repeats the password of a URL', () => {
    try {
      parseReference('https://user:secret@registry.example/app?token=hidden')
      expect.unreachable()
    } catch (error) {
      expect(JSON.stringify(error)).not.toMatch(/secret|hidden/)
    }
  })

  it('says how to write a tag with a plus', () => {
    expect(() => parseReference('r.example/chart:1.0.0+build')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('1.0.0_build') }),
    )
  })
})

describe('tagOrDigest and withDefaultTag', () => {
  it('prefers the digest, then the tag, then latest', () => {
    expect(tagOrDigest(parseReference(`a:1@sha256:${hex}`))).toBe(`sha256:${hex}`)
    expect(tagOrDigest(parseReference('a:1'))).toBe('1')
    expect(tagOrDigest(parseReference('a'))).toBe('latest')
  })

  it('adds a tag only where neither tag nor digest is written', () => {
    expect(withDefaultTag(parseReference('a')).tag).toBe('latest')
    expect(withDefaultTag(parseReference('a:1')).tag).toBe('1')
    expect(withDefaultTag(parseReference(`a@sha256:${hex}`)).tag).toBeUndefined()
  })
})

const component = fc.stringMatching(/^[a-z0-9]{1,6}(?:(?:\.|_|__|-{1,3})[a-z0-9]{1,6}){0,2}$/)
const host = fc.oneof(
  fc.constant('localhost'),
  fc.stringMatching(/^[a-z0-9]{1,8}\.[a-z]{2,5}$/),
  fc.tuple(fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/), fc.integer({ min: 1, max: 65535 })).map(([n, p]) => `${n}:${p}`),
  fc.ipV4(),
  fc
    .ipV6()
    .map((address) => `[${address}]`)
    .filter((address) => !address.includes('.')),
)
const reference = fc.record(
  {
    registry: host,
    repository: fc.array(component, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/')),
    tag: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/),
    digest: fc.oneof(
      fc.stringMatching(/^[a-f0-9]{64}$/).map((encoded) => `sha256:${encoded}`),
      fc.stringMatching(/^[a-f0-9]{128}$/).map((encoded) => `sha512:${encoded}`),
    ),
  },
  { requiredKeys: ['registry', 'repository'] },
)

describe('parse and format', () => {
  it('give back every canonical reference', () => {
    fc.assert(
      fc.property(reference, (value) => {
        expect(parseReference(formatReference(value))).toEqual(value)
      }),
    )
  })

  it('are stable after the first reading, whatever the text', () => {
    const pieces = fc.constantFrom('a', 'B', '0', '/', ':', '@', '.', '-', '_', '[', ']', 'docker.io', 'localhost', ' ')
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
        (text) => {
          let first
          try {
            first = parseReference(text)
          } catch (error) {
            expect(error).toHaveProperty('code', expect.stringMatching(/^(REFERENCE_INVALID|DIGEST_UNSUPPORTED)$/))
            return
          }
          expect(parseReference(formatReference(first))).toEqual(first)
        },
      ),
      { numRuns: 2000, examples: [['B/a'], ['B:0/a']] },
    )
  })

  it('agree on short names and their long form', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9]{1,10}$/), (name) => {
        fc.pre(!/^[a-f0-9]{64}$/.test(name))
        expect(parseReference(name)).toEqual(parseReference(`docker.io/library/${name}`))
      }),
    )
  })
})
