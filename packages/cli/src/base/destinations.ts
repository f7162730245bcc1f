import { formatReference, parseReference } from '@ropeway/oci'
import * as errors from '../errors.js'

/** Where the names of images go. */
export interface Destinations {
  /** The destination of a reference; undefined for what is none. */
  of(reference: string): string | undefined
  /** The address below which charts go. */
  readonly registry: string
}

/**
 * `HOST[/prefix]/<path>:<tag>@<digest>`, as `rewrite` names images; a tag that is not written stays so, since names alone do not tell what it
 * stands for. Throws `FLAG_INVALID` for a registry that is none.
 */
export function destinationsAt(registry: string, command: string): Destinations {
  const base = registry.replace(/^oci:\/\//, '').replace(/\/+$/, '')
  const parsed = tryParse(`${base}/x`)
  const [host = ''] = base.split('/', 1)
  if (parsed === undefined || !/[.:]|^localhost$/.test(host)) {
    throw errors.flagInvalid(
      command,
      `--registry ${registry}: HOST[/prefix] is expected, such as harbor.example/mirror`,
    )
  }
  const prefix = base.slice(host.length + 1)
  return {
    registry: base,
    of(reference) {
      const read = tryParse(reference)
      if (read === undefined) return undefined
      const inside = prefix === '' || read.repository === prefix || read.repository.startsWith(`${prefix}/`)
      const repository = inside ? read.repository : `${prefix}/${read.repository}`
      return formatReference({ ...read, registry: host, repository })
    },
  }
}

function tryParse(text: string) {
  try {
    return parseReference(text)
  } catch {
    return undefined
  }
}
