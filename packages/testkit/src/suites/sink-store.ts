import {
  RopewayError,
  isRopewayError,
  messageOf,
  slotKey,
  type Content,
  type Slot,
  type StoreDelivery,
} from '@ropeway/core'
import { sha256 } from '@ropeway/oci'
import { must, mustEqual, mustFail } from './case.js'
import { isStop } from './facts.js'
import { sampleBytes, type Sample } from './samples.js'
import { stoppedSignal } from './setup.js'
import {
  blobSlots,
  bringToStore,
  manifestSlots,
  repositoriesOf,
  sinkCase,
  slotsOf,
  storeOf,
  storeTarget,
  type SinkBench,
} from './sink-bench.js'

const only = { only: 'store' } as const

/** Clauses for sinks that are like a registry. */
export const storeCases = [
  sinkCase(
    'store-hides-untagged',
    'Blobs and manifests MUST NOT be visible by a name before `tag`, and the name MUST be visible after it.',
    async (bench) => {
      const { samples, plan, ...rest } = await bench.cargo()
      const cargo = { samples, plan, ...rest }
      const delivery = storeOf(await bench.open(plan))
      await bringToStore(delivery, samples, 'blobs')
      mustEqual(await bench.visible(cargo), {}, 'blobs alone are visible')
      await bringToStore(delivery, samples, 'manifests')
      mustEqual(await bench.visible(cargo), {}, 'manifests are visible before they were tagged')
      await bringToStore(delivery, samples, 'tags')
      const target = storeTarget(bench)
      for (const { planned } of samples) {
        for (const { repository, tag = '' } of planned.destinations) {
          mustEqual(
            (await target.names(repository))[tag],
            planned.root.digest,
            `${repository}:${tag} is not visible after tag`,
          )
        }
      }
      await delivery.close()
    },
    only,
  ),
  sinkCase(
    'store-missing',
    '`missing` MUST give back exactly those of the slots whose content is not there, however many are asked for.',
    async (bench) => {
      const { samples, plan } = await bench.cargo()
      const delivery = storeOf(await bench.open(plan))
      await bringToStore(delivery, samples, 'blobs')
      const slots = [
        ...samples.flatMap(slotsOf),
        ...samples.flatMap((sample, index) => absentSlots(sample, index, 220)),
      ]
      const target = storeTarget(bench)
      const wanted: string[] = []
      for (const slot of slots) {
        if ((await target.read(slot.repository, slot.descriptor)) === undefined) wanted.push(slotKey(slot))
      }
      const told = (await delivery.missing(slots)).map(slotKey)
      mustEqual(told.toSorted(), wanted.toSorted(), 'it told other slots than those whose content is not there')
      mustEqual(await delivery.missing([]), [], 'of no slots it told some')
      await delivery.abort('the kit looked only')
    },
    only,
  ),
  sinkCase(
    'store-parallel',
    'Blobs MUST be storable at the same time, also one blob in several repositories.',
    async (bench) => {
      const { samples, plan } = await bench.cargo()
      const delivery = storeOf(await bench.open(plan))
      const everywhere = crossed(samples)
      await delivery.prepare(repositoriesOf(samples))
      const outcomes = await Promise.all(everywhere.map(({ slot, content }) => delivery.blob(slot, content, {})))
      for (const outcome of outcomes)
        must(['sent', 'mounted'].includes(outcome), `the outcome of a blob was "${outcome}"`)
      for (const { slot } of everywhere) await mustHold(bench, slot)
      await delivery.abort('the kit looked only')
    },
    only,
  ),
  sinkCase(
    'store-mounts',
    'A blob that another repository of the registry has MUST be mountable without its bytes being read.',
    async (bench) => {
      const { samples, plan } = await bench.cargo()
      const { delivery, from, to } = await twoRepositories(bench, samples, plan)
      const unread: Content = {
        async *open() {
          yield await Promise.reject(new RopewayError({ code: 'READ', side: 'internal', message: 'the blob was read' }))
        },
      }
      const outcome = await delivery.blob(to, unread, { mount: from.repository })
      mustEqual(outcome, 'mounted', 'a blob that another repository has was not mounted')
      await mustHold(bench, to)
      await delivery.abort('the kit looked only')
    },
    { only: 'store', needs: 'mounts' },
  ),
  sinkCase(
    'store-mount-refused',
    'A blob that cannot be mounted from where the engine says MUST be sent.',
    async (bench) => {
      const { samples, plan } = await bench.cargo()
      const delivery = storeOf(await bench.open(plan))
      await delivery.prepare(repositoriesOf(samples))
      const { slot, sample } = firstBlob(samples)
      const outcome = await delivery.blob(slot, sample.content, { mount: 'kit/nowhere' })
      mustEqual(outcome, 'sent', 'a blob that is nowhere was not sent')
      await mustHold(bench, slot)
      if (delivery.mount !== undefined) {
        const [absent] = absentSlots(sample, 7, 1)
        must(absent !== undefined, 'there is no sample')
        mustEqual(await delivery.mount(absent, 'kit/nowhere'), false, '`mount` says that it mounted what is nowhere')
      }
      await delivery.abort('the kit looked only')
    },
    only,
  ),
  sinkCase(
    'store-refuses-wrong-bytes',
    'Bytes that are not those of the descriptor MUST be refused, and not be stored.',
    async (bench) => {
      const { samples, plan } = await bench.cargo()
      const delivery = storeOf(await bench.open(plan))
      await delivery.prepare(repositoriesOf(samples))
      const { slot } = firstBlob(samples)
      const { size } = slot.descriptor
      for (const bytes of [sampleBytes(77, size), sampleBytes(77, Math.max(size - 1, 0)), sampleBytes(77, size + 1)]) {
        const error = await mustFail(
          () => delivery.blob(slot, contentOf(bytes), {}),
          `${bytes.byteLength} wrong bytes for a blob of ${size} were taken`,
        )
        must(
          isRopewayError(error),
          `wrong bytes were refused with another error than a RopewayError: ${messageOf(error)}`,
        )
        mustEqual(await storeTarget(bench).read(slot.repository, slot.descriptor), undefined, 'wrong bytes were stored')
      }
      await delivery.abort('the kit looked only')
    },
    only,
  ),
  sinkCase(
    'store-broken-stream',
    'A stream that fails MUST make `blob` reject with its error, and leave nothing stored.',
    async (bench) => {
      const { samples, plan } = await bench.cargo()
      const delivery = storeOf(await bench.open(plan))
      await delivery.prepare(repositoriesOf(samples))
      const { slot, sample } = firstBlob(samples)
      const fault = new RopewayError({ code: 'KIT_STREAM_BROKE', side: 'source', message: 'the kit broke this stream' })
      const broken: Content = {
        async *open(descriptor, options) {
          yield* sample.content.open(descriptor, { ...options, end: Math.floor(descriptor.size / 2) })
          throw fault
        },
      }
      const error = await mustFail(() => delivery.blob(slot, broken, {}), 'a blob whose stream broke was taken')
      must(names(error, fault), `the error of the stream was lost: ${messageOf(error)}`)
      mustEqual(await storeTarget(bench).read(slot.repository, slot.descriptor), undefined, 'half a blob was stored')
      await delivery.abort('the kit looked only')
    },
    only,
  ),
  sinkCase(
    'store-blob-stops',
    'When the `signal` of a blob is aborted, `blob` MUST reject with its reason, and leave nothing stored.',
    async (bench) => {
      const { samples, plan } = await bench.cargo()
      const delivery = storeOf(await bench.open(plan))
      await delivery.prepare(repositoriesOf(samples))
      const { slot, sample } = firstBlob(samples)
      const error = await mustFail(
        () => delivery.blob(slot, sample.content, { signal: stoppedSignal() }),
        'a stopped blob was taken',
      )
      must(isStop(error), `a stopped blob ended with another error: ${messageOf(error)}`)
      mustEqual(await storeTarget(bench).read(slot.repository, slot.descriptor), undefined, 'a stopped blob was stored')
      await delivery.abort('the kit looked only')
    },
    only,
  ),
  sinkCase(
    'store-exact-manifests',
    'Manifests MUST be stored byte for byte, each under its digest.',
    async (bench) => {
      const { samples, plan } = await bench.cargo()
      const delivery = storeOf(await bench.open(plan))
      await bringToStore(delivery, samples, 'manifests')
      for (const { slot, manifest } of samples.flatMap(manifestSlots)) {
        const bytes = await storeTarget(bench).read(slot.repository, slot.descriptor)
        must(
          bytes !== undefined && Buffer.compare(bytes, manifest.bytes) === 0,
          `${slotKey(slot)} was stored with other bytes`,
        )
      }
      await delivery.abort('the kit looked only')
    },
    only,
  ),
  sinkCase(
    'store-tags',
    '`tag` MUST give all names that it is told, and replace what a name held before.',
    async (bench) => {
      const target = storeTarget(bench)
      await bench.deliver(await bench.cargo(1))
      const { samples, plan } = await bench.cargo(2)
      const delivery = storeOf(await bench.open(plan))
      await bringToStore(delivery, samples, 'manifests')
      const wanted = samples.map((sample) => ({
        ...rootOf(sample),
        tags: [...sample.planned.destinations.flatMap(({ tag }) => tag ?? []), 'kit-other'],
      }))
      for (const { slot, manifest, tags } of wanted) await delivery.tag(slot, manifest, tags)
      await delivery.close()
      for (const { slot, tags } of wanted) {
        const visible = await target.names(slot.repository)
        for (const tag of tags)
          mustEqual(visible[tag], slot.descriptor.digest, `${slot.repository}:${tag} names something else`)
      }
    },
    only,
  ),
]

