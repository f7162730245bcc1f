import type { Runtime } from '../runtime/runtime.js'
import type { Chain, Step } from './chain.js'
import { loadTransforms } from './load.js'

/**
 * The chain with all that it carries going to one registry by the default names, whatever its own naming transforms and sinks say; what
 * edits its artifacts stays. `registry` is `HOST[:PORT][/PREFIX]`. Throws `CHAIN_INVALID`.
 */
export async function forRelocation(
  chain: Chain,
  { registry, mode }: { readonly registry: string; readonly mode: 'embed' | 'overlay' },
  { adapters }: Pick<Runtime, 'adapters'>,
): Promise<Chain> {
  const edits: Step[] = []
  for (const step of chain.transforms) {
    const { stage } = await adapters.load('transform', step.adapter)
    if (stage === 'edit') edits.push(step)
  }
  const naming = await loadTransforms([{ rewrite: { registry } }], chain.directory, adapters)
  const last = naming.map((step) => ({ ...step, id: `transforms[${String(edits.length)}]` }))
  return { ...chain, transforms: [...edits, ...last], sinks: [], relocation: mode }
}
