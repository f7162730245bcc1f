import { memoryRegistry, registryTarget, testCredentials, testSink } from '@ropeway/testkit'
import { describe, it } from 'vitest'
import { env, fakeEcr, host } from './ecr.fixture.js'
import * as exports from './index.js'

const json = new URL('../package.json', import.meta.url)

testSink(
  {
    adapter: exports.ecrSink,
    package: { json, exports },
    arrange() {
      const registry = memoryRegistry(host)
      const ecr = fakeEcr(registry)
      const refusing = fakeEcr(registry)
      refusing.denied = true
      const state = new Map()
      return {
        options: { existing: 'overwrite' },
        destination: { registry: host, prefix: 'kit' },
        context: (signal?: AbortSignal) => ecr.context({ signal, state }),
        refused: { context: (signal?: AbortSignal) => refusing.context({ signal }) },
        target: registryTarget(registry.client('sink')),
        secrets: [env.AWS_SECRET_ACCESS_KEY],
      }
    },
  },
  { describe, it },
)

testCredentials(
  {
    adapter: exports.ecrCredentials,
    package: { json, exports },
    arrange() {
      const ecr = fakeEcr(memoryRegistry(host))
      const refusing = fakeEcr(memoryRegistry(host))
      refusing.denied = true
      return {
        host,
        stranger: '123456789012.dkr.ecr.eu-central-1.attacker.example',
        context: (signal?: AbortSignal) => ecr.context({ signal }),
        refused: (signal?: AbortSignal) => refusing.context({ signal }),
      }
    },
  },
  { describe, it },
)
