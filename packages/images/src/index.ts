export { isValueList, isValueMap, type Value, type ValueMap } from './construct.js'
export {
  findImages,
  formatObject,
  formatPlace,
  type FieldPlace,
  type FoundImages,
  type ImageField,
  type ObjectName,
  type UnresolvedImage,
} from './find-images.js'
export { catalogueEntrySchema, catalogueSchema, parseCatalogue, type CatalogueEntry } from './find/catalogue.js'
export { builtInCatalogue } from './find/built-in-catalogue.js'
export { findReferences, manifestObjects, renderedObjects } from './find/find-references.js'
export type { FindOptions, FoundReferences, FoundSite, RenderedObject, UnresolvedSite } from './find/types.js'
export { discoverChart, discoverManifests, type DiscoverOptions } from './chart/discover.js'
export { withFilled, withSwitch } from './chart/flips.js'
export type {
  DiscoveredImage,
  Discovery,
  ImageClass,
  Objection,
  Proof,
  ProvedReference,
  Provenance,
  RelocateOptions,
  Relocation,
  RelocationMode,
  RenderSettings,
  Site,
  Switch,
} from './chart/types.js'
export { parseImageList, type ImageList, type ListedImage } from './image-list.js'
export type { NoImage } from './image-text.js'
export { manifestArtifact, readManifestArtifact, type ManifestFile } from './manifest-artifact.js'
export { parseManifests, type KubernetesDocument } from './manifests.js'
export { formatPath, type Path } from './path.js'
export { decodeText } from './text.js'
export { proofMarkdown } from './relocate/markdown.js'
export { relocateManifests, type ManifestRelocation, type ManifestText } from './relocate/manifests.js'
export { relocateChart } from './relocate/relocate.js'
export { unprovedLines } from './relocate/unproved.js'
export { relocationUnproved } from './errors.js'
