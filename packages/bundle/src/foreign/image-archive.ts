import { stat } from 'node:fs/promises'
import type { Content, Descriptor } from '@ropeway/core'
import { layoutInvalid } from '../errors.js'
import { indexTar } from '../tar/index-tar.js'
import { openDockerArchive, type DockerArchiveOptions } from './docker-archive.js'
import { openLayout } from './layout.js'

/** An image or other artifact that an archive names, with all the names that it gives it. */
export interface ImageRoot {
  readonly descriptor: Descriptor
  /**
   * As they stand there: a full reference, a short one (`web:1`), or a tag alone (`1.2.3`, in OCI layouts). A name with `/`,
   * `:` or `@` is a reference. Empty: the image has no name.
   */
  readonly names: readonly string[]
}

/** Images that another tool put into a folder or tar, open for reading in place. */
export interface ImageArchive {
  readonly type: 'layout' | 'docker-archive'
  readonly name: string
  readonly roots: readonly ImageRoot[]
  /** All content of the roots. Manifests and sizes are checked, digests of blobs by the reader. */
  readonly content: Content
  /**
   * Of a docker archive: digests of its layers by path in the tar, to be handed back as `digests` when it is opened again, so
   * that nothing is hashed twice.
   */
  readonly digests?: ReadonlyMap<string, string> | undefined
  close(): Promise<void>
}

/**
 * Opens an OCI image layout in a folder or tar, or a `docker save` archive, whichever it is. A tar that is both is read as
 * a layout, which keeps all digests. Throws what `openLayout` and `openDockerArchive` throw.
 */
export async function openImageArchive(path: string, options: DockerArchiveOptions = {}): Promise<ImageArchive> {
  const isFolder = await stat(path).then(
    (state) => state.isDirectory(),
    () => false,
  )
  if (isFolder) return openLayout(path)
  const tar = await indexTar(path)
  if (tar.find('oci-layout') !== undefined) return openLayout(tar)
  if (tar.find('manifest.json') !== undefined) return openDockerArchive(tar, options)
  throw layoutInvalid(tar.name, 'it has neither oci-layout nor manifest.json')
}
