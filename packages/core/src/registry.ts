import type { Descriptor } from './descriptor.js'
import type { OpenOptions } from './content.js'
import type { Referrer } from './content.js'

/** On which side of a run a host is used: one host may need other credentials as source than as sink. */
export type Role = 'source' | 'sink'

interface Abortable {
  readonly signal?: AbortSignal | undefined
}

/** A manifest as the registry holds it: exact bytes, their digest verified. */
export interface ManifestContent {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
}

/**
 * A client of one registry (OCI distribution-spec). It authenticates, limits, retries and resumes by itself; every call
 * throws a `RopewayError` whose side is that of the role it was made for.
 */
export interface Registry {
  /** Canonical host with port, as in `Reference.registry`. */
  readonly host: string
  /** Descriptor behind a tag or digest; `undefined` when it does not exist. Costs a HEAD, no pull quota. */
  find(repository: string, tagOrDigest: string, options?: Abortable): Promise<Descriptor | undefined>
  /** Manifest or index, 4 MiB at most. Throws `…_NOT_FOUND` with near tags when it does not exist. */
  manifest(repository: string, tagOrDigest: string, options?: Abortable): Promise<ManifestContent>
  /** Streams a blob or manifest. A connection that breaks goes on where it broke. */
  blob(repository: string, descriptor: Descriptor, options?: OpenOptions): AsyncIterable<Uint8Array>
  /** Whether the repository has the blob or manifest. */
  has(repository: string, descriptor: Descriptor, options?: Abortable): Promise<boolean>
  /**
   * Brings a blob in: by mounting from `mountFrom` (another repository of this registry) where the registry agrees, else by
   * streaming `open()`. `open` is called again when an upload has to start over.
   */
  pushBlob(
    repository: string,
    descriptor: Descriptor,
    open: () => AsyncIterable<Uint8Array>,
    options?: Abortable & { readonly mountFrom?: string | undefined },
  ): Promise<'sent' | 'mounted'>
  /** Only tries to mount; false when the registry does not agree. */
  mount(repository: string, descriptor: Descriptor, from: string, options?: Abortable): Promise<boolean>
  /** Puts manifest bytes under their digest or under a tag, and keeps the referrers fallback tag where the API is missing. */
  pushManifest(repository: string, tagOrDigest: string, manifest: ManifestContent, options?: Abortable): Promise<void>
  /** All that refers to the digest: referrers API, fallback tag and cosign's tags (`sha256-….sig`, `.att`, `.sbom`). */
  referrers(repository: string, digest: string, options?: Abortable): Promise<readonly Referrer[]>
  /** All tags, page by page, in the registry's order. */
  tags(repository: string, options?: Abortable): AsyncIterable<string>
  /** Proves that the host answers, the credentials are accepted, and (`push`) that writing to the repository is allowed. */
  check(repository: string, actions: 'pull' | 'push', options?: Abortable): Promise<void>
}

/** What an adapter that knows a registry says of it. */
export interface RegistryOptions {
  /**
   * Gives the credential for this host, as a provider does: asked after the environment and before all other places, and
   * again when what it gave has expired or is not accepted any more.
   */
  readonly credential?: (() => Promise<Credential | undefined>) | undefined
}

/** A user name and a secret, or a token, for one host. Its `toString` and JSON hold no secret. */
export interface Credential {
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** OAuth2 refresh token (docker's identity token). */
  readonly identityToken?: string | undefined
  /** Bearer token to be sent as it is. */
  readonly registryToken?: string | undefined
  /** Where it was found, for people: `~/.docker/config.json`, `ROPEWAY_REGISTRY_…`. */
  readonly origin: string
  /** Milliseconds since the epoch after which it is asked for again. */
  readonly expires?: number | undefined
}
