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
export { paperOrigin, paperSource, type PaperOrigin } from './paper/source.js'
