import { messageOf, type Credential, type CredentialProvider, type Role } from '@ropeway/core'
import {
  checkCases,
  must,
  mustEqual,
  mustFail,
  registerCases,
  type CaseResult,
  type ContractCase,
  type Runner,
} from './case.js'
import { identityCases } from './common.js'
import { isStop, mustTell } from './facts.js'
import { leavesGlobals } from './globals.js'
import { inWorld, settles, stoppedSignal, type AdapterSetup, type World } from './setup.js'
import { watchContext, type Watch } from './watch.js'

/** What a credential provider may do without; everything is expected unless it is declared `false`. */
export type CredentialsCapabilities = {
  /** It can fail: it asks something that may refuse. */
  readonly refuses?: boolean | undefined
  /** The adapter comes with a package that lists it. */
  readonly package?: boolean | undefined
}

export interface CredentialsWorld extends Pick<World, 'context' | 'dispose'> {
  /** A host for which the provider has a credential. */
  readonly host: string
  /** A host that fits the provider's patterns, and for which it has none. */
  readonly stranger: string
  /** A context in which asking for `host` is refused. */
  refused?(signal?: AbortSignal): ReturnType<World['context']>
}

export interface CredentialsSetup extends AdapterSetup<CredentialProvider, CredentialsWorld> {
  readonly capabilities?: CredentialsCapabilities | undefined
}

interface CredentialsBench {
  readonly world: CredentialsWorld
  readonly capabilities: CredentialsCapabilities
  readonly patience: number | undefined
  watch(signal?: AbortSignal): Promise<Watch>
  get(host: string, role?: Role, watch?: Watch): Promise<Credential | undefined>
}

function credentialsCase(
  id: string,
  title: string,
  body: (bench: CredentialsBench) => Promise<void>,
  needs?: keyof CredentialsCapabilities,
): ContractCase<CredentialsSetup> {
  return {
    id: `credentials/${id}`,
    title,
    needs,
    run: (setup) =>
      inWorld(setup, async (world) => {
        const { adapter, patience, capabilities = {} } = setup
        const watch = async (signal?: AbortSignal): Promise<Watch> => watchContext(await world.context(signal))
        const get: CredentialsBench['get'] = async (host, role = 'source', watched) =>
          adapter.get(host, role, (watched ?? (await watch())).context)
        await body({ world, capabilities, patience, watch, get })
      }),
  }
}

/** The clauses for credential providers, in the order of `docs/adapter-contract.md`. */
export const credentialsCases: readonly ContractCase<CredentialsSetup>[] = [
  ...identityCases('credentials'),
  credentialsCase(
    'answers',
    'For a host of its own a provider MUST give a credential with a secret, in both roles.',
    async ({ world, get }) => {
      for (const role of ['source', 'sink'] as const) {
        const credential = await get(world.host, role)
        must(credential !== undefined, `it has no credential for ${world.host} as ${role}`)
        must(secretsOf(credential).length > 0, `its credential for ${world.host} holds no secret`)
      }
    },
  ),
  credentialsCase(
    'passes-on',
    'For a host for which it has none a provider MUST give `undefined`, and not fail.',
    async ({ world, get }) => {
      mustEqual(await get(world.stranger), undefined, `it has a credential for ${world.stranger}`)
    },
  ),
  credentialsCase(
    'origin',
    'The origin of a credential MUST say where it was found, and hold no secret.',
    async ({ world, get }) => {
      const credential = await get(world.host)
      must(credential !== undefined && credential.origin.trim() !== '', 'the credential has no origin')
      const told = secretsOf(credential).some((secret) => credential.origin.includes(secret))
      must(!told, 'the origin of the credential holds its secret')
    },
  ),
  credentialsCase(
    'expires',
    'A credential that expires MUST be valid still, by the clock of the context.',
    async ({ world, get, watch }) => {
      const watched = await watch()
      const expires = (await get(world.host, 'source', watched))?.expires
      if (expires === undefined) return
      must(expires > watched.context.clock.now(), `it expired ${watched.context.clock.now() - expires} ms ago`)
    },
  ),
  credentialsCase(
    'repeatable',
    'Asked again in unchanged surroundings, a provider MUST answer again, for the same user.',
    async ({ world, get }) => {
      const first = await get(world.host)
      const second = await get(world.host)
      mustEqual(second?.username, first?.username, 'the second answer is for another user')
      mustEqual(second?.origin, first?.origin, 'the second answer is from another place')
    },
  ),
  credentialsCase(
    'stops',
    'When the signal of the context is aborted, `get` MUST reject with its reason.',
    async ({ world, get, watch }) => {
      const watched = await watch(stoppedSignal())
      const error = await mustFail(() => get(world.host, 'source', watched), 'a stopped provider answered')
      must(isStop(error), `a stopped provider ended with another error: ${messageOf(error)}`)
    },
  ),
  credentialsCase(
    'refusal-told',
    'A provider that is refused MUST reject with a RopewayError of the side of the role, a code and a hint.',
    async ({ world, get }) => {
      const { refused } = world
      must(refused !== undefined, 'the setup has no `refused`; if the provider asks nobody, declare `refuses: false`')
      for (const role of ['source', 'sink'] as const) {
        const watched = watchContext(await refused())
        mustTell(await mustFail(() => get(world.host, role, watched), 'a refused provider answered'), [role])
      }
    },
    'refuses',
  ),
  credentialsCase(
    'nothing-pending',
    'After an answer nothing MUST be pending.',
    async ({ world, get, watch, patience }) => {
      const watched = await watch()
      await get(world.host, 'source', watched)
      await settles(watched.pending, patience)
    },
  ),
  credentialsCase(
    'globals-untouched',
    'A provider MUST leave globals, process.env, the working directory and signal handlers as they are.',
    async ({ world, get }) => {
      await leavesGlobals(() => get(world.host))
    },
  ),
  credentialsCase(
    'capabilities',
    'A provider MUST NOT have what it declares not to have: a capability that is declared absent is absent.',
    async ({ world, capabilities }) => {
      const both = capabilities.refuses === false && world.refused !== undefined
      must(!both, 'the setup has `refused`, and `refuses: false` is declared')
    },
  ),
]

/** Registers the suite for credential providers with a test runner; the default is the global `describe` and `it`. */
export function testCredentials(setup: CredentialsSetup, runner?: Runner): void {
  registerCases(`contract of credentials ${setup.adapter.name}`, credentialsCases, setup, runner)
}

/** Runs the suite for credential providers without a test runner. */
export function checkCredentials(setup: CredentialsSetup): Promise<readonly CaseResult[]> {
  return checkCases(credentialsCases, setup)
}

function secretsOf({ password, identityToken, registryToken }: Credential): readonly string[] {
  return [password, identityToken, registryToken].flatMap((secret) =>
    secret === undefined || secret === '' ? [] : [secret],
  )
}
