import { describe, expect, it } from 'vitest'
import { classifyFault } from './faults.js'

function coded(code: string, message = 'x'): Error {
  return Object.assign(new Error(message), { code })
}

describe('classifyFault', () => {
  it.each([
    ['ECONNRESET', 'interrupted', true],
    ['EPIPE', 'interrupted', true],
    ['UND_ERR_SOCKET', 'interrupted', true],
    ['ECONNREFUSED', 'refused', true],
    ['ETIMEDOUT', 'timeout', true],
    ['UND_ERR_CONNECT_TIMEOUT', 'timeout', true],
    ['UND_ERR_HEADERS_TIMEOUT', 'timeout', true],
    ['UND_ERR_BODY_TIMEOUT', 'timeout', true],
    ['EAI_AGAIN', 'dns', true],
    ['ENOTFOUND', 'dns', false],
    ['EHOSTUNREACH', 'unknown', true],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate', false],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'certificate', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate', false],
    ['CERT_HAS_EXPIRED', 'certificate', false],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'client-certificate', false],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'plain-server', false],
    ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'plain-server', false],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'tls', false],
    ['HPE_INVALID_CONSTANT', 'protocol', false],
    ['UND_ERR_INVALID_ARG', 'unknown', false],
  ])('takes %s for %s', (code, kind, retry) => {
    expect(classifyFault(coded(code))).toMatchObject({ kind, retry })
    expect(classifyFault(coded(code)).reason).toContain(code === 'UND_ERR_INVALID_ARG' ? 'x' : code)
  })

  it('looks into causes and into the errors of several addresses', () => {
    expect(classifyFault(new Error('outer', { cause: coded('ECONNRESET') })).kind).toBe('interrupted')
    expect(classifyFault(new AggregateError([coded('ECONNREFUSED')])).kind).toBe('refused')
    expect(classifyFault(Object.assign(coded('UND_ERR_PRX_CONN'), { cause: coded('ECONNREFUSED') }))).toMatchObject({
      kind: 'proxy',
      retry: false,
    })
  })

  it('takes a hello that was dropped for a server without TLS', () => {
    const error = coded('ECONNRESET', 'Client network socket disconnected before secure TLS connection was established')
    expect(classifyFault(error).kind).toBe('plain-server')
  })

  it('survives anything that is thrown', () => {
    expect(classifyFault(undefined)).toMatchObject({ kind: 'unknown', retry: false })
    expect(classifyFault('text')).toMatchObject({ kind: 'unknown', retry: false })
  })
})
