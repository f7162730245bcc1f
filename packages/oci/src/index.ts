export {
  createDigester,
  isDigest,
  parseDigest,
  sha256,
  type DigestAlgorithm,
  type Digester,
  type ParsedDigest,
} from './digest.js'
export { buildArtifact, canonicalJson, emptyConfig, encodeManifest, type ArtifactParts } from './encode.js'
export {
  contentTooLarge,
  digestInvalid,
  digestMismatch,
  digestUnsupported,
  manifestInvalid,
  platformMissing,
  referenceInvalid,
  sizeMismatch,
  type Subject,
} from './errors.js'
export { fileAnnotations, fileArtifactTypes, fileMediaTypes } from './file-artifacts.js'
export { readManifest, walkGraph, type Graph, type ReadDescriptor, type WalkOptions } from './graph.js'
export {
  childrenOf,
  parseManifest,
  type Children,
  type ParsedArtifactManifest,
  type ParsedImage,
  type ParsedIndex,
  type ParsedManifest,
} from './manifest.js'
export {
  acceptedManifests,
  isForeignLayer,
  isImageConfig,
  isImageManifest,
  isIndex,
  isManifestType,
  isSchema1,
  manifestLimit,
  mediaTypes,
  plainMediaType,
} from './media-types.js'
export { withMade } from './made.js'
export { formatPlatform, matchesPlatform, parsePlatform } from './platform.js'
export {
  canonicalHost,
  dockerHub,
  formatReference,
  isRegistryHost,
  isRepository,
  isTag,
  looksLikeHost,
  parseReference,
  tagOrDigest,
  withDefaultTag,
} from './reference.js'
export { cosignTags, fallbackTag, isReferrerTag } from './referrer-tags.js'
export { readSmall, smallContentLimit } from './read-small.js'
export { parseConfigPlatform, selectPlatforms, type Selection } from './select.js'
export { collect, inlineData, verified, verifyBytes, type VerifyOptions } from './verify.js'
