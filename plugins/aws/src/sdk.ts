import { Readable } from 'node:stream'
import type { Context, Role } from '@ropeway/core'

/** What talking to AWS needs of a context. */
export type AwsContext = Pick<Context, 'http' | 'log' | 'signal' | 'clock' | 'env'>

/** An identity of AWS as requests are signed with it. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export type CredentialsSource = () => Promise<AwsCredentials>

/**
 * Where the identity comes from: the environment of the run, else the SDK's default chain (profiles, single sign-on, web
 * identity, containers, instances). Nothing is imported before it is asked.
 */
export function awsCredentials({ env }: Pick<AwsContext, 'env'>, region: string): CredentialsSource {
  const { AWS_PROFILE: profile, AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = env
  if ((profile ?? '') === '' && accessKeyId !== '' && secretAccessKey !== '') {
    const sessionToken = env['AWS_SESSION_TOKEN']
    return async () => ({ accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) })
  }
  let chain: Promise<CredentialsSource> | undefined
  return async () => {
    chain ??= import('@aws-sdk/credential-providers').then(({ fromNodeProviderChain }) =>
      fromNodeProviderChain({ clientConfig: { region }, ...(profile ? { profile } : {}) }),
    )
    return (await chain)()
  }
}

/** The region that the surroundings name, for when no host does. */
export function regionOf(env: AwsContext['env']): string | undefined {
  const region = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION']
  return region === '' ? undefined : region
}

const endpointVariables = {
  ecr: 'AWS_ENDPOINT_URL_ECR',
  public: 'AWS_ENDPOINT_URL_ECR_PUBLIC',
  sts: 'AWS_ENDPOINT_URL_STS',
} as const

/** An address that takes the place of a service's own, as all tools of AWS look for it. */
export function endpointOf(env: AwsContext['env'], service: keyof typeof endpointVariables): string | undefined {
  return [env[endpointVariables[service]], env['AWS_ENDPOINT_URL']].find((url) => url !== undefined && url !== '')
}

/** The part of the SDK's handlers that its clients need. */
interface Handler {
  handle(request: {
    readonly protocol: string
    readonly hostname: string
    readonly port?: number
    readonly path: string
    readonly method: string
    readonly headers: Record<string, string>
    readonly body?: unknown
  }): Promise<{ response: { statusCode: number; headers: Record<string, string>; body: Readable } }>
}

/**
 * Sends the SDK's requests through the run's own HTTP, so that proxies, certificates, limits and Ctrl-C mean the same for them.
 * All of them are small JSON documents that are posted.
 */
export function requestHandler({ http, signal }: Pick<AwsContext, 'http' | 'signal'>, role: Role): Handler {
  return {
    async handle({ protocol, hostname, port, path, headers, body }) {
      const answer = await http.request({
        url: `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`,
        method: 'POST',
        headers,
        body: typeof body === 'string' || body instanceof Uint8Array ? body : undefined,
        role,
        signal,
      })
      const given = Object.entries(answer.headers).filter((entry): entry is [string, string] => entry[1] !== undefined)
      return {
        response: {
          statusCode: answer.status,
          headers: Object.fromEntries(given),
          body: Readable.from(answer.body, { objectMode: false }),
        },
      }
    },
  }
}

/** Name and words of what an API of AWS answered. */
export interface AwsFault {
  readonly name: string
  readonly message: string
  readonly status: number | undefined
}

/** The fault that a client of the SDK throws; `undefined` for anything else. */
export function faultOf(error: unknown): AwsFault | undefined {
  if (!(error instanceof Error) || !('$metadata' in error) || !('$fault' in error)) return undefined
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } }
  return { name: error.name, message: error.message, status: $metadata?.httpStatusCode }
}
