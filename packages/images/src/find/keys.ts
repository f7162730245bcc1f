/** What a name says about the value beside it. */
export type Meaning = 'image' | 'images' | 'other'

const words = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g

/** Words behind `image` that make it something else than the image's reference. */
const otherWords = new Set(
  (
    'policy secret secrets tag tags size dir directory path paths file files format type quality url urls uri service host port gc ' +
    'threshold age period registry hub prefix suffix mirror mirrors scan scanner scanning renderer rendering stream streams id ids hash ' +
    'checksum width height count limit limits timeout enabled disabled enable disable version arch platform os label labels pattern ' +
    'patterns allowlist denylist whitelist blacklist filter filters list catalog catalogs credential credentials auth user username password ' +
    'digest sha extractor extractors family selector verification'
  ).split(' '),
)
const closing = new Set(['name', 'names', 'ref', 'refs', 'reference', 'full', 'repository', 'repo', 'base', 'default'])

/** The words of a name in lower case: `dockerImage`, `DOCKER_IMAGE` and `docker-image` are `docker image`. */
export function wordsOf(name: string): readonly string[] {
  return (name.match(words) ?? []).map((word) => word.toLowerCase())
}

/**
 * Whether the name of a field, flag or variable says that its value is an image (`image`, `sidecarImage`, `RELATED_IMAGE_X`,
 * `--acme-http01-solver-image`), several of them, or something else (`imagePullPolicy`, `image-gc-high-threshold`).
 */
export function meaningOf(name: string): Meaning {
  const parts = wordsOf(name)
  const at = parts.findLastIndex((word) => word === 'image' || word === 'images')
  if (at < 0) return 'other'
  if (parts.some((word, index) => index > at && otherWords.has(word))) return 'other'
  if (parts[at] === 'images') return 'images'
  return 'image'
}

/** Whether the name is of the image itself, not of what an image stands for: `image`, `IMAGE_NAME`, `proxyImage`, `imageRef`. */
export function namesImage(name: string): boolean {
  const parts = wordsOf(name)
  const at = parts.findLastIndex((word) => word === 'image')
  return at >= 0 && parts.slice(at + 1).every((word) => closing.has(word))
}
