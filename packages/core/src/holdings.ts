/** One manifest that a repository holds, as `prune` looks at it. */
export interface HeldManifest {
  readonly digest: string
  /** Left out where the place does not tell. */
  readonly mediaType?: string | undefined
  readonly tags: readonly string[]
  /** Bytes, with all that is below it; left out where the place does not tell. */
  readonly size?: number | undefined
  /** Milliseconds since the epoch; left out where the place does not tell. */
  readonly pushed?: number | undefined
  /** Digest of the manifest that it refers to: a signature goes with what it signs. */
  readonly subject?: string | undefined
}

/** What could not be removed, and why. */
export interface NotRemoved {
  /** The digest or tag that was to go. */
  readonly id: string
  readonly error: unknown
}

/** What a sink's place holds, and the way to remove it. The engine decides what goes; an implementation only lists and removes. */
export interface Holdings {
  /** For people: `HOST[/prefix]`. */
  readonly location: string
  /** Canonical host, as in `Reference.registry`. */
  readonly registry: string
  /** All repositories of the place, by name. */
  repositories(): AsyncIterable<string>
  /** Everything that a repository holds, tagged or not. */
  manifests(repository: string): Promise<readonly HeldManifest[]>
  /** Bytes of these manifests, by digest; what is gone is left out. The engine reads indexes with it. */
  read(repository: string, digests: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>
  /** Removes manifests by digest with all their tags, in this order; those of tags alone take the name away only. */
  remove(
    repository: string,
    what: { readonly digests: readonly string[] } | { readonly tags: readonly string[] },
  ): Promise<readonly NotRemoved[]>
}
