export { checkCases, type CaseResult, type ContractCase, type Runner } from './suites/case.js'
export type { AdapterSetup, PackageClaim, World } from './suites/setup.js'
export {
  checkSource,
  sourceCases,
  testSource,
  type SourceCapabilities,
  type SourceSetup,
  type SourceWorld,
} from './suites/source.js'
export {
  sampleBytes,
  sampleChart,
  sampleFile,
  sampleFor,
  sampleImage,
  sampleIndex,
  sampleOf,
  signed,
  type Sample,
  type SampleTree,
} from './suites/samples.js'
export { fakeContext, type FakeContext, type FakeContextOptions, type FakeReply } from './context/fake-context.js'
export {
  memoryRegistry,
  type MemoryRegistry,
  type MemoryRegistryOptions,
  type MemoryRepository,
} from './context/memory-registry.js'
export { countedContent, memoryContent, type CountedContent } from './context/bytes-content.js'
export {
  checkTransform,
  testTransform,
  transformCases,
  type TransformCapabilities,
  type TransformSetup,
  type TransformWorld,
} from './suites/transform.js'
export {
  checkSink,
  sinkCases,
  testSink,
  type ArtifactsTarget,
  type BytesTarget,
  type SampleArchive,
  type SinkCapabilities,
  type SinkSetup,
  type SinkWorld,
  type StoreTarget,
} from './suites/sink.js'
export {
  checkCredentials,
  credentialsCases,
  testCredentials,
  type CredentialsCapabilities,
  type CredentialsSetup,
  type CredentialsWorld,
} from './suites/credentials.js'
export { registryTarget } from './suites/registry-target.js'
export { sampleArtifacts } from './suites/sample-artifacts.js'
export { paperOrigin, paperSource, type PaperOrigin } from './paper/source.js'
export { paperRegistry, paperStore, type PaperRegistry } from './paper/store.js'
export { paperBucket, paperMultipart, paperPart, type PaperBucket } from './paper/multipart.js'
export { paperDisk, paperFile, type PaperDisk } from './paper/file.js'
export { paperPage, paperReleasePage, type PaperPage } from './paper/release-page.js'
export { paperLabel, paperRename } from './paper/transforms.js'
export { paperCredentials } from './paper/credentials.js'
export {
  paperCredentialsSetup,
  paperFileSetup,
  paperLabelSetup,
  paperMultipartSetup,
  paperReleaseSetup,
  paperRenameSetup,
  paperSourceSetup,
  paperStoreSetup,
  type PaperSinkSetup,
} from './paper/setups.js'
export { fakeRegistry, type FakeRegistry } from './fakes/registry.js'
export {
  makeArtifact,
  makeCosign,
  makeReferrer,
  type ArtifactLayer,
  type ArtifactOptions,
} from './fixtures/artifact.js'
export { bytesOf, concatBytes, digestBytes, readBytes, seededBytes, streamBytes, type Bytes } from './fixtures/bytes.js'
export { makeChart, makeChartArtifact, type Chart, type ChartOptions } from './fixtures/chart.js'
export { stored, type Compression } from './fixtures/compress.js'
export { fixtureContent, makeBlob, type Fixture, type FixtureBlob } from './fixtures/fixture.js'
export {
  makeImage,
  makeIndex,
  type ImageFixture,
  type ImageOptions,
  type IndexOptions,
  type LayerOptions,
} from './fixtures/image.js'
export {
  dockerArchiveEntries,
  dockerLayoutEntries,
  ociLayoutEntries,
  writeBytes,
  writeDockerArchive,
  writeOciLayout,
  type NamedFixture,
  type TaggedImage,
} from './fixtures/layout.js'
export { pullFixture, pushFixture, type Place, type Pulled } from './fixtures/push.js'
export { makeTar, type TarEntry } from './fixtures/tar.js'
export type { Fault, FaultRecord, FaultRule, RandomFaults } from './faults/fault.js'
export { faultProxy, type FaultProxy, type FaultProxyOptions } from './faults/proxy.js'
export {
  fakeChartRepository,
  type ChartRepository,
  type ChartRepositoryOptions,
  type ChartRequest,
} from './fakes/chart-repository.js'
export type { IndexDigests, IndexUrls } from './fakes/chart-index.js'
export { makeCertificates, type CertificateOptions, type Certificates } from './tls.js'
