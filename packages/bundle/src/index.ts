export { bytesAccess, openFile, readRange, type RandomAccess, type ReadOptions } from './access.js'
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
export { openDockerArchive, type DockerArchiveOptions } from './foreign/docker-archive.js'
export { openImageArchive, type ImageArchive, type ImageRoot } from './foreign/image-archive.js'
export { openLayout } from './foreign/layout.js'
export { indexTar, type IndexTarOptions, type TarFileEntry, type TarIndex } from './tar/index-tar.js'
export {
  checkTarget,
  discardPartialFile,
  inspectPartialFile,
  openPartialFile,
  type PartialFile,
  type PartialFileOptions,
} from './partial/partial-file.js'
export type { Owner } from './partial/owner.js'
export { freeSpace, nearestFolder } from './partial/storage.js'
export { plannedFromLock, type PlannedContents } from './reader/planned.js'
export { lockSchema, lockVersion, readLock, type BundleLock, type LockReading } from './lock.js'
export { rangeSet, type RangeSet } from './ranges.js'
