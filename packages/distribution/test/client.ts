import type { Credential, Log, Registry, Role } from '@ropeway/core'
import { createCredentials } from '../src/credentials/credentials.js'
import type { BoundProvider, Credentials } from '../src/credentials/types.js'
import type { HttpOptions } from '../src/http/types.js'
import { createRegistries } from '../src/registry/registries.js'
import { testHttp, type TestHttp } from './http.js'

export interface TestClient extends TestHttp {
  registry(host: string, role: Role): Registry
  readonly warnings: Parameters<Log['warn']>[0][]
}

interface ClientOptions extends HttpOptions {
  /** Environment of the credential lookup. */
  readonly env?: Readonly<Record<string, string>>
  readonly providers?: readonly BoundProvider[]
  /** In place of a lookup: one credential by role. */
  readonly credential?: Partial<Record<Role, Omit<Credential, 'origin'>>>
}

/** A client of registries whose waits are not waited. */
export function testClient({ env = {}, providers, credential, ...options }: ClientOptions = {}): TestClient {
  const test = testHttp(options)
  const warnings: Parameters<Log['warn']>[0][] = []
  const log: Log = { debug: () => undefined, info: () => undefined, warn: (warning) => warnings.push(warning) }
  const credentials: Credentials =
    credential === undefined
      ? createCredentials({ env, home: '/nowhere', log, providers, clock: options.clock })
      : {
          get: async (_host, role) => {
            const given = credential[role]
            return given === undefined ? undefined : { ...given, origin: 'a test' }
          },
          tried: (_host, role) => [
            credential[role] === undefined ? 'anonymous' : `a test (user ${credential[role].username})`,
          ],
          renew: async () => false,
          provide: () => undefined,
        }
  const { registry } = createRegistries({ http: test.http, credentials, log })
  return { ...test, registry, warnings, [Symbol.asyncDispose]: () => test.http.close() }
}
