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
export { openDockerArchive, type DockerArchiveOptions } from './foreign/docker-archive.js'
export { openImageArchive, type ImageArchive, type ImageRoot } from './foreign/image-archive.js'
export { openLayout } from './foreign/layout.js'
export { indexTar, type IndexTarOptions, type TarFileEntry, type TarIndex } from './tar/index-tar.js'
