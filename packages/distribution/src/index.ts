export { registryContent, type RegistryContentOptions } from './registry-content.js'
export {
  kindOf,
  reopenReference,
  resolveReference,
  resolveReferences,
  type ReferenceRequest,
  type ResolveContext,
  type ResolveReferenceOptions,
} from './resolve-reference.js'
