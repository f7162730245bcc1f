import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { collect } from '@ropeway/oci'
import { z } from 'zod'

/** How to reach a server of a test. */
export interface Access {
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** PEM certificate that the server's chains up to. */
  readonly ca?: string | undefined
}

export interface PlainRequest {
  readonly authorization?: string | undefined
  readonly ca?: string | undefined
  readonly method?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: { readonly size: number; open(): AsyncIterable<Uint8Array> } | Uint8Array | undefined
}

export interface PlainResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly stream: IncomingMessage
  /** The whole body. */
  bytes(): Promise<Uint8Array>
}

const bodyLimit = 64 * 1024 * 1024

/**
 * Sends one plain request: no redirects, no retries, nothing decompressed. What the server answers is what the test sees.
 */
export function plainRequest(url: string, options: PlainRequest = {}): Promise<PlainResponse> {
  const { method = 'GET', body, headers = {}, ca, authorization } = options
  const size = body === undefined ? undefined : body instanceof Uint8Array ? body.length : body.size
  const start = url.startsWith('https:') ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const request = start(url, {
      method,
      headers: {
        ...(size === undefined ? {} : { 'content-length': size }),
        ...(authorization === undefined ? {} : { authorization }),
        ...headers,
      },
      ...(ca === undefined ? {} : { ca }),
    })
    request.on('error', reject)
    request.on('response', (stream) => {
      const bytes = (): Promise<Uint8Array> => collect(stream as AsyncIterable<Uint8Array>, bodyLimit)
      resolve({ status: stream.statusCode ?? 0, headers: stream.headers, stream, bytes })
    })
    if (body === undefined || body instanceof Uint8Array) request.end(body)
    else pipeline(Readable.from(body.open(), { objectMode: false }), request).catch(reject)
  })
}

function basic({ username, password }: Access): string | undefined {
  return username === undefined ? undefined : `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`
}

const tokenSchema = z.object({ token: z.string().optional(), access_token: z.string().optional() })

async function bearer(challenge: string, scope: string, access: Access): Promise<string | undefined> {
  const parameter = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1]
  const realm = parameter('realm')
  if (realm === undefined) return undefined
  const url = new URL(realm)
  url.searchParams.set('service', parameter('service') ?? '')
  url.searchParams.set('scope', scope)
  const response = await plainRequest(url.href, { ca: access.ca, authorization: basic(access) })
  const { token, access_token } = tokenSchema.parse(JSON.parse(new TextDecoder().decode(await response.bytes())))
  return `Bearer ${token ?? access_token ?? ''}`
}

/** `Authorization` header for a scope of a registry, by whatever way it asks for; `undefined` when it asks for none. */
export async function authorize(registryUrl: string, scope: string, access: Access): Promise<string | undefined> {
  const response = await plainRequest(`${registryUrl}/v2/`, { ca: access.ca })
  await response.bytes()
  const challenge = response.headers['www-authenticate'] ?? ''
  return /^bearer /i.test(challenge) ? bearer(challenge, scope, access) : basic(access)
}
