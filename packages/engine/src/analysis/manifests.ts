import { basename, dirname, join } from 'node:path/posix'
import type { Artifact, Context } from '@ropeway/core'
import { readManifestArtifact, type ManifestFile } from '@ropeway/images'

/** The files of an artifact of manifests, called as the user wrote their paths: places in them are to be found. */
export async function readManifests(
  artifact: Pick<Artifact, 'name' | 'root' | 'content' | 'source'>,
  context: Pick<Context, 'cache' | 'signal'>,
): Promise<ManifestFile[]> {
  const { location } = artifact.source
  const files = await readManifestArtifact(artifact, context)
  return files.map((file) => ({ ...file, name: pathOf(file.name, location) }))
}

/** `app.yaml` of `k8s/app.yaml`, and `k8s/app.yaml` of the folder `deploy/k8s`, as paths. */
function pathOf(title: string, location: string): string {
  if (title === basename(location)) return location
  return title.startsWith(`${basename(location)}/`) ? join(dirname(location), title) : title
}
