export { addressText, chartAddresses, type ChartAddress } from './addons/addresses.js'
export { type Addon, type AddonList, type SkippedAddon } from './addons/addon.js'
export { catalogText, readCatalogs, type CatalogFile } from './addons/catalog.js'
export { readAddonList, type AddonFiles } from './addons/list.js'
export { changeChart, type ChartChanges } from './addons/change.js'
export { defaultOverrides, overrideOf, readOverrides, type Overrides } from './addons/overrides.js'
export { selectAddons, type AddonFilters, type FilterBy } from './addons/select.js'
export { readAddonValues } from './addons/values.js'
export { fromBytes, toBytes, type Value } from '@ropeway/gotemplate'
export { archiveLimits, chartFiles, readChartArchive, type ChartArchive, type ChartFile } from './chart/archive.js'
export { chartAnnotations, chartArtifact, type Blob, type ChartArtifact, type ChartParts } from './chart/artifact.js'
export { readChartFolder } from './chart/folder.js'
export { parseIgnore, type IgnoreTest } from './chart/ignore.js'
export { readLocalChart, type LocalChart } from './chart/local.js'
export {
  readMetadata,
  type ChartDependency,
  type ChartMaintainer,
  type ChartMetadata,
  type MetadataFiles,
} from './chart/metadata.js'
export { metadataJson } from './chart/metadata-json.js'
export {
  isOciLocation,
  parseOciLocation,
  reopenOciChart,
  resolveOciChart,
  type OciChart,
  type WantedOciChart,
} from './chart/oci.js'
export { readChartArtifact, type ChartContent } from './chart/read-artifact.js'
export { packChart, type PackedChart } from './chart/pack.js'
export { packageChart, type PackageOptions } from './chart/package.js'
export { checkProvenance, isProvenance, provenanceLimit } from './chart/provenance.js'
export {
  addonFoundElsewhere,
  addonNamespacesDiffer,
  addonNotFound,
  addonSkipped,
  addonsFileUnreadable,
  chartChanged,
  chartDigestMismatch,
  locatorInvalid,
} from './errors.js'
export {
  isInSync,
  lockDigest,
  readChartLock,
  writeChartLock,
  type ChartLock,
  type LockedDependency,
} from './dependencies/lock.js'
export { fetchDependency, type DependencyContext, type FetchDependencyOptions } from './dependencies/fetch.js'
export {
  missingDependencies,
  vendorDependencies,
  type VendoredFiles,
  type VendorOptions,
} from './dependencies/vendor.js'
export { vendoredCharts, type VendoredChart } from './dependencies/vendored.js'
export { type ChartVersion, type ChartVersions } from './repository/entries.js'
export { fetchArchive, fetchProvenance, type ArchiveRequest } from './repository/fetch-chart.js'
export { fetchFile } from './repository/fetch-file.js'
export { fetchIndex, type RepositoryContext } from './repository/fetch-index.js'
export { readRepositories } from './repository/named.js'
export { indexLimits, readIndex, type RepositoryIndex } from './repository/read-index.js'
export { chooseChart, fetchChart, type ChosenChart, type FetchPolicy, type WantedChart } from './repository/resolve.js'
export { selectVersion, type Choice } from './repository/select.js'
export {
  chartUrl,
  indexUrl,
  parseRepository,
  provenanceUrl,
  redacted,
  sameOrigin,
  withQuery,
} from './repository/urls.js'
export { chartContent, chartNaming, derivedChart, type Reload } from './source/artifact.js'
export { chartLocator, pins, readLocator, type ChartLocator } from './source/locator.js'
export { loadLocked } from './source/locked.js'
export { chartFromAddress, chartFromPath, chartFromRegistry, chartFromRepository } from './source/resolve.js'
export { type ChartAccess, type WantedArtifact } from './source/wanted.js'
export { parseConstraint, satisfies, type Constraint } from './version/constraint.js'
export { tagVersion, versionTag, versionsOfTags } from './version/tags.js'
export {
  compareVersions,
  isStrictVersion,
  parseVersion,
  sortNewestFirst,
  tryVersion,
  type Version,
} from './version/version.js'
export { loadChartFiles, type ChartTemplate, type LoadedChart } from './chart/load.js'
export { readChartFiles, type ChartSource } from './chart/source.js'
export { deepCopy } from './functions/convert.js'
export { templateFunctions } from './functions/index.js'
export { type EncodingCall } from './functions/helm.js'
export { HelmError } from './helm-error.js'
export {
  chartReferences,
  type ChartCondition,
  type ChartReferences,
  type SubchartSwitch,
} from './references/references.js'
export { type CapabilitiesOptions } from './render/capabilities.js'
export { type ReleaseOptions } from './render/context.js'
export { documentsOf, splitDocuments, type Manifest } from './render/manifests.js'
export { type CrdFile, type PrintOptions } from './render/print.js'
export { valueOrigins } from './render/origins.js'
export {
  loadChart,
  makeChart,
  type Chart,
  type Rendered,
  type RenderLimits,
  type RenderOptions,
} from './render/render.js'
export { coalesceValues, mergeMaps } from './values/coalesce.js'
export { type OriginOf, type ValueOrigin } from './values/origin.js'
export {
  checkedValuesPath,
  formatValuesPath,
  parseValuesPath,
  valueAt,
  withValue,
  type ValuesPath,
} from './values/path.js'
export { readValues } from './values/documents.js'
export { editValues, type ValuesEdit } from './values/edit.js'
export {
  setValues,
  type ChangedChart,
  type ChangedValue,
  type SetOptions,
  type ValueChange,
} from './values/set-values.js'
export { applySet, typedValue, type SetKind } from './values/strvals.js'
export { toJsonData } from './values/json-data.js'
export { mergeUserValues, type UserValues, type ValuesFile } from './values/user-values.js'
export { decodeYaml } from './yaml/decode.js'
export { readOnce } from './yaml/read-once.js'
export { emitYaml, type EmitOptions } from './yaml/emit.js'
export { YamlError } from './yaml/problem.js'
