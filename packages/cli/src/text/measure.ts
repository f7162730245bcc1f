const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']

/** A size for people, in powers of 1000 and three significant digits: `0 B`, `4 KB`, `1.84 GB`. */
export function size(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
  return `${String(Number(value.toFixed(digits)))} ${units[unit] ?? ''}`
}

/** All digits, in groups of three: `1,234,567,168 bytes`. */
export function exactSize(bytes: number): string {
  return `${grouped(bytes)} ${bytes === 1 ? 'byte' : 'bytes'}`
}

export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `3 blobs`, `1 blob`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${grouped(value)} ${value === 1 ? one : many}`
}

/** A length of time for people: `0.3 s`, `48 s`, `3 min 5 s`, `2 h 4 min`. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  const minutes = Math.round(whole / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** `sha256:3f9c1a2b4d5e…`: enough of a digest to tell it from another. */
export function shortDigest(digest: string): string {
  const [algorithm = '', encoded = ''] = digest.split(':')
  return encoded.length > 12 ? `${algorithm}:${encoded.slice(0, 12)}…` : digest
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  if (items.length < 2) return items.join('')
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`
}
