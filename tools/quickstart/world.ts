// What the quickstart carries: small images, a chart, a signature in a registry; a manifest, a script and a chain in a folder.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  makeChart,
  makeChartArtifact,
  makeCosign,
  makeImage,
  makeIndex,
  pushFixture,
  type Fixture,
  type LayerOptions,
} from '@ropeway/testkit'

/** A layer that several images share. */
const base: LayerOptions = { seed: 'base', size: 600_000 }

const layersOf = (name: string, size: number): LayerOptions[] => [base, { seed: name, size }]

async function multiPlatform(name: string): Promise<Fixture> {
  const platforms = ['linux/amd64', 'linux/arm64']
  const images = platforms.map((platform) => makeImage({ platform, layers: layersOf(`${name} ${platform}`, 200_000) }))
  return makeIndex(await Promise.all(images), { attestations: true })
}

const chart = makeChart({
  name: 'hello',
  version: '0.3.1',
  appVersion: '1.4.0',
  values: { image: { repository: 'demo/web', tag: '1.4.0' } },
})

/** Fills the registry at `url`. */
export async function fillRegistry(url: string): Promise<void> {
  const web = await multiPlatform('web')
  await pushFixture(url, web, { repository: 'demo/web', tags: ['1.4.0'] })
  await pushFixture(url, await makeCosign(web.root), { repository: 'demo/web' })
  await pushFixture(url, await makeImage({ layers: layersOf('api', 300_000) }), {
    repository: 'demo/api',
    tags: ['2.0.1'],
  })
  const worker = await makeImage({ layers: layersOf('worker', 100_000), docker: true })
  await pushFixture(url, worker, { repository: 'demo/worker', tags: ['2.0.1'] })
  await pushFixture(url, await makeChartArtifact(chart), { repository: 'charts/hello' })
}

const chainFile = (host: string) => `name: hello
version: 1.4.0

sources:
  - oci:
      references:
        - ${host}/demo/web:1.4.0
        - ${host}/demo/api:2.0.1
  - helm: { repository: "oci://${host}/charts", chart: hello, version: "^0.3" }
  - files: { manifests: [worker.yaml], files: [install.sh] }

sinks:
  - tarball: { path: "{name}-{version}.tar" }
`

const manifestFile = (host: string) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  selector: { matchLabels: { app: worker } }
  template:
    metadata: { labels: { app: worker } }
    spec:
      containers:
        - name: worker
          image: ${host}/demo/worker:2.0.1
`

const script = `#!/bin/sh
helm install hello "oci://$1/hello" --version 0.3.1
`

/** Writes the chain and what it names into the folder. */
export async function writeChain(folder: string, host: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'ropeway.yaml'), chainFile(host))
  await writeFile(join(folder, 'worker.yaml'), manifestFile(host))
  await writeFile(join(folder, 'install.sh'), script)
}
