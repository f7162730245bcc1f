/** An operating system and CPU, as in the OCI image index (image-spec, image-index.md, `platform`). */
export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string | undefined
  readonly 'os.version'?: string | undefined
  readonly 'os.features'?: readonly string[] | undefined
}

/** Media type, digest and size of one piece of content (image-spec, descriptor.md). `size` is in bytes. */
export interface Descriptor {
  readonly mediaType: string
  /** `algorithm:hex`, such as `sha256:…`. */
  readonly digest: string
  readonly size: number
  readonly artifactType?: string | undefined
  readonly platform?: Platform | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /** Base64 of the content itself, for tiny blobs. */
  readonly data?: string | undefined
  readonly urls?: readonly string[] | undefined
}

/**
 * Where content lives: `registry/repository[:tag][@digest]`, parsed.
 * `registry` is the canonical host with its port (`docker.io` for Docker Hub), `repository` is written out (`library/nginx`).
 */
export interface Reference {
  readonly registry: string
  readonly repository: string
  readonly tag?: string | undefined
  readonly digest?: string | undefined
}
