import { artifactKinds, existingPolicies, messageOf, slotKey, type Delivery, type Survey } from '@ropeway/core'
import { formatReference, isDigest, sha256 } from '@ropeway/oci'
import { must, mustEqual, mustFail } from './case.js'
import { isStop, mustTell } from './facts.js'
import { leavesGlobals } from './globals.js'
import { parseOptions, settles, stoppedSignal } from './setup.js'
import {
  bring,
  bringToStore,
  manifestSlots,
  sinkCase,
  slotsOf,
  storeTarget,
  type Cargo,
  type SinkBench,
} from './sink-bench.js'
import { watchContext } from './watch.js'

/** Clauses on what a sink tells before anything moves. */
export const surveyCases = [
  sinkCase(
    'declares',
    'A sink MUST accept known kinds of artifacts, each once, and open MUST give a delivery of the type that it takes.',
    async (bench) => {
      const { accepts, takes } = bench.sink
      must(accepts.length > 0 && new Set(accepts).size === accepts.length, 'it accepts no kind, or one twice')
      for (const kind of accepts) must(artifactKinds.includes(kind), `it accepts the unknown kind "${kind}"`)
      mustEqual(bench.world.target.type, takes, 'the target of the setup is of another type than the sink takes')
      const { delivery } = await bench.open((await bench.cargo()).plan)
      await delivery.abort('the kit looked only')
      mustEqual(delivery.type, takes, 'open gave a delivery of another type')
    },
  ),
  sinkCase(
    'survey-reads-only',
    'survey MUST NOT change the target, and MUST tell the same when it is asked again.',
    async (bench) => {
      const cargo = await bench.cargo()
      const before = await bench.visible(cargo)
      const watch = await bench.watch()
      const first = await bench.sink.survey(cargo.plan, await bench.options(), watch.context)
      const second = await bench.survey(cargo.plan)
      mustEqual(await bench.visible(cargo), before, 'survey changed what is visible at the target')
      mustEqual(watch.writes, [], 'survey wrote to a registry')
      mustEqual(steady(second), steady(first), 'the second survey told something else')
    },
  ),
  sinkCase(
    'survey-facts',
    'A survey MUST name its location, known policies, artifacts of the plan, valid digests and sizes, and no slot twice.',
    async (bench) => {
      const cargo = await bench.cargo()
      checkSurvey(await bench.survey(cargo.plan), cargo)
      await bench.deliver(cargo)
      checkSurvey(await bench.survey(cargo.plan), cargo)
    },
  ),
  sinkCase(
    'survey-names',
    'A survey MUST tell what the names of the plan hold at the target: nothing at first, then the digest that was delivered.',
    async (bench) => {
      const cargo = await bench.cargo()
      mustEqual(namesIn(await bench.survey(cargo.plan)), {}, 'the survey of an empty target tells names')
      await bench.deliver(cargo)
      const wanted: Record<string, string> = {}
      for (const { planned } of cargo.samples) {
        for (const destination of planned.destinations) wanted[formatReference(destination)] = planned.root.digest
      }
      mustEqual(namesIn(await bench.survey(cargo.plan)), wanted, 'after a delivery the survey tells other names')
      const other = await bench.cargo(2)
      mustEqual(
        namesIn(await bench.survey(other.plan)),
        wanted,
        'of a plan with other content under these names it tells others',
      )
    },
    { only: 'store' },
  ),
  sinkCase(
    'survey-content',
    'What a survey tells as present MUST be at the target, and what it tells as missing MUST NOT.',
    async (bench) => {
      const cargo = await bench.cargo()
      const target = storeTarget(bench)
      const compare = async (): Promise<void> => {
        const { present = new Set(), missing = new Set() } = await bench.survey(cargo.plan)
        for (const slot of cargo.samples.flatMap(slotsOf)) {
          const there = (await target.read(slot.repository, slot.descriptor)) !== undefined
          must(there || !present.has(slotKey(slot)), `${slotKey(slot)} is told as present, and is not there`)
          must(!there || !missing.has(slotKey(slot)), `${slotKey(slot)} is told as missing, and is there`)
        }
      }
      await compare()
      await bench.deliver(cargo)
      await compare()
    },
    { only: 'store' },
  ),
  sinkCase(
    'survey-complete',
    'A survey MUST tell `complete` when the target holds exactly the archive of the plan, and only then.',
    async (bench) => {
      const cargo = await bench.cargo()
      must((await bench.survey(cargo.plan)).complete !== true, 'the survey of an empty target tells `complete`')
      await bench.deliver(cargo)
      must(
        (await bench.survey(cargo.plan)).complete === true,
        'after a delivery the survey of its plan does not tell `complete`',
      )
      const other = await bench.cargo(2)
      must((await bench.survey(other.plan)).complete !== true, 'the survey of another plan tells `complete`')
    },
    { only: 'bytes' },
  ),
  sinkCase(
    'survey-stops',
    'When the signal of the context is aborted, survey MUST reject with its reason.',
    async (bench) => {
      const { plan } = await bench.cargo()
      const { context } = await bench.watch(stoppedSignal())
      const options = await bench.options()
      const error = await mustFail(() => bench.sink.survey(plan, options, context), 'a stopped survey told something')
      must(isStop(error), `a stopped survey ended with another error: ${messageOf(error)}`)
    },
  ),
  sinkCase(
    'check-leaves-no-trace',
    'check MUST resolve where a delivery is possible, and leave no trace.',
    async (bench) => {
      const cargo = await bench.cargo()
      const before = await bench.visible(cargo)
      const { context } = await bench.watch()
      must(bench.sink.check !== undefined, 'the sink has no `check`; if it needs none, declare `check: false`')
      await bench.sink.check(cargo.plan, await bench.options(), context)
      mustEqual(await bench.visible(cargo), before, 'check left something at the target')
    },
    { needs: 'check' },
  ),
  sinkCase(
    'check-refuses',
    'check MUST reject with an error of the side "sink" where a delivery is not possible.',
    async (bench) => {
      const { plan } = await bench.cargo()
      const { options, context } = await refusedBy(bench)
      const error = await mustFail(
        async () => bench.sink.check?.(plan, options, context),
        'check sees nothing wrong where nothing can be delivered',
      )
      mustTell(error, ['sink', 'chain'])
    },
    { needs: 'check' },
  ),
]

