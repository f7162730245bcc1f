export type { Action, BasicAuth } from './access.js'
export { bundleStorage } from './bundle.js'
export { folderStorage } from './folder.js'
export { memoryStorage } from './memory.js'
export type { Quirks } from './quirks.js'
export type { HookAnswer, Hooks, LogEntry } from './record.js'
export { serveRegistry, type RegistryServer, type ServeOptions } from './serve.js'
export type {
  BlobReader,
  BlobUpload,
  BlobWriter,
  ManifestReader,
  ManifestWriter,
  Storage,
  StoredManifest,
  TagReader,
  TagWriter,
} from './storage.js'
export type { TokenAuth } from './token.js'
