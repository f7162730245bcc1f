import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fakeContext, testSink, testSource } from '@ropeway/testkit'
import { describe, it } from 'vitest'
import { bundleBytes, samples, writeBundle } from './bundles.fixture.js'
import * as exports from './index.js'

const json = new URL('../package.json', import.meta.url)

async function folder(): Promise<{
  directory: string
  context(signal?: AbortSignal): ReturnType<typeof fakeContext>
  dispose(): Promise<void>
}> {
  const directory = await mkdtemp(join(tmpdir(), 'ropeway-kit-'))
  return {
    directory,
    context: (signal) => fakeContext({ signal, chain: { name: 'kit', version: '1.0.0', directory } }),
    dispose: () => rm(directory, { recursive: true, force: true }),
  }
}

testSource(
  {
    adapter: exports.bundleSource,
    package: { json, exports },
    capabilities: { derived: false },
    async arrange() {
      const { directory, context, dispose } = await folder()
      await writeBundle(join(directory, 'kit.tar'), samples().slice(0, 3))
      // Two of its four roots are damaged.
      const { bytes, archive } = await bundleBytes(samples())
      for (const { planned } of samples().slice(1, 3)) {
        const root = archive.entries.find(({ digest }) => digest === planned.root.digest)
        bytes[root?.offset ?? 0] = 0
      }
      await writeFile(join(directory, 'broken.tar'), bytes)
      return {
        options: { path: 'kit.tar' },
        broken: { path: 'broken.tar' },
        context,
        dispose,
        drift: () => writeBundle(join(directory, 'kit.tar'), samples()),
      }
    },
  },
  { describe, it },
)

testSink(
  {
    adapter: exports.tarballSink,
    package: { json, exports },
    capabilities: { unit: false },
    async arrange() {
      const { directory, context, dispose } = await folder()
      await writeFile(join(directory, 'file'), 'no folder')
      return {
        options: { path: 'out/{name}-{version}.tar' },
        refused: { options: { path: 'file/kit.tar' } },
        context,
        dispose,
        samples,
        async archive(seed: number) {
          const { bytes, archive } = await bundleBytes(samples(seed))
          return { bytes, identity: archive.identity }
        },
        target: {
          type: 'bytes',
          read: () =>
            readFile(join(directory, 'out/kit-1.0.0.tar')).then(
              (bytes) => new Uint8Array(bytes),
              () => undefined,
            ),
        },
      }
    },
  },
  { describe, it },
)
