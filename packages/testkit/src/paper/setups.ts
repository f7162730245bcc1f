import type { Json } from '@ropeway/core'
import { sha256 } from '@ropeway/oci'
import { fakeContext } from '../context/fake-context.js'
import { sampleBytes } from '../suites/samples.js'
import type { SampleArchive, SinkSetup, SinkWorld } from '../suites/sink.js'
import type { CredentialsSetup } from '../suites/credentials.js'
import type { SourceSetup } from '../suites/source.js'
import type { TransformSetup } from '../suites/transform.js'
import { paperCredentials } from './credentials.js'
import { paperDisk, paperFile, type PaperDisk } from './file.js'
import { paperBucket, paperMultipart, paperPart, type PaperBucket } from './multipart.js'
import { paperPage, paperReleasePage, type PaperPage } from './release-page.js'
import { paperOrigin, paperSource } from './source.js'
import { paperRegistry, paperStore, type PaperRegistry } from './store.js'
import { paperLabel, paperRename } from './transforms.js'

/** A setup of a sink on paper, with the services that its worlds use. */
export interface PaperSinkSetup<Service> extends SinkSetup {
  /** The service that the options of a world name. */
  at(name: string): Service
}

/** The setup with which `paperSource` passes the suite for sources. */
export function paperSourceSetup(): SourceSetup {
  return { adapter: paperSource, capabilities: { package: false }, arrange: paperOrigin }
}

/** The setup with which `paperStore` passes the suite for sinks, at a service that mounts or at one that refuses to. */
export function paperStoreSetup({ mounts = false }: { readonly mounts?: boolean } = {}): PaperSinkSetup<PaperRegistry> {
  const services = fakeServices(() => paperRegistry({ mounts }))
  return {
    adapter: paperStore(services.at),
    at: services.at,
    capabilities: { package: false, mounts },
    arrange() {
      const service = services.next()
      return { ...surroundings(service), options: { service }, target: services.at(service) }
    },
  }
}

/** The setup with which `paperMultipart` passes the suite for sinks. */
export function paperMultipartSetup(): PaperSinkSetup<PaperBucket> {
  const services = fakeServices(paperBucket)
  const key = 'kit-1.0.0.tar'
  const archives = new Map<number, SampleArchive>()
  const threeParts = (seed: number): SampleArchive => {
    const archive = archives.get(seed) ?? largeArchive(seed)
    archives.set(seed, archive)
    return archive
  }
  return {
    adapter: paperMultipart(services.at),
    at: services.at,
    capabilities: { package: false, readBack: false },
    arrange() {
      const service = services.next()
      return {
        ...surroundings(service),
        options: { service, key },
        target: services.at(service).target(key),
        archive: threeParts,
      }
    },
  }
}

/** The setup with which `paperFile` passes the suite for sinks. */
export function paperFileSetup(): PaperSinkSetup<PaperDisk> {
  const disks = fakeServices(paperDisk)
  const path = 'kit-1.0.0.tar'
  return {
    adapter: paperFile(disks.at),
    at: disks.at,
    capabilities: { package: false, unit: false },
    arrange() {
      const disk = disks.next()
      const full = disks.at('full')
      full.readOnly = true
      const state = new Map<string, Json>()
      return {
        options: { disk, path },
        context: (signal) => fakeContext({ signal, state }),
        refused: { options: { disk: 'full', path } },
        target: disks.at(disk).target(path),
      }
    },
  }
}

/** The setup with which `paperReleasePage` passes the suite for sinks. */
export function paperReleaseSetup(): PaperSinkSetup<PaperPage> {
  const services = fakeServices(paperPage)
  return {
    adapter: paperReleasePage(services.at),
    at: services.at,
    capabilities: { package: false, check: false },
    arrange() {
      const service = services.next()
      return { ...surroundings(service), options: { service }, target: services.at(service) }
    },
  }
}

/** The setup with which `paperRename` passes the suite for transforms. */
export function paperRenameSetup(): TransformSetup {
  return {
    adapter: paperRename,
    capabilities: { package: false },
    arrange: () => ({ options: { registry: 'paper.test:5000' }, context: (signal) => fakeContext({ signal }) }),
  }
}

/** The setup with which `paperLabel` passes the suite for transforms. */
export function paperLabelSetup(): TransformSetup {
  return {
    adapter: paperLabel,
    capabilities: { package: false },
    arrange: () => ({ options: { label: 'kit' }, context: (signal) => fakeContext({ signal }) }),
  }
}

/** The setup with which `paperCredentials` passes the suite for credential providers. */
export function paperCredentialsSetup(): CredentialsSetup {
  const host = 'registry.paper.test'
  const token = { body: JSON.stringify({ user: 'paper', token: 'paper-secret' }) }
  return {
    adapter: paperCredentials,
    capabilities: { package: false },
    arrange: () => ({
      host,
      stranger: 'other.paper.test',
      context: (signal) => fakeContext({ signal, http: ({ url }) => (url.endsWith(`/${host}`) ? token : undefined) }),
      refused: (signal) => fakeContext({ signal, http: () => ({ status: 401 }) }),
    }),
  }
}

/** Two whole parts and a rest. */
function largeArchive(seed: number): SampleArchive {
  const bytes = sampleBytes(seed, 2 * paperPart + 12_345)
  return { bytes, identity: sha256(bytes) }
}

/** Services on paper, each made when it is first asked for. */
function fakeServices<Service>(make: () => Service): { at(name: string): Service; next(): string } {
  const services = new Map<string, Service>()
  return {
    at(name) {
      const service = services.get(name) ?? make()
      services.set(name, service)
      return service
    },
    next: () => `paper-${services.size + 1}.test`,
  }
}

/** Contexts that know the password of one service, and one that does not. */
function surroundings(service: string): Pick<SinkWorld, 'context' | 'refused'> {
  const state = new Map<string, Json>()
  const credential = { username: 'paper', password: 'paper-secret', origin: 'the paper setup' }
  return {
    context: (signal) => fakeContext({ credentials: { [service]: credential }, state, signal }),
    refused: { context: (signal) => fakeContext({ signal }) },
  }
}
