import { createHash, createHmac } from 'node:crypto'
import type { Role } from '@ropeway/core'
import { collect } from '@ropeway/oci'
import { partitionOf } from './hosts.js'
import { endpointOf, type AwsContext, type AwsCredentials } from './sdk.js'

/** Who asks. */
export interface Caller {
  readonly account: string
  readonly arn: string
}

const body = 'Action=GetCallerIdentity&Version=2011-06-15'
const answerLimit = 64 * 1024
/** A network without a way to STS is no reason to wait long. */
const patience = 5000

/** Whose credentials these are (STS, GetCallerIdentity): every identity may ask. `undefined` when it is not answered. */
export async function callerOf(
  credentials: AwsCredentials,
  region: string,
  context: AwsContext,
  role: Role,
): Promise<Caller | undefined> {
  const endpoint = endpointOf(context.env, 'sts') ?? `https://sts.${region}.${partitionOf(region).suffix}`
  const url = new URL(endpoint)
  const headers = signed(url, credentials, region, new Date(context.clock.now()))
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(patience)])
  try {
    const answer = await context.http.request({ url: url.href, method: 'POST', headers, body, role, signal })
    const text = new TextDecoder().decode(await collect(answer.body, answerLimit))
    const account = /<Account>(\d{12})<\/Account>/.exec(text)?.[1]
    const arn = /<Arn>([^<]*)<\/Arn>/.exec(text)?.[1]
    return answer.status !== 200 || account === undefined || arn === undefined ? undefined : { account, arn }
  } catch {
    context.signal.throwIfAborted()
    return undefined
  }
}

/** Headers of the one request that is not the SDK's, signed (Signature Version 4). */
function signed(url: URL, credentials: AwsCredentials, region: string, at: Date): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  const time = at.toISOString().replace(/[-:]|\.\d{3}/g, '')
  const day = time.slice(0, 8)
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    host: url.host,
    'x-amz-date': time,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
  }
  const names = Object.keys(headers).sort()
  const lines = names.map((name) => `${name}:${headers[name] ?? ''}\n`).join('')
  const request = ['POST', url.pathname, '', lines, names.join(';'), sha256(body)].join('\n')
  const scope = `${day}/${region}/sts/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n')
  const key = [day, region, 'sts', 'aws4_request'].reduce<Buffer>(
    (secret, part) => hmac(secret, part),
    Buffer.from(`AWS4${secretAccessKey}`),
  )
  const signature = hmac(key, toSign).toString('hex')
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
