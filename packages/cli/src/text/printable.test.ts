import { describe, expect, it } from 'vitest'
import { createRedactor, printable, printableLine } from './printable.js'

describe('text from elsewhere', () => {
  it('cannot move the cursor, clear the screen or turn text around', () => {
    expect(printable('a\u001b[2Jb\rc\u202ed\u0007')).toBe('a\\u001b[2Jb\\u000dc\\u202ed\\u0007')
    expect(printable('two\nlines\tand a tab')).toBe('two\nlines\tand a tab')
  })
  it('stays on one line where a line is wanted', () => {
    expect(printableLine('a\n  ::error::b')).toBe('a ::error::b')
  })
})

describe('the redactor', () => {
  const redact = createRedactor({
    ROPEWAY_REGISTRY_HARBOR_CORP_PASSWORD: 'hunter2-hunter2',
    DOCKERHUB_TOKEN: 'dckr_pat_abc',
    AWS_SECRET_ACCESS_KEY: 'abc/def+ghi',
    CI_TOKEN: 'registry',
    SHORT_PASSWORD: 'abc',
    HOME: '/home/somebody',
  })
  it('takes out values of secret variables', () => {
    expect(redact('basic user:hunter2-hunter2 dckr_pat_abc abc/def+ghi')).toBe('basic user:*** *** ***')
  })
  it('leaves plain words and other variables', () => {
    expect(redact('the registry in /home/somebody')).toBe('the registry in /home/somebody')
  })
  it('takes users, passwords and signatures out of URLs', () => {
    expect(redact('GET https://bob:pw@registry.example/v2/?X-Amz-Signature=abc failed')).toBe(
      'GET https://***@registry.example/v2/?*** failed',
    )
    expect(redact('"oci://registry.example/a@sha256:0" stays')).toBe('"oci://registry.example/a@sha256:0" stays')
  })
})
