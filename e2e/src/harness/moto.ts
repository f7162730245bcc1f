import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { peersBin } from './paths.ts'
import { freePort } from './registry.ts'

/** moto: AWS's APIs in memory, as many people test against them. */
export interface Moto {
  readonly url: string
  /** Sends an action of ECR in the name of an account, past everything else. */
  ecr(account: string, action: string, input: object): Promise<{ readonly status: number; readonly body: unknown }>
  close(): Promise<void>
}

const target = 'AmazonEC2ContainerRegistry_V20150921'

export async function startMoto(): Promise<Moto> {
  const port = await freePort()
  const child = spawn(join(peersBin, 'moto_server'), ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  for (let attempt = 0; ; attempt++) {
    if (child.exitCode !== null) throw new Error('moto_server ended')
    const answer = await fetch(`${url}/moto-api/`).catch(() => undefined)
    if (answer?.ok === true) break
    if (attempt > 300) throw new Error('moto_server does not answer')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return {
    url,
    async ecr(account, action, input) {
      const answer = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `${target}.${action}`,
          'x-moto-account-id': account,
          authorization:
            'AWS4-HMAC-SHA256 Credential=e2e/20260101/eu-central-1/ecr/aws4_request, SignedHeaders=host, Signature=0',
        },
        body: JSON.stringify(input),
      })
      return { status: answer.status, body: await answer.json() }
    },
    close: async () => void child.kill('SIGKILL'),
  }
}
