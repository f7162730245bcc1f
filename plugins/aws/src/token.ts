import { isRopewayError, type Credential, type Role } from '@ropeway/core'
import { createCredential } from '@ropeway/distribution'
import { createEcrApi, type RegistryToken } from './api.js'
import type { EcrRegistry } from './hosts.js'
import { createEcrPublicApi } from './public-api.js'
import type { AwsContext } from './sdk.js'

/** Share of its life after which a token is asked for anew, so that none expires on its way. */
const worn = 0.8

/** Asks AWS for a token of a registry. Throws `ECR_CREDENTIALS_MISSING` when nobody says whose. */
async function tokenFor(
  registry: EcrRegistry,
  endpoint: string | undefined,
  role: Role,
  context: AwsContext,
): Promise<RegistryToken> {
  const api =
    registry.kind === 'private'
      ? await createEcrApi({ registry, endpoint, role }, context)
      : await createEcrPublicApi({ registry, endpoint, role }, context)
  return api.token()
}

/**
 * The credential for a registry: the password that the environment holds (`ECR_PRIVATE_PASSWORD`, `ECR_PUBLIC_PASSWORD`), else a
 * token of AWS. `undefined` where there are no AWS credentials: other places may have one, and the public gallery is open.
 */
export async function credentialFor(
  registry: EcrRegistry,
  endpoint: string | undefined,
  role: Role,
  context: AwsContext,
): Promise<Credential | undefined> {
  context.signal.throwIfAborted()
  const variable = registry.kind === 'private' ? 'ECR_PRIVATE_PASSWORD' : 'ECR_PUBLIC_PASSWORD'
  const given = context.env[variable] ?? ''
  if (given !== '') return createCredential({ username: 'AWS', password: given, origin: variable })
  try {
    const { username, password, expires } = await tokenFor(registry, endpoint, role, context)
    const now = context.clock.now()
    // A token that has expired by our clock says that the clock is wrong; the registry will tell when it is really old.
    const renew = expires === undefined || expires <= now ? undefined : now + (expires - now) * worn
    return createCredential({ username, password, expires: renew, origin: 'AWS (GetAuthorizationToken)' })
  } catch (error) {
    context.signal.throwIfAborted()
    if (!isRopewayError(error) || error.code !== 'ECR_CREDENTIALS_MISSING') throw error
    context.log.debug(`${registry.host}: ${error.message}`)
    return undefined
  }
}
