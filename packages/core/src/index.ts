export * from './adapter.js'
export * from './artifact.js'
export * from './content.js'
export * from './context.js'
export type {
  ArtifactDelivery,
  BytesDelivery,
  Closing,
  Delivery,
  DeliveryPlan,
  ExistingPolicy,
  PlannedArtifact,
  Slot,
  StoreDelivery,
  StoredRange,
  Survey,
} from './delivery.js'
export { existingPolicies, slotKey } from './delivery.js'
export * from './descriptor.js'
export * from './errors.js'
export * from './events.js'
export * from './holdings.js'
export * from './lock.js'
export * from './near.js'
export * from './registry.js'
export * from './schema.js'
