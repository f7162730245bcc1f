export { bytesAccess, openFile, readRange, type RandomAccess } from './access.js'
export { formatVersion, type BlobRole } from './format.js'
export {
  planArchive,
  type Archive,
  type ArchiveBlob,
  type ArchiveEntry,
  type ArchiveInput,
  type FixedBytes,
} from './plan/archive.js'
export { openBundle, type Bundle, type BundleBlob } from './reader/bundle.js'
export type { Verification, VerifyProgress } from './reader/verify.js'
