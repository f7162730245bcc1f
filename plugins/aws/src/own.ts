import type { Context } from '@ropeway/core'
import * as errors from './errors.js'
import { partitionOf } from './hosts.js'
import type { RegistryOptions } from './registries.js'
import { awsCredentials, regionOf } from './sdk.js'
import { callerOf, type Caller } from './sts.js'

/**
 * The registry that options or surroundings name: the option `registry`, else the one of the account whose the credentials are, in
 * the region of `region` or `AWS_REGION`. Throws `ECR_REGION_UNKNOWN`, `ECR_ACCOUNT_UNKNOWN`, `ECR_CREDENTIALS_MISSING`.
 */
export async function ownRegistry(options: RegistryOptions, context: Context): Promise<string> {
  if (options.registry !== undefined) return options.registry
  const region = options.region ?? regionOf(context.env)
  if (region === undefined) throw errors.regionUnknown()
  const account = options.account ?? (await accountOf(region, context))
  return `${account}.dkr.ecr.${region}.${partitionOf(region).suffix}`
}

async function accountOf(region: string, context: Context): Promise<string> {
  let caller: Caller | undefined
  try {
    caller = await callerOf(await awsCredentials(context, region)(), region, context, 'sink')
  } catch (error) {
    context.signal.throwIfAborted()
    throw errors.credentialsMissing('sink', 'the default account', error)
  }
  if (caller === undefined) throw errors.accountUnknown(region)
  return caller.account
}
