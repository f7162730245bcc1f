import type { FoundImage, RopewayError } from '@ropeway/core'
import type { Resolution } from '@ropeway/engine'
import type { DiscoveredImage, Discovery, Provenance } from '@ropeway/images'

/** The images of a resolved chain: those that its sources name, and those behind its charts and manifests. */
export function behindChain(
  { artifacts, failures }: Resolution,
  target: string,
): { readonly discovery: Discovery; readonly failures: readonly RopewayError[] } {
  const images = artifacts.flatMap(({ locked, artifact, place }): DiscoveredImage[] => {
    const home: Provenance = {
      ...{ template: place ?? target, document: 0, path: [], place: 'chain', reference: artifact.name, chart: '' },
      ...{ object: { apiVersion: '', kind: artifact.kind, name: locked.id }, values: [] },
    }
    const found = artifact.discovered?.images.map((image) => foundImage(image, home)) ?? []
    const named = artifact.kind === 'image' && locked.class === 'declared'
    return named ? [...found, { reference: artifact.name, class: 'used', provenance: [home] }] : found
  })
  const filled = Object.fromEntries(
    artifacts.flatMap(({ artifact }) => Object.entries(artifact.discovered?.filled ?? {})),
  )
  return { discovery: { images, unresolved: [], filled, warnings: [] }, failures }
}

function foundImage({ reference, class: name, switch: flips, reason }: FoundImage, home: Provenance): DiscoveredImage {
  return {
    ...{ reference, class: name, provenance: [{ ...home, reference }] },
    ...(flips === undefined ? {} : { switch: flips }),
    ...(reason === undefined ? {} : { reason }),
  }
}
