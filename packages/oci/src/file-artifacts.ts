/**
 * Artifact types of what travels as plain files: Kubernetes manifests, and any other file or folder. One layer a file, as
 * oras packs files: `oras pull` gives them back (docs/media-types.md).
 */
export const fileArtifactTypes = {
  manifests: 'application/vnd.ropeway.manifests.v1',
  file: 'application/vnd.ropeway.file.v1',
} as const

/** Media types of the layers of those artifacts. */
export const fileMediaTypes = {
  yaml: 'application/yaml',
  json: 'application/json',
  file: 'application/octet-stream',
} as const

/** Annotations of a layer that is a file. */
export const fileAnnotations = {
  /** Its path below the folder that it is unpacked to, with `/` (oras; image-spec, annotations.md). */
  title: 'org.opencontainers.image.title',
  /** `true` for a file that may be executed; left out for others. */
  executable: 'vnd.ropeway.file.executable',
} as const
