import { type Delivery } from '@ropeway/core'
import { sha256 } from '@ropeway/oci'
import { must, mustEqual, mustFail } from './case.js'
import { mustHide, mustTell, textOf } from './facts.js'
import { leavesGlobals } from './globals.js'
import { settles } from './setup.js'
import {
  bring,
  bringToStore,
  manifestSlots,
  refusedBy,
  sinkCase,
  slotsOf,
  type Cargo,
  type SinkBench,
} from './sink-bench.js'

/** Clauses on every delivery, of whatever type. */
export const deliveryCases = [
  sinkCase(
    'delivers',
    'After close, everything that was delivered MUST be at the target; of blobs, manifests and archives every byte.',
    async (bench) => {
      const cargo = await bench.cargo()
      await bench.deliver(cargo)
      await checkDelivered(bench, cargo)
    },
  ),
  sinkCase(
    'delivers-again',
    'A second delivery of the same plan MUST succeed and leave the target as it is.',
    async (bench) => {
      const cargo = await bench.cargo()
      await bench.deliver(cargo)
      const once = await bench.visible(cargo)
      await bench.deliver(cargo)
      mustEqual(await bench.visible(cargo), once, 'the second delivery changed the target')
    },
  ),
  sinkCase(
    'abort-shows-nothing',
    'After abort nothing of the delivery MUST be visible, and nothing pending.',
    async (bench) => {
      const cargo = await bench.cargo()
      const before = await bench.visible(cargo)
      const opened = await bench.open(cargo.plan)
      await bringPart(opened.delivery, cargo)
      await opened.delivery.abort('the kit stops here')
      mustEqual(await bench.visible(cargo), before, 'an aborted delivery is visible')
      await settles(opened.watch.pending, bench.patience)
    },
  ),
  sinkCase('closing', 'close MUST tell the location.', async (bench) => {
    const cargo = await bench.cargo()
    const { delivery } = await bench.open(cargo.plan)
    await bring(delivery, cargo)
    const { location, next = [] } = await delivery.close()
    must(location.trim() !== '', 'the closing has no location')
    for (const command of next) must(/^\S[^\n]*$/.test(command), `"${command}" is not one command in one line`)
  }),
  sinkCase(
    'refusal-told',
    'Where nothing can be delivered, a delivery MUST reject with a RopewayError with a code, a side (sink or chain) and a hint, and show nothing.',
    async (bench) => {
      const cargo = await bench.cargo()
      const before = await bench.visible(cargo)
      mustTell(await refusal(bench, cargo), ['sink', 'chain'])
      mustEqual(await bench.visible(cargo), before, 'a refused delivery is visible')
    },
  ),
  sinkCase('no-secrets', 'No survey, closing, error, log line or event MUST hold a secret.', async (bench) => {
    const cargo = await bench.cargo()
    const opened = await bench.open(cargo.plan)
    await bring(opened.delivery, cargo)
    const closing = await opened.delivery.close()
    const refused = await refusal(bench, cargo)
    const { location, notes, names } = opened.survey
    const texts = [JSON.stringify([closing, location, notes, names]), textOf(refused), ...opened.watch.told]
    mustHide([...opened.watch.secrets, ...(bench.world.secrets ?? [])], texts)
  }),
  sinkCase('asks-as-sink', 'A sink MUST ask for hosts and credentials in the role sink.', async (bench) => {
    const cargo = await bench.cargo()
    const { delivery, watch } = await bench.open(cargo.plan)
    await bring(delivery, cargo)
    await delivery.close()
    mustEqual(
      [...watch.roles].filter((role) => role !== 'sink'),
      [],
      'it asked for a host in another role',
    )
  }),
  sinkCase(
    'arguments-untouched',
    'A sink MUST NOT change the plan and the options that it is given.',
    async (bench) => {
      const cargo = await bench.cargo()
      const plan = structuredClone(cargo.plan)
      const options = await bench.options()
      const { context } = await bench.watch()
      const survey = await bench.sink.survey(plan, options, context)
      await bench.sink.check?.(plan, options, context)
      const delivery = await bench.sink.open(plan, survey, options, context)
      await bring(delivery, cargo)
      await delivery.close()
      mustEqual(plan, cargo.plan, 'the plan was changed')
      mustEqual(options, await bench.options(), 'the options were changed')
    },
  ),
  sinkCase(
    'globals-untouched',
    'A sink MUST leave globals, process.env, the working directory and signal handlers as they are.',
    async (bench) => {
      const cargo = await bench.cargo()
      await leavesGlobals(() => bench.deliver(cargo))
    },
  ),
  sinkCase(
    'capabilities',
    'A sink MUST NOT have what it declares not to have: a capability that is declared absent is absent.',
    async (bench) => {
      const { check, mounts, readBack, unit } = bench.capabilities
      if (check === false) must(bench.sink.check === undefined, 'the sink has `check`, and `check: false` is declared')
      const cargo = await bench.cargo()
      const { delivery } = await bench.open(cargo.plan)
      if (delivery.type === 'bytes' && readBack === false) {
        must(delivery.read === undefined, 'the delivery has `read`, and `readBack: false` is declared')
      }
      if (delivery.type === 'bytes' && unit === false) {
        must(delivery.unit === undefined, 'the delivery has a `unit`, and `unit: false` is declared')
      }
      if (delivery.type === 'store' && mounts === false) {
        must(delivery.mount === undefined, 'the delivery has `mount`, and `mounts: false` is declared')
      }
      await delivery.abort('the kit looked only')
    },
  ),
]

async function checkDelivered(bench: SinkBench, cargo: Cargo): Promise<void> {
  const { target } = bench.world
  if (target.type === 'artifacts') {
    const names = Object.keys(await target.entries())
    must(
      names.length >= cargo.samples.length,
      `${cargo.samples.length} artifacts were put, and the target shows ${names.join(', ')}`,
    )
    return
  }
  if (target.type === 'bytes') {
    const bytes = await target.read()
    mustEqual(bytes && sha256(bytes), sha256(cargo.archive.bytes), 'the target holds other bytes than the archive')
    return
  }
  for (const sample of cargo.samples) {
    for (const { descriptor, repository } of slotsOf(sample)) {
      const bytes = await target.read(repository, descriptor)
      mustEqual(
        bytes && sha256(bytes),
        descriptor.digest,
        `${repository} does not hold ${descriptor.mediaType} ${descriptor.digest}`,
      )
    }
    for (const { slot, tags } of manifestSlots(sample)) {
      const names = await target.names(slot.repository)
      for (const tag of tags)
        mustEqual(names[tag], slot.descriptor.digest, `${slot.repository}:${tag} names something else`)
    }
  }
}

/** Brings so much of the cargo that a careless sink would show something. */
async function bringPart(delivery: Delivery, cargo: Cargo): Promise<void> {
  if (delivery.type === 'store') await bringToStore(delivery, cargo.samples, 'manifests')
  else await bring(delivery, cargo)
}

/** The error with which a delivery to refusing surroundings ends. */
async function refusal(bench: SinkBench, cargo: Cargo): Promise<unknown> {
  const { options, context } = await refusedBy(bench)
  return await mustFail(async () => {
    const survey = await bench.sink.survey(cargo.plan, options, context)
    const delivery = await bench.sink.open(cargo.plan, survey, options, context)
    try {
      await bring(delivery, cargo)
      await delivery.close()
    } catch (error) {
      await delivery.abort(error)
      throw error
    }
  }, 'a delivery to surroundings that refuse came to its end')
}
