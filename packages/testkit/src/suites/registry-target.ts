import { isRopewayError, type Registry } from '@ropeway/core'
import { collect } from '@ropeway/oci'
import type { StoreTarget } from './sink.js'

/** Looks at a registry through a client, for store sinks that push to one: pass `context.registry(host, 'sink')`. */
export function registryTarget(registry: Registry): StoreTarget {
  return {
    type: 'store',
    async names(repository) {
      const names: Record<string, string> = {}
      try {
        for await (const tag of registry.tags(repository)) {
          const found = await registry.find(repository, tag)
          if (found !== undefined) names[tag] = found.digest
        }
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
      return names
    },
    async read(repository, descriptor) {
      if (!(await registry.has(repository, descriptor))) return undefined
      return await collect(registry.blob(repository, descriptor), descriptor.size)
    },
  }
}

function isNotFound(error: unknown): boolean {
  return isRopewayError(error) && error.code.endsWith('_NOT_FOUND')
}
