import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { adapterTable, createRuntime, fetchContent, loadChain, replay, resolve, type Runtime } from '@ropeway/engine'
import { fakeContext, memoryRegistry, sampleImage } from '@ropeway/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { filesSource } from './source.js'

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ropeway-files-'))
  await mkdir(join(directory, 'k8s'))
  await mkdir(join(directory, 'tools'))
  await writeFile(
    join(directory, 'k8s/pod.yaml'),
    'apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  containers: [{ name: web, image: registry.example/web:1 }]\n',
  )
  await writeFile(join(directory, 'images.txt'), 'registry.example/web:1\n')
  await writeFile(join(directory, 'tools/run.sh'), '#!/bin/sh\n')
  await chmod(join(directory, 'tools/run.sh'), 0o755)
})
afterEach(() => rm(directory, { recursive: true }))

function runtimeOf(): Runtime {
  const registry = memoryRegistry('registry.example')
  const image = sampleImage(1)
  const blobs = image.blobs.map(({ bytes }) => bytes)
  registry.seed('web', { blobs, manifests: image.manifests, tags: { '1': image.root.digest } })
  const { http, registry: client, credential, limiter } = fakeContext({ registries: [registry] })
  const network = { http, registry: client, credential, limiter, close: async () => undefined }
  return createRuntime({ adapters: adapterTable([filesSource]), network })
}

const chainOf = (runtime: Runtime, platforms: readonly string[] = []) =>
  loadChain(
    {
      directory,
      value: {
        name: 'platform',
        version: '1.4.74',
        platforms,
        sources: [{ files: { images: 'images.txt', manifests: 'k8s/*.yaml', files: ['tools'] } }],
      },
    },
    runtime.adapters,
  )

describe('a chain with files', () => {
  it('is locked, replayed from the lock alone, and gives its files back', async () => {
    const first = runtimeOf()
    const { lock, lockBytes } = await resolve(await chainOf(first), first)
    expect(lock.artifacts.map(({ id, naming, requiredBy }) => [id, naming.path, requiredBy])).toEqual([
      ['file:tools', 'platform/tools', undefined],
      ['image:registry.example/web:1', 'web', ['images.txt:1', 'k8s/pod.yaml:5 Pod/web spec.containers[0].image']],
      ['manifests:k8s/pod.yaml', 'platform/pod.yaml', undefined],
    ])
    expect(
      Object.values(lock.inputs)
        .flatMap((files) => Object.keys(files))
        .sort(),
    ).toEqual(['images.txt', 'k8s/pod.yaml', 'tools/run.sh'])
    const second = runtimeOf()
    const replayed = await replay(await chainOf(second), lock, second)
    expect(replayed.lockBytes).toEqual(lockBytes)
    const out = join(directory, 'out')
    const { files } = await fetchContent(replayed, second, { directory: out })
    expect(files.map(({ path }) => path).sort()).toEqual(['pod.yaml', 'tools/run.sh'])
    expect(await readFile(join(out, 'tools/run.sh'), 'utf8')).toBe('#!/bin/sh\n')
    expect((await stat(join(out, 'tools/run.sh'))).mode & 0o111).not.toBe(0)
    expect((await stat(join(out, 'pod.yaml'))).mode & 0o111).toBe(0)
  })

  it('is the same for every platform but for its images', async () => {
    const runtime = runtimeOf()
    const all = await resolve(await chainOf(runtime), runtime)
    const one = await resolve(await chainOf(runtime, ['linux/amd64']), runtime)
    const roots = (lock: typeof all.lock) => lock.artifacts.map(({ root }) => root.digest)
    expect(roots(one.lock)).toEqual(roots(all.lock))
  })

  it('drifts when one of its files changes or is gone', async () => {
    const runtime = runtimeOf()
    const chain = await chainOf(runtime)
    const { lock } = await resolve(chain, runtime)
    await writeFile(join(directory, 'images.txt'), 'registry.example/web:1 # the same image\n')
    await rm(join(directory, 'tools/run.sh'))
    await expect(replay(chain, lock, runtime)).rejects.toMatchObject({
      code: 'LOCK_DRIFT',
      message: expect.stringMatching(/images\.txt changed[\s\S]*tools\/run\.sh is gone/),
    })
  })
})
