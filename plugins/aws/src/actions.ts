import type { RopewayError, Role } from '@ropeway/core'
import type { Pacer } from '@ropeway/distribution'
import * as errors from './errors.js'
import type { Request } from './errors.js'
import { faultOf, type AwsFault } from './sdk.js'
import type { Caller } from './sts.js'

/** Does one action of an API: in its turn, again when it was throttled, and with errors for people. */
export type Act = <T>(
  what: Pick<Request, 'action' | 'resource'> & { readonly about?: string },
  send: () => Promise<T>,
) => Promise<T>

export interface ActOptions {
  readonly pacer: Pacer
  readonly role: Role
  /** Host of the registry. */
  readonly host: string
  readonly account?: string | undefined
  /** Asked when something is denied. */
  caller(): Promise<Caller | undefined>
}

/** Requests in all that one action may take while it is throttled; the pacer halves the rate each time. */
const tries = 8

/** Throws the errors of this package; a fault that `expect` names comes through as it is. */
export function createAct({ pacer, role, host, account, caller }: ActOptions): Act {
  return async ({ action, resource, about = host }, send) => {
    const name = action.slice(action.indexOf(':') + 1)
    const request: Request = { role, action, resource, account, about }
    for (let attempt = 1; ; attempt += 1) {
      await pacer.turn(name)
      try {
        const answer = await send()
        pacer.passed(name)
        return answer
      } catch (error) {
        const fault = faultOf(error)
        if (fault === undefined) throw credentialsError(error, request) ?? error
        if (!isThrottling(fault)) throw await errorFor(fault, error, request, caller)
        pacer.throttled(name)
        if (attempt >= tries) throw errors.throttled(request, fault)
      }
    }
  }
}

function isThrottling({ name, status }: AwsFault): boolean {
  return status === 429 || /Throttl|TooManyRequests|RequestLimitExceeded|SlowDown/i.test(name)
}

/** Faults that callers know how to go on from. */
const outcomes = new Set([
  'ImageAlreadyExistsException',
  'ImageNotFoundException',
  'LifecyclePolicyNotFoundException',
  'RepositoryAlreadyExistsException',
  'RepositoryNotFoundException',
  'TemplateNotFoundException',
  'UploadNotFoundException',
])

async function errorFor(
  fault: AwsFault,
  error: unknown,
  request: Request,
  caller: () => Promise<Caller | undefined>,
): Promise<unknown> {
  if (outcomes.has(fault.name)) return error
  if (/^AccessDenied|NotAuthorized|UnauthorizedOperation/.test(fault.name)) {
    return errors.accessDenied(request, await caller().catch(() => undefined), fault.message)
  }
  if (
    /UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|ExpiredToken|IncompleteSignature/.test(
      fault.name,
    )
  ) {
    return errors.credentialsRefused(request, fault)
  }
  if (fault.name === 'LimitExceededException') return errors.limitExceeded(request, fault)
  return errors.refused(request, fault)
}

function credentialsError(error: unknown, { role, about }: Request): RopewayError | undefined {
  const absent =
    error instanceof Error && /^(CredentialsProviderError|TokenProviderError|ProviderError)$/.test(error.name)
  return absent ? errors.credentialsMissing(role, about, error) : undefined
}

/** Whether an action ended with this fault of the API. */
export function isFault(error: unknown, name: string): boolean {
  return faultOf(error)?.name === name
}
