const base64 = /^[A-Za-z0-9+/]{8,}={0,2}$/

/** The text that a base64 text stands for; undefined when it is none, or stands for no text. */
export function decodedText(text: string): string | undefined {
  const clean = text.replaceAll(/[\r\n]/g, '')
  if (clean.length % 4 !== 0 || !base64.test(clean)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(clean, 'base64'))
  } catch {
    return undefined
  }
}

const hexadecimal = /^[0-9a-f]{5,}$/

/** Whether one text may be a checksum of something where the other is one of something else. Says nothing for certain. */
export function likeChecksums(before: string, after: string): boolean {
  if (before.length !== after.length) return /^\d{6,10}$/.test(before) && /^\d{6,10}$/.test(after)
  const [start, end] = difference(before, after)
  return hexadecimal.test(before.slice(start, end)) && hexadecimal.test(after.slice(start, end))
}

/** The stretch in which texts of one length differ, widened to whole runs of letters and digits. */
function difference(before: string, after: string): [number, number] {
  const word = (at: number): boolean => /[0-9a-z]/.test(before.charAt(at)) && /[0-9a-z]/.test(after.charAt(at))
  let start = 0
  while (start < before.length && before[start] === after[start]) start += 1
  let end = before.length
  while (end > start && before[end - 1] === after[end - 1]) end -= 1
  while (start > 0 && word(start - 1)) start -= 1
  while (end < before.length && word(end)) end += 1
  return [start, end]
}
