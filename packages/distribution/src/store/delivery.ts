import {
  type Context,
  type DeliveryPlan,
  type PlannedArtifact,
  type Reference,
  type Registry,
  type Slot,
  type StoreDelivery,
} from '@ropeway/core'
import { planLocation } from './places.js'

/** Commands that are suggested at the end. */
const suggestions = 3

/** A client of the registry of this host; the default is the context's own. */
export type ClientOf = (host: string) => Registry

/** What a store sink does at registries that speak the distribution API. Sinks for certain registries replace parts of it. */
export function registryDelivery(
  plan: DeliveryPlan,
  context: Context,
  clientOf: ClientOf = (host) => context.registry(host, 'sink'),
): StoreDelivery & Required<Pick<StoreDelivery, 'mount'>> {
  const { signal } = context
  const client = (slot: Slot) => clientOf(slot.registry)
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
    close: async () => ({ location: planLocation(plan), next: nextSteps(plan) }),
    // what arrived untagged stays: the next run finds it there
    abort: async () => undefined,
  }
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