/** Slots of blobs that nobody has. */
function absentSlots({ planned }: Sample, seed: number, count: number): readonly Slot[] {
  const [destination] = planned.destinations
  must(destination !== undefined, `the sample ${planned.id} has no destination`)
  const { registry, repository } = destination
  return Array.from({ length: count }, (_, index) => {
    const digest = sha256(new TextEncoder().encode(`absent ${seed} ${index}`))
    return { registry, repository, descriptor: { mediaType: 'application/octet-stream', digest, size: 11 } }
  })
}

/** The blobs of every sample, in the repositories of all samples. */
function crossed(samples: readonly Sample[]): readonly { readonly slot: Slot; readonly content: Content }[] {
  const each = new Map<string, { readonly slot: Slot; readonly content: Content }>()
  for (const { planned, content } of samples) {
    for (const { registry, repository } of repositoriesOf(samples)) {
      for (const descriptor of planned.blobs) {
        const slot = { registry, repository, descriptor }
        each.set(slotKey(slot), { slot, content })
      }
    }
  }
  return [...each.values()]
}

function firstBlob(samples: readonly Sample[]): { readonly slot: Slot; readonly sample: Sample } {
  const all = samples.flatMap((sample) => blobSlots(sample).map((slot) => ({ slot, sample })))
  const largest = all.sort((a, b) => b.slot.descriptor.size - a.slot.descriptor.size)[0]
  must(largest !== undefined, 'the samples have no blob')
  return largest
}

