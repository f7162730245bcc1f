import { z } from 'zod'
import { sha256 } from '@ropeway/oci'
import { provenanceInvalid, provenanceMismatch } from '../errors.js'
import { readYaml, toJson } from '../yaml/read.js'

/** Bytes that a provenance file may have at most: it holds a Chart.yaml, hashes and a signature. */
export const provenanceLimit = 1024 * 1024

const opening = '-----BEGIN PGP SIGNED MESSAGE-----'
const signature = '-----BEGIN PGP SIGNATURE-----'

const Sums = z.object({ files: z.record(z.string(), z.string()) })

/** Whether a file is PGP clear-signed text, as provenance is: some servers answer with a web page instead of a 404. */
export function isProvenance(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(0, 256)).trimStart().startsWith(opening)
}

/**
 * Checks that a provenance file is about this archive: its `files` hold the archive's sha256. The signature itself is
 * carried, not verified. Throws `PROVENANCE_INVALID` and `PROVENANCE_MISMATCH`.
 */
export function checkProvenance(provenance: Uint8Array, archive: Uint8Array, name: string): void {
  const sums = Object.values(readSums(provenance, name))
  const actual = sha256(archive)
  if (!sums.some((sum) => sum.toLowerCase() === actual)) throw provenanceMismatch(name, actual, sums)
}

/** The `files` of a provenance file: archive name → `sha256:…`. */
function readSums(provenance: Uint8Array, name: string): Readonly<Record<string, string>> {
  const text = new TextDecoder().decode(provenance).replaceAll('\r\n', '\n')
  const start = text.indexOf('\n\n', text.indexOf(opening))
  const end = text.indexOf(`\n${signature}`)
  const body = start < 0 || end < start ? '' : text.slice(start + 2, end)
  const separator = /^(?:- )?\.\.\.$/m.exec(body)
  if (separator === null) throw provenanceInvalid(name, 'it is not PGP clear-signed text of a chart')
  const listed = body.slice(separator.index + separator[0].length).replace(/^- /gm, '')
  const parsed = Sums.safeParse(toJson(readYaml(listed, ({ message }) => provenanceInvalid(name, message))))
  if (!parsed.success) throw provenanceInvalid(name, 'it names no files')
  return parsed.data.files
}
