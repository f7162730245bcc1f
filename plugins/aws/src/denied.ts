import { isRopewayError, type RopewayError } from '@ropeway/core'
import type { EcrApi } from './api.js'
import * as errors from './errors.js'
import { repositoryArn } from './hosts.js'

/**
 * What the registry's own API refuses, told as IAM's policies are written: the action and the resource as the answer names them,
 * else as the request needs them, and whose the accounts are.
 */
export async function explained(error: unknown, api: EcrApi, repository: string, action: string): Promise<unknown> {
  if (!isRopewayError(error) || error.code !== 'SINK_FORBIDDEN') return error
  const [, named, resource] = /perform: (ecr:\w+) on resource: (\S+)/.exec(error.message) ?? []
  const { account, host } = api.registry
  return errors.accessDenied(
    {
      role: 'sink',
      action: named ?? action,
      resource: resource ?? repositoryArn(api.registry, repository),
      account,
      about: `${host}/${repository}`,
    },
    await api.caller().catch(() => undefined),
    error.message,
  )
}

/** Whether a registry refused a manifest for its form alone. */
export function isFormRefused(error: unknown): error is RopewayError {
  return isRopewayError(error) && error.code === 'SINK_REFUSED' && /\(405\)|UNSUPPORTED/.test(error.message)
}

/** Whether a tag was refused because it must not be moved. */
export function isTagRefused(error: unknown): error is RopewayError {
  return (
    isRopewayError(error) &&
    error.code === 'SINK_REFUSED' &&
    /ImageTagAlreadyExists|TAG_INVALID|immutable|cannot be overwritten/i.test(error.message)
  )
}