function rootOf(sample: Sample) {
  const root = manifestSlots(sample).find(({ manifest }) => manifest.descriptor.digest === sample.planned.root.digest)
  must(root !== undefined, `the sample ${sample.planned.id} has no root`)
  return root
}

/** Delivers a sample whole, and gives the slot of its largest blob there and in another repository. */
async function twoRepositories(bench: SinkBench, samples: readonly Sample[], plan: Parameters<SinkBench['open']>[0]) {
  const delivery: StoreDelivery = storeOf(await bench.open(plan))
  const { slot: from, sample } = firstBlob(samples)
  const to = { ...from, repository: `${from.repository}-beside` }
  await bringToStore(delivery, [sample], 'tags')
  await delivery.prepare([to])
  return { delivery, from, to }
}

async function mustHold(bench: SinkBench, { repository, descriptor }: Slot): Promise<void> {
  const bytes = await storeTarget(bench).read(repository, descriptor)
  mustEqual(bytes && sha256(bytes), descriptor.digest, `${repository} does not hold the blob ${descriptor.digest}`)
}

function contentOf(bytes: Uint8Array): Content {
  return {
    async *open() {
      yield bytes
    },
  }
}

/** Whether the error is the fault, or has it as its cause. */
function names(error: unknown, fault: RopewayError): boolean {
  if (error === fault || (isRopewayError(error) && error.code === fault.code)) return true
  return error instanceof Error && error.cause !== undefined && names(error.cause, fault)
}
