import { defineCredentials, type Credential, type CredentialProvider, type Role } from '@ropeway/core'
import { describe, it } from 'vitest'
import { paperCredentials } from '../paper/credentials.js'
import { paperCredentialsSetup } from '../paper/setups.js'
import { checkCredentials, credentialsCases, testCredentials, type CredentialsSetup } from './credentials.js'
import { leakGlobal, packageOf, testMutants, type Mutant } from './mutant.fixture.js'

testCredentials(paperCredentialsSetup(), { describe, it })

function mutated(change: Partial<CredentialProvider>): CredentialsSetup {
  return { ...paperCredentialsSetup(), adapter: defineCredentials({ ...paperCredentials, ...change }), patience: 40 }
}

/** The paper provider with its answers changed. */
function answering(
  change: (credential: Credential | undefined, role: Role) => Credential | undefined,
): CredentialsSetup {
  return mutated({ get: async (host, role, context) => change(await paperCredentials.get(host, role, context), role) })
}

const constant: Credential = { username: 'paper', password: 'paper-secret', origin: 'memory' }
let calls = 0

const mutants: readonly Mutant<CredentialsSetup>[] = [
  { clause: 'identity', that: 'has an empty name', setup: () => mutated({ name: '' }) },
  {
    clause: 'package',
    that: 'is listed for no host',
    async setup() {
      const claim = await packageOf(paperCredentials)
      return { ...paperCredentialsSetup(), capabilities: {}, package: claim }
    },
  },
  {
    clause: 'answers',
    that: 'knows sources alone',
    setup: () => answering((credential, role) => (role === 'sink' ? undefined : credential)),
  },
  {
    clause: 'passes-on',
    that: 'has a credential for everybody',
    setup: () => answering((credential) => credential ?? constant),
  },
  {
    clause: 'origin',
    that: 'tells its secret as the origin',
    setup: () => answering((credential) => credential && { ...credential, origin: `token ${credential.password}` }),
  },
  {
    clause: 'expires',
    that: 'gives what has expired',
    setup: () => answering((credential) => credential && { ...credential, expires: -1 }),
  },
  {
    clause: 'repeatable',
    that: 'answers for another user each time',
    setup: () => answering((credential) => credential && { ...credential, username: `paper-${++calls}` }),
  },
  {
    clause: 'stops',
    that: 'answers when it was stopped',
    setup: () =>
      mutated({
        get: async (host, role, context) =>
          context.signal.aborted ? constant : paperCredentials.get(host, role, context),
      }),
  },
  {
    clause: 'refusal-told',
    that: 'fails without a hint',
    setup: () =>
      mutated({
        async get(host, role, context) {
          try {
            return await paperCredentials.get(host, role, context)
          } catch (error) {
            context.signal.throwIfAborted()
            throw new TypeError('no', { cause: error })
          }
        },
      }),
  },
  {
    clause: 'nothing-pending',
    that: 'leaves an answer unread',
    setup: () =>
      mutated({
        async get(host, role, context) {
          const { body } = await context.http.request({
            url: `https://tokens.paper.test/${host}`,
            signal: context.signal,
          })
          await body[Symbol.asyncIterator]().next()
          return paperCredentials.get(host, role, context)
        },
      }),
  },
  {
    clause: 'globals-untouched',
    that: 'keeps its token in the global object',
    setup: () =>
      mutated({
        get(host, role, context) {
          leakGlobal()
          return paperCredentials.get(host, role, context)
        },
      }),
  },
  {
    clause: 'capabilities',
    that: 'declares "refuses: false" and is refused',
    setup: () => ({ ...paperCredentialsSetup(), capabilities: { package: false, refuses: false } }),
  },
]

testMutants('credentials', credentialsCases, checkCredentials, mutants)
