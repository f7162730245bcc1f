import {
  artifactKinds,
  defineSink,
  existingPolicies,
  type Context,
  type DeliveryPlan,
  type PlannedArtifact,
  type Reference,
  type Slot,
  type StoreDelivery,
} from '@ropeway/core'
import { z } from 'zod'
import { surveyRegistries } from './survey.js'

const options = z.strictObject({
  existing: z
    .enum(existingPolicies)
    .describe(
      'What to do with a tag that holds other content: `skip` leaves it with one warning, `verify` and `fail` are errors, `overwrite` moves it. Equal content is never touched.',
    )
    .default('skip'),
})

/** Repositories of one host in which permission to write is proved, of different projects. */
const checkedProjects = 8
/** Commands that are suggested at the end. */
const suggestions = 3

/** Any registry that speaks the OCI distribution API. */
export const registrySink = defineSink<z.output<typeof options>>({
  name: 'registry',
  summary: 'Any OCI registry: images, charts and artifacts under the names that name transforms gave them.',
  options,
  accepts: artifactKinds,
  takes: 'store',
  async survey(plan, { existing }, context) {
    return { location: locationOf(plan), existing, ...(await surveyRegistries(plan, context)) }
  },
  async check(plan, _options, context) {
    const { signal } = context
    await Promise.all(
      projectsOf(plan).map(({ registry, repository }) =>
        context.registry(registry, 'sink').check(repository, 'push', { signal }),
      ),
    )
  },
  async open(plan, _survey, _options, context) {
    return delivery(plan, context)
  },
})

function delivery(plan: DeliveryPlan, context: Context): StoreDelivery {
  const { signal } = context
  const client = (slot: Slot) => context.registry(slot.registry, 'sink')
  return {
    type: 'store',
    // repositories come into being with their first blob
    prepare: async () => undefined,
    async missing(slots) {
      const there = await Promise.all(
        slots.map((slot) => client(slot).has(slot.repository, slot.descriptor, { signal })),
      )
      return slots.filter((_, index) => there[index] === false)
    },
    blob: (slot, content, { mount, signal: stop = signal }) =>
      client(slot).pushBlob(slot.repository, slot.descriptor, () => content.open(slot.descriptor, { signal: stop }), {
        mountFrom: mount,
        signal: stop,
      }),
    mount: (slot, from) => client(slot).mount(slot.repository, slot.descriptor, from, { signal }),
    manifest: (slot, manifest) =>
      client(slot).pushManifest(slot.repository, slot.descriptor.digest, manifest, { signal }),
    async tag(slot, manifest, tags) {
      for (const tag of tags) await client(slot).pushManifest(slot.repository, tag, manifest, { signal })
    },
    close: async () => ({ location: locationOf(plan), next: nextSteps(plan) }),
    // what arrived untagged stays: the next run finds it there
    abort: async () => undefined,
  }
}

function destinationsOf({ artifacts }: DeliveryPlan): readonly Reference[] {
  return artifacts.flatMap(({ destinations }) => destinations)
}

/** `host/prefix` for each host: the components that all its repositories begin with. */
function locationOf(plan: DeliveryPlan): string {
  const hosts = Map.groupBy(destinationsOf(plan), ({ registry }) => registry)
  const locations = [...hosts].map(([host, references]) => [host, ...sharedPath(references)].join('/'))
  return locations.length === 0 ? 'no registry' : locations.sort().join(', ')
}

function sharedPath(references: readonly Reference[]): string[] {
  const folders = references.map(({ repository }) => repository.split('/').slice(0, -1))
  const [first = [], ...others] = folders
  const end = first.findIndex((component, index) => others.some((folder) => folder[index] !== component))
  return end < 0 ? first : first.slice(0, end)
}

/** One repository of each host and project (the first component), for that is how registries give permission. */
function projectsOf(plan: DeliveryPlan): readonly Reference[] {
  const hosts = Map.groupBy(destinationsOf(plan), ({ registry }) => registry)
  return [...hosts.values()].flatMap((references) => {
    const projects = new Map(references.map((reference) => [reference.repository.split('/', 1)[0], reference]))
    return [...projects.values()].slice(0, checkedProjects)
  })
}

function nextSteps({ artifacts }: DeliveryPlan): string[] {
  return artifacts
    .filter(({ kind }) => kind === 'chart')
    .flatMap((chart) => chart.destinations.slice(0, 1).map((destination) => installCommand(chart, destination)))
    .slice(0, suggestions)
}

function installCommand({ name, version }: PlannedArtifact, { registry, repository, tag }: Reference): string {
  const wanted = version ?? tag?.replaceAll('_', '+')
  const flag = wanted === undefined ? '' : ` --version ${wanted}`
  return `helm install ${name} oci://${registry}/${repository}${flag}`
}
