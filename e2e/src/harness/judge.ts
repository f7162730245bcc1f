import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Published } from './fixtures.ts'
import { peer, type RunOptions } from './process.ts'
import { registryUser, type RealRegistry } from './registry.ts'

/** A home in which the peers and the CLI know a registry's credentials and certificate. */
export interface Judge {
  readonly env: Readonly<Record<string, string>>
  /** Digest behind a reference, by crane. */
  digest(reference: string): Promise<string>
  /** Exact manifest bytes behind a reference, by crane. */
  manifest(reference: string): Promise<string>
  peer(name: string, args: readonly string[]): Promise<string>
}

/** Makes docker's config for these registries below `home`, and environment for the peers. */
export async function judgeOf(
  home: string,
  registries: readonly RealRegistry[],
  options: Pick<RunOptions, 'namespace'> = {},
): Promise<Judge> {
  const auth = Buffer.from(`${registryUser.username}:${registryUser.password}`).toString('base64')
  const config = join(home, '.docker')
  await mkdir(config, { recursive: true })
  const auths = Object.fromEntries(registries.map(({ host }) => [host, { auth }]))
  await writeFile(join(config, 'config.json'), JSON.stringify({ auths }))
  const ca = registries.find(({ caFile }) => caFile !== undefined)?.caFile
  const env = { HOME: home, DOCKER_CONFIG: config, ...(ca === undefined ? {} : { SSL_CERT_FILE: ca }) }
  const run = (name: string, args: readonly string[]) => peer(name, args, { ...options, env })
  return {
    env,
    peer: run,
    digest: (reference) => run('crane', ['digest', reference]),
    manifest: (reference) => run('crane', ['manifest', reference]),
  }
}

/** What crane says is wrong with a mirrored set: names without the right digest, referrers that are not there. */
export async function differences(
  judge: Judge,
  published: readonly Published[],
  destination: (item: Published) => string,
): Promise<string[]> {
  const wrong: string[] = []
  for (const item of published) {
    const reference = destination(item)
    const digest = await judge.digest(reference).catch((error: unknown) => String(error))
    if (digest !== item.root.digest) wrong.push(`${reference} is ${digest}, not ${item.root.digest}`)
    const repository = reference.slice(0, reference.lastIndexOf(':'))
    for (const referrer of item.referrers) {
      const found = await judge.digest(`${repository}@${referrer}`).catch((error: unknown) => String(error))
      if (found !== referrer) wrong.push(`${repository}@${referrer}: ${found}`)
    }
  }
  return wrong
}
