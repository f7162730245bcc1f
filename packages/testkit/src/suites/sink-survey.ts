import { artifactKinds, existingPolicies, messageOf, slotKey, type Survey } from '@ropeway/core'
import { formatReference, isDigest } from '@ropeway/oci'
import { must, mustEqual, mustFail } from './case.js'
import { isStop, mustTell } from './facts.js'
import { stoppedSignal } from './setup.js'
import { refusedBy, sinkCase, slotsOf, storeTarget, type Cargo } from './sink-bench.js'

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
      const before = await bench.traces(cargo)
      const watch = await bench.watch()
      const first = await bench.sink.survey(cargo.plan, await bench.options(), watch.context)
      const second = await bench.survey(cargo.plan)
      mustEqual(await bench.traces(cargo), before, 'survey changed the target')
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
      const before = await bench.traces(cargo)
      const { context } = await bench.watch()
      must(bench.sink.check !== undefined, 'the sink has no `check`; if it needs none, declare `check: false`')
      await bench.sink.check(cargo.plan, await bench.options(), context)
      mustEqual(await bench.traces(cargo), before, 'check left something at the target')
    },
    { needs: 'check' },
  ),
  sinkCase(
    'check-refuses',
    'check MUST reject where a delivery is not possible, with a RopewayError of the side sink or chain that has a hint.',
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
