/** What went wrong below HTTP, as far as it changes what happens next or what the user is told. */
export type FaultKind =
  | 'certificate'
  | 'client-certificate'
  | 'dns'
  | 'interrupted'
  | 'plain-server'
  | 'protocol'
  | 'proxy'
  | 'refused'
  | 'timeout'
  | 'tls'
  | 'unknown'

export interface Fault {
  readonly kind: FaultKind
  /** Whether the same request may succeed later. */
  readonly retry: boolean
  /** For people: a few words, then the code. */
  readonly reason: string
}

interface Rule {
  readonly kind: FaultKind
  readonly retry: boolean
  readonly words: string
  readonly pattern: RegExp
}

// The first rule that matches decides, so the narrow ones stand before the wide ones.
const rules: readonly Rule[] = [
  {
    kind: 'plain-server',
    retry: false,
    words: 'it answers in plain HTTP',
    pattern: /ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNKNOWN_PROTOCOL|HTTP_REQUEST)/,
  },
  {
    kind: 'client-certificate',
    retry: false,
    words: 'it wants a client certificate',
    pattern: /ERR_SSL_\w*ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|HANDSHAKE_FAILURE|CERTIFICATE_UNKNOWN)/,
  },
  {
    kind: 'certificate',
    retry: false,
    words: 'its certificate is not trusted',
    pattern: /CERT|ISSUER|SELF_SIGNED|HOSTNAME_MISMATCH|LEAF_SIGNATURE|INVALID_CA|INVALID_PURPOSE/,
  },
  { kind: 'tls', retry: false, words: 'TLS failed', pattern: /ERR_SSL|EPROTO|ERR_TLS/ },
  { kind: 'proxy', retry: false, words: 'the proxy failed', pattern: /UND_ERR_PRX|UND_ERR_SOCKS|407|Tunneling/ },
  { kind: 'dns', retry: true, words: 'the name could not be looked up just now', pattern: /EAI_AGAIN/ },
  { kind: 'dns', retry: false, words: 'the name does not exist', pattern: /ENOTFOUND|EAI_|ENODATA/ },
  { kind: 'refused', retry: true, words: 'nothing listens there', pattern: /ECONNREFUSED/ },
  {
    kind: 'timeout',
    retry: true,
    words: 'no answer in time',
    pattern: /ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT/,
  },
  {
    kind: 'interrupted',
    retry: true,
    words: 'the connection broke',
    pattern:
      /ECONNRESET|EPIPE|ECONNABORTED|ENETDOWN|ENETRESET|UND_ERR_(SOCKET|INFO|RES_CONTENT_LENGTH)|HPE_INVALID_EOF_STATE/,
  },
  {
    kind: 'unknown',
    retry: true,
    words: 'the network cannot be reached',
    pattern: /ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL/,
  },
  { kind: 'protocol', retry: false, words: 'it does not speak HTTP', pattern: /HPE_|UND_ERR_HEADERS_OVERFLOW/ },
]

/** Reads what undici, `net` or `tls` threw. */
export function classifyFault(error: unknown): Fault {
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : ''
  // A server that knows no TLS and drops the hello looks like this; so does one that drops everything.
  if (code === 'ECONNRESET' && message.includes('before secure TLS connection')) {
    return { kind: 'plain-server', retry: true, reason: 'the connection broke during the TLS handshake (ECONNRESET)' }
  }
  const rule = rules.find(({ pattern }) => pattern.test(code)) ?? rules.find(({ pattern }) => pattern.test(message))
  if (rule === undefined) return { kind: 'unknown', retry: false, reason: message || code || 'an unknown fault' }
  return { kind: rule.kind, retry: rule.retry, reason: `${rule.words} (${code || message})` }
}

/** A fault on the way by a proxy: what the network did, it did to the proxy or the proxy did it. */
export function behindProxy(fault: Fault, proxy: string | undefined): Fault {
  const network: readonly FaultKind[] = ['dns', 'interrupted', 'refused', 'timeout', 'unknown']
  if (proxy === undefined || !network.includes(fault.kind)) return fault
  return { ...fault, kind: 'proxy', reason: `${fault.reason}, by the proxy ${proxy}` }
}

/** The first `code` on an error, its cause, or the errors that it stands for. */
function codeOf(error: unknown, depth = 0): string {
  if (typeof error !== 'object' || error === null || depth > 4) return ''
  const { code, name, cause, errors } = error as Readonly<Record<'code' | 'name' | 'cause' | 'errors', unknown>>
  if (code === undefined && name === 'HTTPParserError') return 'HPE_INVALID_CONSTANT'
  if (typeof code === 'string' && code !== 'UND_ERR') {
    const below = code.startsWith('UND_ERR_PRX') ? codeOf(cause, depth + 1) : ''
    return below === '' ? code : `${code} ${below}`
  }
  const inner = codeOf(cause, depth + 1)
  if (inner !== '') return inner
  return Array.isArray(errors) ? codeOf(errors[0], depth + 1) : ''
}
