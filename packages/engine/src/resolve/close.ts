import { isRopewayError, type RopewayError } from '@ropeway/core'
import { createLimiter } from '@ropeway/distribution'
import type { Chain } from '../chain/chain.js'
import type { Runtime } from '../runtime/runtime.js'
import { closureOf } from './closure.js'
import type { Closed, Identified } from './found.js'
import { adapterError } from './guard.js'
import { platformsOf } from './merge.js'

/** Closures that are read at once. */
export const resolveConcurrency = 24

/** Finds what is below each artifact. What fails goes to `failures`, and the others go on. */
export async function closeAll(
  found: readonly Identified[],
  chain: Chain,
  runtime: Runtime,
  failures: RopewayError[],
): Promise<Closed[]> {
  const limiter = createLimiter(resolveConcurrency)
  const closed = await Promise.all(
    found.map((item) =>
      limiter.run(async (): Promise<Closed | RopewayError> => {
        const { artifact, step, id } = item
        const asked = {
          kind: 'source' as const,
          adapter: step.adapter,
          operation: `reading ${artifact.name}`,
          place: step.place,
        }
        const platforms = platformsOf(item, chain)
        const context = runtime.context(chain, step.directory)
        try {
          const closure = await closureOf(
            { about: artifact.name, root: artifact.root, content: artifact.content },
            platforms,
            context,
          )
          context.emit({
            type: 'artifact:resolved',
            kind: artifact.kind,
            name: artifact.name,
            digest: closure.root.digest,
          })
          const signatures = (await lostSignatures(item, runtime)) ? ('invalidated' as const) : closure.signatures
          const closed = { ...artifact, root: closure.root, content: closure.content }
          return { ...item, id, closure: { ...closure, signatures }, artifact: closed }
        } catch (thrown) {
          runtime.signal.throwIfAborted()
          return adapterError(thrown, asked)
        }
      }),
    ),
  )
  failures.push(...closed.filter(isRopewayError))
  return closed.filter((item): item is Closed => !isRopewayError(item))
}

/** What signed the artifact that a source gave says nothing of what an edit made of it. */
async function lostSignatures({ original }: Identified, { signal }: Runtime): Promise<boolean> {
  const found = await original?.content.referrers?.(original.root, { signal })
  return found !== undefined && found.length > 0
}
