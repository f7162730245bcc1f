import { sha256 } from '@ropeway/oci'
import { makeChart } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { checkProvenance, isProvenance } from './provenance.js'

const chart = makeChart({ name: 'web', version: '1.2.3', prov: true })
const text = Buffer.from(chart.prov ?? []).toString()
const check = (provenance: string) => checkProvenance(Buffer.from(provenance), chart.tgz, 'web-1.2.3.tgz')

describe('checkProvenance', () => {
  it('accepts provenance that names the sha256 of the archive', () => {
    expect(() => check(text)).not.toThrow()
    expect(() => check(text.replaceAll('\n', '\r\n'))).not.toThrow()
  })
  it('reads text that is dash-escaped, and writers that add images', () => {
    const escaped = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nname: web\nkeywords:\n- - a\n\n...\nfiles:\n  x.tgz: ${chart.digest}\nimages:\n  a: b\n-----BEGIN PGP SIGNATURE-----\n`
    expect(() => check(escaped)).not.toThrow()
  })
  it('refuses provenance of another archive', () => {
    expect(() => check(text.replace(chart.digest, sha256('x')))).toThrow(
      expect.objectContaining({ code: 'PROVENANCE_MISMATCH', message: expect.stringContaining(sha256('x')) }),
    )
  })
  it.each([
    ['', 'it is not PGP clear-signed text'],
    [text.replace('...\n', ''), 'it is not PGP clear-signed text'],
    [text.replace('files:', 'others:'), 'it names no files'],
    [text.replace('files:', 'files: ['), 'cannot be read'],
  ])('says what is wrong with it (%#)', (provenance, message) => {
    expect(() => check(provenance)).toThrow(
      expect.objectContaining({ code: 'PROVENANCE_INVALID', message: expect.stringContaining(message) }),
    )
  })
  it('tells provenance from a web page', () => {
    expect([isProvenance(Buffer.from(text)), isProvenance(Buffer.from('<html>'))]).toEqual([true, false])
  })
})
