/** A URL for people: no user info, no query, no fragment (signed addresses carry secrets in their query). */
export function redactUrl(url: URL | string): string {
  const parsed = typeof url === 'string' ? parseUrl(url) : url
  return parsed === undefined ? '(not a URL)' : `${parsed.origin}${parsed.pathname}`
}

/** `undefined` instead of an exception for what is not a URL. */
export function parseUrl(text: string, base?: URL | string): URL | undefined {
  const against = base === undefined ? undefined : String(base)
  return URL.canParse(text, against) ? new URL(text, against) : undefined
}

/** Text of a server for an error: one line, control characters and addresses' queries removed, cut at 300 characters. */
export function shortText(text: string): string {
  const line = text
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/(https?:\/\/[^\s"'<>?]+)\?[^\s"'<>]*/g, '$1')
    .replace(/(https?:\/\/)[^\s"'<>/@]+@/g, '$1')
    .replace(/\s+/g, ' ')
    .trim()
  return line.length > 300 ? `${line.slice(0, 299)}…` : line
}
