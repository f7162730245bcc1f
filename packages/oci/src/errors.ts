import { RopewayError, type Side } from '@ropeway/core'

/** On whose side a piece of content is, and what people call it; every function that checks content takes it. */
export interface Subject {
  readonly side?: Side | undefined
  readonly about?: string | undefined
}

/**
 * More bytes came than may be held in memory: manifests and indexes are limited to 4 MiB. The other side sends something
 * else than a manifest, or an endless answer. Look at what stands behind the address; a proxy's error page is frequent.
 */
export function contentTooLarge(limit: number, { side = 'source', about }: Subject = {}): RopewayError {
  return new RopewayError({
    code: 'CONTENT_TOO_LARGE',
    side,
    message: `${about ?? 'the content'} is larger than the ${limit} bytes that are allowed for it`,
    operation: 'reading',
    about,
    hint: 'manifests, indexes and configs are a few KB; check what answers at this address',
  })
}

/**
 * A digest is not written as `algorithm:hex` with the length that its algorithm needs. Copy it again from where it was
 * published; a digest that was cut short is the usual reason.
 */
export function digestInvalid(digest: string, { side = 'source', about }: Subject = {}): RopewayError {
  return new RopewayError({
    code: 'DIGEST_INVALID',
    side,
    message: `"${digest}" is not a digest`,
    operation: 'parsing',
    about: about ?? digest,
    hint: 'write sha256: and 64 lower-case hexadecimal digits, or sha512: and 128 of them',
  })
}

/**
 * The bytes that arrived are not those that the digest names: they were damaged or changed on the way, or the other side
 * holds something else. Nothing of them was kept. Run again; when it happens again, the content at its origin is damaged
 * or was replaced.
 */
export function digestMismatch(
  expected: string,
  actual: string,
  { side = 'verification', about }: Subject = {},
): RopewayError {
  return new RopewayError({
    code: 'DIGEST_MISMATCH',
    side,
    message: `${about ?? expected} has other content than its digest says: ${actual} instead of ${expected}`,
    operation: 'verifying',
    about: about ?? expected,
    hint: 'run again; when it stays, the copy at its origin is damaged or was replaced: pull it anew there, or lock anew',
  })
}

/**
 * A digest uses an algorithm that Ropeway cannot compute, so its content could not be verified. Supported are sha256 and
 * sha512. Ask the publisher for a sha256 digest.
 */
export function digestUnsupported(
  algorithm: string,
  digest: string,
  { side = 'source', about }: Subject = {},
): RopewayError {
  return new RopewayError({
    code: 'DIGEST_UNSUPPORTED',
    side,
    message: `the digest algorithm "${algorithm}" of ${digest} is not supported`,
    operation: 'parsing',
    about: about ?? digest,
    hint: 'sha256 and sha512 are supported; refer to the content by one of them',
  })
}

/**
 * An index names indexes that name indexes, deeper than any real image, or more manifests than can be meant. The content
 * is refused before it fills the memory. Refer to the part that you need by its digest.
 */
export function graphTooLarge(found: string, allowed: string, { side = 'source', about }: Subject = {}): RopewayError {
  return new RopewayError({
    code: 'GRAPH_TOO_LARGE',
    side,
    message: `${about ?? 'an index'} holds ${found}; ${allowed} are allowed`,
    operation: 'reading',
    about,
    hint: 'refer to the image that you need by its own digest, or select platforms',
  })
}

/**
 * A manifest or index is not what its specification says: no JSON, a field that is missing or of the wrong type, two media
 * types that contradict each other, or a document that is an image and an index at once. The content is refused as it is;
 * push it again with a current tool.
 */
export function manifestInvalid(
  reason: string,
  { side = 'source', about, cause }: Subject & { cause?: unknown } = {},
): RopewayError {
  return new RopewayError({
    code: 'MANIFEST_INVALID',
    side,
    message: `${about ?? 'a manifest'} is not a valid manifest: ${reason}`,
    operation: 'parsing',
    about,
    hint: 'check with another client what the registry holds there; push it again with a current tool if it is yours',
    cause,
  })
}

/**
 * The image is published in Docker's image manifest schema 1, which was withdrawn in 2019: its layers have no sizes and
 * registries refuse it. Pull it and push it again with a current client, which converts it, and refer to the result.
 */
export function manifestSchema1({ side = 'source', about }: Subject = {}): RopewayError {
  return new RopewayError({
    code: 'MANIFEST_SCHEMA1',
    side,
    message: `${about ?? 'an image'} is published as Docker schema 1, which is not supported`,
    operation: 'parsing',
    about,
    hint: 'use a newer tag, or convert it upstream: docker pull, docker push with a current docker',
  })
}

/**
 * What the reference names is neither an image manifest nor an index of OCI or Docker. Something else is published there,
 * or a proxy answered in place of the registry.
 */
export function manifestUnsupported(mediaType: string, { side = 'source', about }: Subject = {}): RopewayError {
  return new RopewayError({
    code: 'MANIFEST_UNSUPPORTED',
    side,
    message: `${about ?? 'the content'} has the media type "${mediaType}", which is no manifest or index that Ropeway knows`,
    operation: 'parsing',
    about,
    hint: 'OCI manifests and indexes and those of Docker schema 2 are supported; check the reference',
  })
}

/**
 * A platform is not written as `os/architecture[/variant]`.
 */
export function platformInvalid(text: string): RopewayError {
  return new RopewayError({
    code: 'PLATFORM_INVALID',
    side: 'chain',
    message: `"${text}" is not a platform`,
    operation: 'parsing',
    about: text,
    hint: 'write os/architecture[/variant], such as linux/amd64 or linux/arm/v7',
  })
}

/**
 * A platform that was selected is not among those that the image is published for. The message names those that exist:
 * select one of them, or give this source other platforms.
 */
export function platformMissing(
  wanted: readonly string[],
  have: readonly string[],
  { side = 'source', about }: Subject = {},
): RopewayError {
  const exists = have.length === 0 ? 'none that is named' : have.join(', ')
  return new RopewayError({
    code: 'PLATFORM_MISSING',
    side,
    message: `${about ?? 'the image'} is not published for ${wanted.join(', ')}; it has ${exists}`,
    operation: 'selecting platforms of',
    about,
    hint: 'select platforms that it has, or leave out platforms to carry everything as published',
  })
}

/**
 * A reference to an image, chart or artifact cannot be read. References are `registry/repository[:tag][@digest]`, in lower
 * case but for the tag; short names are those of Docker Hub.
 */
export function referenceInvalid(text: string, reason: string, hint?: string): RopewayError {
  return new RopewayError({
    code: 'REFERENCE_INVALID',
    side: 'chain',
    message: `"${text}" is not a reference: ${reason}`,
    operation: 'parsing',
    about: text,
    hint: hint ?? 'write registry/repository[:tag][@digest], such as registry.example:5000/app/web:1.2.3',
  })
}

/**
 * Fewer or more bytes came than the descriptor says: the transfer was cut short, or the other side holds something else.
 * Nothing of them was kept. Run again; when it happens again, the content at its origin is damaged.
 */
export function sizeMismatch(
  expected: number,
  actual: string,
  { side = 'verification', about }: Subject = {},
): RopewayError {
  return new RopewayError({
    code: 'SIZE_MISMATCH',
    side,
    message: `${about ?? 'the content'} has ${actual} bytes instead of ${expected}`,
    operation: 'verifying',
    about,
    hint: 'run again; when it stays, the copy at its origin is damaged: pull it anew there, or lock anew',
  })
}