/** Clauses on every delivery, of whatever type. */
export const deliveryCases = [
  sinkCase('delivers', 'After close, what was delivered MUST be at the target, byte for byte.', async (bench) => {
    const cargo = await bench.cargo()
    await bench.deliver(cargo)
    await checkDelivered(bench, cargo)
  }),
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
    'Where nothing can be delivered, a delivery MUST reject with a RopewayError of the side "sink", a code and a hint, and show nothing.',
    async (bench) => {
      const cargo = await bench.cargo()
      const before = await bench.visible(cargo)
      mustTell(await refusal(bench, cargo), ['sink', 'chain'])
      mustEqual(await bench.visible(cargo), before, 'a refused delivery is visible')
    },
  ),
  sinkCase('no-secrets', 'No survey, closing or error MUST hold a secret.', async (bench) => {
    const cargo = await bench.cargo()
    const opened = await bench.open(cargo.plan)
    await bring(opened.delivery, cargo)
    const closing = await opened.delivery.close()
    const refused = await refusal(bench, cargo)
    const { location, notes, names } = opened.survey
    const texts = [JSON.stringify([closing, location, notes, names]), messageOf(refused), JSON.stringify(refused)]
    const secrets = [...opened.watch.secrets, ...(bench.world.secrets ?? [])]
    must(
      !secrets.some((secret) => texts.some((text) => text.includes(secret))),
      'a survey, closing or error holds a secret',
    )
  }),
  sinkCase('asks-as-sink', 'A sink MUST ask for hosts and credentials in the role "sink".', async (bench) => {
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

/** The survey without what may change by itself between two questions. */
function steady({ space: _space, ...survey }: Survey): unknown {
  return survey
}

function namesIn({ names = [] }: Survey): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map(({ destination, digest }) => [formatReference(destination), digest]))
}

function checkSurvey(survey: Survey, { plan }: Cargo): void {
  const {
    location,
    names = [],
    present = new Set<string>(),
    missing = new Set<string>(),
    space,
    existing = 'skip',
  } = survey
  must(location.trim() !== '', 'the survey has no location')
  must(existingPolicies.includes(existing), `the survey tells the unknown policy "${existing}"`)
  const ids = new Set(plan.artifacts.map(({ id }) => id))
  for (const { id, digest } of names) {
    must(ids.has(id), `the survey tells the name of "${id}", which is not in the plan`)
    must(isDigest(digest), `the survey tells the digest "${digest}"`)
  }
  mustEqual([...present.intersection(missing)], [], 'these slots are told as present and as missing')
  for (const size of space === undefined ? [] : [space.free, space.needed]) {
    must(Number.isFinite(size) && size >= 0, `the survey tells a space of ${size} bytes`)
  }
}

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

async function refusedBy(bench: SinkBench) {
  const { refused, context, options } = bench.world
  must(
    refused.options !== undefined || refused.context !== undefined,
    'the setup has neither options nor a context in `refused`',
  )
  const watch = watchContext(await (refused.context === undefined ? context() : refused.context()))
  return { watch, context: watch.context, options: await parseOptions(bench.sink.options, refused.options ?? options) }
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
