import { spawn, type ChildProcess } from 'node:child_process'
import { sign } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as createSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificates } from '@ropeway/testkit'
import { peersBin } from './paths.ts'
import { run } from './process.ts'

export interface RegistryOptions {
  /** TLS by a CA of its own. */
  readonly tls?: boolean | undefined
  /** `basic`: user `carrier`, password `secret`; `token`: the same at a token server. */
  readonly auth?: 'basic' | 'token' | undefined
  /** Network namespace to run in. */
  readonly namespace?: string | undefined
}

/** Debian's docker-registry, running on loopback. */
export interface RealRegistry {
  readonly host: string
  readonly url: string
  /** File with the CA's certificate, when it speaks TLS. */
  readonly caFile?: string | undefined
  /** Where its blobs are. */
  readonly folder: string
  close(): Promise<void>
}

export const registryUser = { username: 'carrier', password: 'secret' }

/** bcrypt of `secret`: docker-registry reads no other hash, and Node.js makes none. */
const htpasswd = 'carrier:$2b$05$.IzPdzLe2mNLa7m.m5ep/uMGa20G.JJw3.Nuxu6tryQHctvwMmVBS\n'

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createSocket()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

export async function realRegistry(options: RegistryOptions = {}): Promise<RealRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'registry-'))
  const port = await freePort()
  const host = `127.0.0.1:${port}`
  const certificates = makeCertificates({ hosts: ['127.0.0.1', 'localhost'] })
  const tls = options.tls === true ? { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') } : undefined
  await writeFile(join(folder, 'ca.pem'), certificates.ca)
  await writeFile(join(folder, 'cert.pem'), certificates.cert)
  await writeFile(join(folder, 'key.pem'), certificates.key)
  await writeFile(join(folder, 'htpasswd'), htpasswd)
  const tokens = options.auth === 'token' ? await tokenServer(certificates) : undefined
  const auth =
    options.auth === 'basic'
      ? { htpasswd: { realm: 'e2e', path: join(folder, 'htpasswd') } }
      : tokens === undefined
        ? undefined
        : { token: { realm: tokens.url, service: 'e2e', issuer: 'e2e', rootcertbundle: join(folder, 'ca.pem') } }
  const config = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } },
    http: { addr: host, secret: 'e2e', tls },
    auth,
  }
  await writeFile(join(folder, 'config.yml'), JSON.stringify(config))
  const binary = join(peersBin, 'docker-registry')
  const [program, ...words] =
    options.namespace === undefined ? [binary] : ['ip', 'netns', 'exec', options.namespace, binary]
  const child = spawn(program, [...words, 'serve', join(folder, 'config.yml')], { stdio: ['ignore', 'ignore', 'pipe'] })
  await answering(child, host, options.namespace)
  return {
    host,
    url: `${tls === undefined ? 'http' : 'https'}://${host}`,
    caFile: tls === undefined ? undefined : join(folder, 'ca.pem'),
    folder,
    async close() {
      child.kill('SIGKILL')
      tokens?.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function answering(child: ChildProcess, host: string, namespace: string | undefined): Promise<void> {
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const [address = '', port = ''] = host.split(':')
  for (let attempt = 0; attempt < 100; attempt++) {
    if (child.exitCode !== null) throw new Error(`docker-registry ended: ${said}`)
    const probe = `require('net').connect(${port}, '${address}').on('connect', () => process.exit(0)).on('error', () => process.exit(1))`
    if ((await run(process.execPath, ['-e', probe], { namespace })).code === 0) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`docker-registry does not answer: ${said}`)
}

/**
 * A token server as docker's distribution wants it: JSON web tokens, signed by the key behind the CA's certificate. crane
 * refuses realms that are private addresses, so this one has a name.
 */
async function tokenServer(certificates: {
  readonly cert: string
  readonly key: string
}): Promise<{ url: string; close(): void }> {
  const der = certificates.cert.replace(/-----[^-]+-----|\s/g, '')
  const wanted = `Basic ${Buffer.from(`${registryUser.username}:${registryUser.password}`).toString('base64')}`
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const server = createServer((request, response) => {
    if (request.headers.authorization !== wanted) {
      response.writeHead(401).end()
      return
    }
    const url = new URL(request.url ?? '/', 'http://token')
    const access = url.searchParams
      .getAll('scope')
      .flatMap((scopes) => scopes.split(' '))
      .map((scope) => {
        const [type = '', ...rest] = scope.split(':')
        return { type, actions: (rest.pop() ?? '').split(','), name: rest.join(':') }
      })
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: 'e2e',
      sub: registryUser.username,
      aud: 'e2e',
      exp: now + 300,
      nbf: now - 10,
      iat: now,
      jti: String(now),
      access,
    }
    const head = `${encode({ typ: 'JWT', alg: 'ES256', x5c: [der] })}.${encode(claims)}`
    const signature = sign('sha256', Buffer.from(head), { key: certificates.key, dsaEncoding: 'ieee-p1363' }).toString(
      'base64url',
    )
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ token: `${head}.${signature}`, expires_in: 300 }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `http://localhost:${port}/token`, close: () => server.close() }
}
