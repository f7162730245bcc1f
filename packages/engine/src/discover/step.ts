import type { Chain, SourceStep } from '../chain/chain.js'

/** What a lock calls the step and the adapter of images that were found. */
export const discovered = { adapter: 'discover' } as const

/** The step that images behind charts and manifests are ascribed to. */
export function discoverStep({ discover: { id, written, place, directory } }: Chain): SourceStep {
  return { id, adapter: discovered.adapter, options: {}, written, place, directory }
}
