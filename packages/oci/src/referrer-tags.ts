import { parseDigest } from './digest.js'

/**
 * The tag that holds the referrers of a digest where a registry lacks the referrers API (distribution-spec, "Referrers Tag
 * Schema"): `sha256-<hex>`; the encoded part is cut at 64 characters.
 */
export function fallbackTag(digest: string): string {
  const { algorithm, encoded } = parseDigest(digest)
  return `${algorithm}-${encoded.slice(0, 64)}`
}

/** The tags under which cosign keeps signatures, attestations and SBOMs of a digest. */
export function cosignTags(digest: string): { readonly sig: string; readonly att: string; readonly sbom: string } {
  const { algorithm, encoded } = parseDigest(digest)
  const stem = `${algorithm}-${encoded}`
  return { sig: `${stem}.sig`, att: `${stem}.att`, sbom: `${stem}.sbom` }
}

/** Whether a tag belongs to referrers (fallback tag, cosign's tags) and is not a version of anything. */
export function isReferrerTag(tag: string): boolean {
  return /^sha(?:256|512)-[a-f0-9]{64}(?:[a-f0-9]{64})?(?:\..+)?$/.test(tag)
}
