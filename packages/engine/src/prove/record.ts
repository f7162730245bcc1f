import type { Descriptor } from '@ropeway/core'
import type { Proof } from '@ropeway/images'
import { buildArtifact, emptyConfig, fileAnnotations, fileMediaTypes, sha256 } from '@ropeway/oci'
import type { Made } from './made.js'

/** Artifact type of the record of a relocation (docs/media-types.md). */
export const relocationType = 'application/vnd.ropeway.relocation.v1'

/** A file of a record, in the order in which records hold them. */
export interface RecordFile {
  readonly title: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** What the consumer gets beside the relocated content: values, and the proof for machines and for people. */
export function recordFiles(overlay: string | undefined, proof: Proof, markdown: string): RecordFile[] {
  const text = (title: string, mediaType: string, content: string): RecordFile => ({
    title,
    mediaType,
    bytes: Buffer.from(content),
  })
  return [
    ...(overlay === undefined ? [] : [text('values.yaml', fileMediaTypes.yaml, overlay)]),
    text('proof.json', fileMediaTypes.json, `${JSON.stringify(proof, undefined, 2)}\n`),
    text('proof.md', 'text/markdown', markdown),
  ]
}

/** The record of a relocation as an artifact that refers to `subject`. Equal parts give equal bytes. */
export function recordOf(subject: Descriptor, files: readonly RecordFile[], proof: Proof): Made {
  const layers = files.map(({ title, mediaType, bytes }) => ({
    descriptor: {
      ...{ mediaType, digest: sha256(bytes), size: bytes.byteLength },
      annotations: { [fileAnnotations.title]: title },
    },
    bytes,
  }))
  const { mediaType, digest, size } = subject
  const manifest = buildArtifact({
    artifactType: relocationType,
    layers: layers.map(({ descriptor }) => descriptor),
    annotations: {
      'vnd.ropeway.relocation.mode': proof.mode,
      'vnd.ropeway.relocation.proved': String(proof.proved),
    },
    subject: { mediaType, digest, size },
  })
  return {
    root: { ...manifest.descriptor, artifactType: relocationType },
    manifest: manifest.bytes,
    blobs: [emptyConfig, ...layers],
  }
}
