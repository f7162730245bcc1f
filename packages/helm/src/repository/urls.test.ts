import { describe, expect, it } from 'vitest'
import { chartUrl, indexUrl, parseRepository, provenanceUrl, redacted, sameOrigin } from './urls.js'

const url = (text: string) => new URL(text)

describe('parseRepository', () => {
  it.each(['', 'charts.example', 'ftp://charts.example', 'file:///charts', 'http://'])('refuses %j', (text) => {
    expect(() => parseRepository(text)).toThrow(expect.objectContaining({ code: 'REPOSITORY_INVALID', side: 'chain' }))
  })
  it('refuses a password without showing it', () => {
    const refused = () => parseRepository('https://me:secret@charts.example/x?token=hidden')
    expect(refused).toThrow('"https://charts.example/x" is not the address of a chart repository')
    expect(refused).not.toThrow(/secret|hidden/)
  })
})

describe('indexUrl', () => {
  it.each([
    ['https://charts.example', 'https://charts.example/index.yaml'],
    ['https://charts.example/', 'https://charts.example/index.yaml'],
    ['https://charts.example/a/b//', 'https://charts.example/a/b/index.yaml'],
    ['https://charts.example/a/index.yaml', 'https://charts.example/a/index.yaml'],
    ['https://charts.example/a?token=x%2Fy', 'https://charts.example/a/index.yaml?token=x%2Fy'],
  ])('of %s is %s', (repository, expected) => expect(indexUrl(url(repository)).href).toBe(expected))
})

describe('chartUrl', () => {
  it.each([
    ['https://c.example/a', 'x-1.tgz', 'https://c.example/a/x-1.tgz'],
    ['https://c.example/a/', 'x-1.tgz', 'https://c.example/a/x-1.tgz'],
    ['https://c.example/a/index.yaml', 'x-1.tgz', 'https://c.example/a/x-1.tgz'],
    ['https://c.example/a/b', '../files/x-1.tgz', 'https://c.example/a/files/x-1.tgz'],
    ['https://c.example/a', '/x-1.tgz', 'https://c.example/x-1.tgz'],
    ['https://c.example/a', 'x-1.0.0+b.tgz', 'https://c.example/a/x-1.0.0+b.tgz'],
    ['https://c.example/a', 'https://d.example/x-1.tgz', 'https://d.example/x-1.tgz'],
    ['https://c.example/a?s=1%2F2', 'x-1.tgz', 'https://c.example/a/x-1.tgz?s=1%2F2'],
    ['https://c.example/a?s=1', 'x-1.tgz?v=2', 'https://c.example/a/x-1.tgz?v=2&s=1'],
    ['https://c.example/a?s=1', 'https://c.example/x-1.tgz', 'https://c.example/x-1.tgz'],
    ['https://c.example/a?s=1', '//d.example/x-1.tgz', 'https://d.example/x-1.tgz'],
    ['https://c.example/a', 'https://me:secret@d.example/x-1.tgz#y', 'https://d.example/x-1.tgz'],
    ['https://c.example/a', 'oci://r.example/charts/x:1', 'oci://r.example/charts/x:1'],
  ])('below %s resolves %s to %s', (repository, reference, expected) => {
    expect(chartUrl(url(repository), reference).href).toBe(expected)
  })
  it.each(['file:///etc/passwd', 'ftp://x/y', 'data:,x', 'http://'])('refuses %s', (reference) => {
    expect(() => chartUrl(url('https://c.example'), reference)).toThrow(
      expect.objectContaining({ code: 'CHART_URL_INVALID' }),
    )
  })
})

describe('addresses', () => {
  it('of provenance keep the query behind the path', () => {
    expect(provenanceUrl(url('https://c.example/x.tgz?s=1')).href).toBe('https://c.example/x.tgz.prov?s=1')
  })
  it('for people hold no secret', () => {
    expect(redacted('https://me:secret@c.example:8443/x?token=hidden#y')).toBe('https://c.example:8443/x')
    expect(redacted('no address ://me:secret@x?token=hidden')).not.toMatch(/secret|hidden/)
  })
  it('share an origin when scheme, host and port are equal', () => {
    const same = (a: string, b: string) => sameOrigin(url(a), url(b))
    expect(same('https://c.example/a', 'https://c.example:443/b')).toBe(true)
    expect(same('https://c.example', 'http://c.example')).toBe(false)
    expect(same('https://c.example', 'https://c.example:8443')).toBe(false)
    expect(same('https://c.example', 'https://d.c.example')).toBe(false)
  })
})
