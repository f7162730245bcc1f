import { isRopewayError, type Artifact, type Descriptor } from '@ropeway/core'
import { sha256 } from '@ropeway/oci'
import { must, mustEqual, mustFail } from './case.js'
import { closureOf, idOf, isStop, readRaw, readVerified } from './facts.js'
import { settles, stoppedSignal } from './setup.js'
import { sourceCase, type SourceBench } from './source-bench.js'

/** Clauses on the content of what was resolved. */
export const contentCases = [
  sourceCase(
    'content-verifies',
    'Root, manifests, configs and layers of an artifact MUST open and have the digest and size of their descriptors.',
    async (bench) => {
      for (const { content, root } of await bench.artifacts()) {
        for (const descriptor of await closureOf(content, root)) await readVerified(content, descriptor)
      }
    },
  ),
  sourceCase('content-range', 'open with `offset` and `end` MUST give exactly that range.', async (bench) => {
    const { artifact, descriptor, bytes } = await largest(bench)
    const third = Math.floor(descriptor.size / 3)
    const ranges = [
      { offset: third },
      { end: third },
      { offset: third, end: 2 * third },
      { offset: 0, end: descriptor.size },
      { offset: descriptor.size - 1 },
    ]
    for (const range of ranges) {
      const read = await readRaw(artifact.content, descriptor, range)
      const wanted = bytes.subarray(range.offset ?? 0, range.end ?? descriptor.size)
      must(
        Buffer.compare(read, wanted) === 0,
        `${JSON.stringify(range)} of ${descriptor.digest} gave ${read.byteLength} bytes, not those`,
      )
    }
  }),
  sourceCase(
    'content-repeatable',
    'open MUST give a new stream from the start at every call, also several at once.',
    async (bench) => {
      for (const { content, root } of await bench.artifacts()) {
        await readVerified(content, root)
        const streams = Array.from({ length: 4 }, () => readVerified(content, root))
        const [first, ...others] = await Promise.all(streams)
        for (const other of others) mustEqual(other, first, 'two streams of one descriptor differ')
      }
    },
  ),
  sourceCase(
    'content-unknown',
    'open of a descriptor that the artifact does not have MUST end with a RopewayError, and not with other bytes.',
    async (bench) => {
      const bytes = new TextEncoder().encode('nobody has these bytes')
      const unknown = { mediaType: 'application/octet-stream', digest: sha256(bytes), size: bytes.byteLength }
      for (const artifact of await bench.artifacts()) {
        const error = await mustFail(
          () => readRaw(artifact.content, unknown),
          `${idOf(artifact)} has content for an unknown digest`,
        )
        must(isRopewayError(error), `${idOf(artifact)} ends with another error than a RopewayError`)
      }
    },
  ),
  sourceCase('content-stops', 'open MUST end with the reason of its `signal` when that is aborted.', async (bench) => {
    const { artifact, descriptor } = await largest(bench)
    const error = await mustFail(
      () => readRaw(artifact.content, descriptor, { signal: stoppedSignal() }),
      'a stopped stream came to its end',
    )
    must(isStop(error), 'a stopped stream ended with another error')
  }),
  sourceCase('content-left-early', 'A stream that is left early MUST leave nothing pending.', async (bench) => {
    const watch = await bench.watch()
    const artifacts = await bench.artifacts(watch)
    const before = watch.pending().length
    for (const { content, root } of artifacts) {
      for await (const chunk of content.open(root)) {
        must(chunk.byteLength > 0, 'the first chunk is empty')
        break
      }
    }
    await settles(() => watch.pending().slice(before), bench.patience)
  }),
]

/** The largest blob of the setup's artifacts. */
async function largest(
  bench: SourceBench,
): Promise<{ readonly artifact: Artifact; readonly descriptor: Descriptor; readonly bytes: Uint8Array }> {
  const found: { readonly artifact: Artifact; readonly descriptor: Descriptor }[] = []
  for (const artifact of await bench.artifacts()) {
    for (const descriptor of await closureOf(artifact.content, artifact.root)) found.push({ artifact, descriptor })
  }
  const first = found.sort((a, b) => b.descriptor.size - a.descriptor.size)[0]
  must(first !== undefined, 'the options of the setup resolve to nothing')
  return { ...first, bytes: await readRaw(first.artifact.content, first.descriptor) }
}
