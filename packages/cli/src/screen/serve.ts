import type { ServeResult } from '../results.js'
import type { Paint } from '../text/paint.js'

export interface ServeFacts extends ServeResult {
  /** For people: what is served. */
  readonly what: string
}

/** Where a registry can be reached, and what one should know of it. */
export function serveScreen(facts: ServeFacts, paint: Paint): string[] {
  const { path, what, url, host, readOnly, authenticated } = facts
  const lines = [`serving ${paint.bold(path)} (${what}${readOnly ? ', read-only' : ''}) at ${paint.bold(url)}`]
  if (!isLoopback(host)) {
    const may = readOnly ? 'read it' : 'read and write it'
    if (!authenticated)
      lines.push(`${paint.yellow('!')} everybody who reaches ${host} may ${may}; --username asks for a password`)
    if (url.startsWith('http:'))
      lines.push(
        `${paint.yellow('!')} it speaks plain HTTP: clients on other machines need --insecure, or give --tls-cert and --tls-key`,
      )
  }
  return [...lines, '  Ctrl-C ends']
}

function isLoopback(host: string): boolean {
  return /^(127\.|localhost(:|$)|\[::1\])/.test(host)
}
