import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  fakeContext,
  makeImage,
  memoryRegistry,
  sampleBytes,
  sampleImage,
  sampleIndex,
  signed,
  testSource,
  writeDockerArchive,
  writeOciLayout,
  type SampleTree,
} from '@ropeway/testkit'
import { describe, it } from 'vitest'
import * as exports from './index.js'

const bytes = (tree: SampleTree): Uint8Array[] => tree.blobs.map((blob) => blob.bytes)

const pod = `apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  containers:
  - name: web
    image: registry.example:5000/app/web:1.2.3
  - name: side
    image: registry.example:5000/app/side:1
`

testSource(
  {
    adapter: exports.filesSource,
    package: { json: new URL('../package.json', import.meta.url), exports },
    async arrange() {
      const directory = await mkdtemp(join(tmpdir(), 'ropeway-files-'))
      const file = async (path: string, content: string | Uint8Array) => {
        await mkdir(join(directory, path, '..'), { recursive: true })
        await writeFile(join(directory, path), content)
      }
      await file('images.txt', '# what we run\nregistry.example:5000/app/web:1.2.3 # the web\n')
      await file('bad.txt', 'registry.example:5000/app/gone:1\nNot A Reference\n')
      await file('k8s/app.yaml', pod)
      await file('tools/run.sh', '#!/bin/sh\n')
      await file('tools/data/big.bin', sampleBytes(7, 200_000))
      const image = await makeImage()
      await writeOciLayout(join(directory, 'built.tar'), [
        { fixture: image, name: 'registry.example:5000/built/oci:1' },
      ])
      await writeDockerArchive(join(directory, 'saved.tar'), [{ image, repoTags: ['built/docker:1'] }])

      const registry = memoryRegistry('registry.example:5000')
      const [web, next, side] = [signed(sampleIndex(1), 1), sampleImage(2), sampleImage(3)]
      const tags = web.referrers.flatMap(({ tag, descriptor }) => (tag ? [[tag, descriptor.digest]] : []))
      registry.seed('app/web', {
        blobs: [...bytes(web), ...bytes(next)],
        manifests: [...web.manifests, ...next.manifests],
        tags: { '1.2.3': web.root.digest, ...Object.fromEntries(tags) },
      })
      registry.seed('app/side', { blobs: bytes(side), manifests: side.manifests, tags: { '1': side.root.digest } })
      const state = new Map()
      const cache = new Map()
      return {
        options: {
          images: ['images.txt'],
          manifests: ['k8s/*.yaml', 'https://dl.example/crds.json?token=hunter2'],
          archives: ['built.tar', 'saved.tar'],
          files: ['tools', { url: 'https://dl.example/tool-1.tgz', name: 'tool.tgz' }],
        },
        broken: {
          images: ['bad.txt', 'imges.txt'],
          manifests: ['k8s/app.yaml', 'nothing/*.yaml'],
          archives: ['none.tar'],
          files: ['tool', 'https://dl.example/none?token=hunter2'],
        },
        secrets: ['hunter2'],
        context: (signal?: AbortSignal) =>
          fakeContext({
            registries: [registry],
            signal,
            state,
            cache,
            chain: { name: 'kit', version: '1.0.0', directory },
            http: ({ url }) => {
              if (url === 'https://dl.example/tool-1.tgz') return { body: sampleBytes(8, 5000) }
              if (url !== 'https://dl.example/crds.json?token=hunter2') return undefined
              return { body: '{"apiVersion": "v1", "kind": "Namespace"}' }
            },
          }),
        drift: () => registry.repository('app/web').tags.set('1.2.3', next.root.digest),
        dispose: () => rm(directory, { recursive: true }),
      }
    },
  },
  { describe, it },
)
