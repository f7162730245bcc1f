import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HttpRequest } from '@ropeway/core'
import {
  fakeContext,
  memoryRegistry,
  sampleChart,
  signed,
  type Chart,
  type FakeContext,
  type FakeContextOptions,
  type FakeReply,
  type MemoryRegistry,
} from '@ropeway/testkit'

/** Chart repositories by host, a registry, and a folder for files of addons. */
export interface AddonsWorld {
  readonly directory: string
  readonly repositories: Map<string, Chart[]>
  readonly registry: MemoryRegistry
  /** Paths that were asked for, host and all. */
  readonly requests: string[]
  write(name: string, text: string): Promise<void>
  context(more?: FakeContextOptions): FakeContext
  dispose(): Promise<void>
}

export async function createAddonsWorld(): Promise<AddonsWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'ropeway-addons-'))
  const repositories = new Map<string, Chart[]>()
  const registry = memoryRegistry('ghcr.example')
  const requests: string[] = []
  const http = (request: HttpRequest): FakeReply | undefined => {
    const { host, pathname } = new URL(request.url)
    requests.push(`${host}${pathname}`)
    return replyOf(repositories.get(host) ?? [], pathname)
  }
  return {
    directory,
    repositories,
    registry,
    requests,
    write: (name, text) => writeFile(join(directory, name), text),
    context: (more = {}) =>
      fakeContext({ registries: [registry], http, chain: { name: 'kit', version: '1.0.0', directory }, ...more }),
    dispose: () => rm(directory, { recursive: true }),
  }
}

function replyOf(charts: readonly Chart[], pathname: string): FakeReply | undefined {
  if (pathname.endsWith('/index.yaml') && charts.length > 0) return { body: indexOf(charts) }
  const chart = charts.find(({ file }) => pathname.endsWith(`/${file}`))
  return chart === undefined ? undefined : { body: chart.tgz }
}

function indexOf(charts: readonly Chart[]): string {
  const entries = charts.map(({ name, version, file, digest }) => ({ name, version, digest, urls: [file] }))
  return JSON.stringify({ apiVersion: 'v1', entries: Object.groupBy(entries, ({ name }) => name) })
}

/** Puts a signed chart into a registry under its version. */
export function seedChart(registry: MemoryRegistry, repository: string, seed: number, version: string): void {
  const chart = signed(sampleChart(seed, repository.split('/').at(-1) ?? repository, version), seed)
  const named = chart.referrers.flatMap(({ tag, descriptor }) =>
    tag === undefined ? [] : [[tag, descriptor.digest] as const],
  )
  registry.seed(repository, {
    blobs: chart.blobs.map(({ bytes }) => bytes),
    manifests: chart.manifests,
    tags: { [version.replace('+', '_')]: chart.root.digest, ...Object.fromEntries<string>(named) },
  })
}
