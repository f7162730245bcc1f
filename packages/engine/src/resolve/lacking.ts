import type { RopewayError } from '@ropeway/core'
import * as errors from '../errors.js'
import { artifactIndex } from '../prove/destinations.js'
import type { ResolvedArtifact } from './resolved.js'

/**
 * What travels without some artifacts that get no name: neither they nor the charts and manifests that need one of them, unless those
 * may travel unproved. Each of the latter is a failure of its own.
 */
export function without(
  artifacts: readonly ResolvedArtifact[],
  refused: readonly ResolvedArtifact[],
  { allowUnproved }: { readonly allowUnproved: boolean },
): { readonly artifacts: readonly ResolvedArtifact[]; readonly failures: readonly RopewayError[] } {
  if (refused.length === 0) return { artifacts, failures: [] }
  const gone = new Set(refused.map(({ locked }) => locked.id))
  const lookUp = artifactIndex(refused)
  const failures: RopewayError[] = []
  const kept = artifacts.filter(({ locked, artifact, place }) => {
    if (gone.has(locked.id)) return false
    const needed = artifact.discovered?.images.flatMap((image) => lookUp(image)?.locked.id ?? []) ?? []
    if (needed.length === 0 || allowUnproved) return true
    failures.push(errors.imageNameless(locked.id, [...new Set(needed)], place))
    return false
  })
  failures.sort((a, b) => ((a.about ?? '') < (b.about ?? '') ? -1 : 1))
  return { artifacts: kept, failures }
}
