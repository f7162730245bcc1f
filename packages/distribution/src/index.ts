export { mapOrdered } from './map-ordered.js'
export { registryContent, type RegistryContentOptions } from './registry-content.js'
export {
  kindOf,
  reopenReference,
  resolveReference,
  resolveReferences,
  type ReferenceRequest,
  type ResolveContext,
  type ResolveReferenceOptions,
  type ResolveReferencesOptions,
} from './resolve-reference.js'
export { createCredential, credentialLabel } from './credentials/credential.js'
export { createCredentials } from './credentials/credentials.js'
export { helperRunner } from './credentials/helper.js'
export { removeLogin, saveLogin, type Login, type LoginStore } from './credentials/login.js'
export { checkHostNames, credentialVariable } from './credentials/names.js'
export type { BoundProvider, CredentialOptions, Credentials, HelperResult, RunHelper } from './credentials/types.js'
export { verifyLogin } from './credentials/verify-login.js'
export { apiHost, fitsHost, isDockerHub, isLoopback } from './hosts.js'
export type { RetryPolicy } from './http/backoff.js'
export {
  certificateFolders,
  certificatesFromFolders,
  type CertificateLookup,
  type HostCertificates,
} from './http/certificates.js'
export { createHttp } from './http/client.js'
export type { Timeouts, TrustOptions } from './http/dispatchers.js'
export type { Clock, Sleep } from './http/gate.js'
export { createLimiter, createLimiters, type Slots } from './http/limiter.js'
export { createPacer, type Pacer, type PacerOptions } from './http/pacer.js'
export { proxyFor, type ProxyOptions } from './http/no-proxy.js'
export type { HttpClient, HttpOptions, SendRequest } from './http/types.js'
export { redactUrl } from './redact.js'
export { createRegistries, type Registries, type RegistriesOptions } from './registry/registries.js'
export { registryDelivery, type ClientOf } from './store/delivery.js'
export { checkedRepositories, planLocation } from './store/places.js'
export { surveyRegistries } from './store/survey.js'
