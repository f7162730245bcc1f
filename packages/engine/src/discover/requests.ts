import { isFailure, type Artifact, type ArtifactClass, type Context, type Failure } from '@ropeway/core'
import { resolveReferences } from '@ropeway/distribution'
import { formatReference } from '@ropeway/oci'
import type { Switch } from '@ropeway/images'
import type { SourceStep } from '../chain/chain.js'
import { placeOf, type Decided } from './travel.js'

/** An artifact by what users call it. */
interface Head {
  readonly id: string
  readonly kind: string
  readonly name: string
}

/** Who wants an image, and why. */
export interface Wish {
  /** Written out. */
  readonly canonical: string
  readonly class: ArtifactClass
  readonly reason: string
  /** Id of a chart, or a place in a manifest. */
  readonly requiredBy: readonly string[]
  /** The charts and manifests that want it. */
  readonly by: readonly Head[]
  /** The step that brought the chart or manifests. */
  readonly step: SourceStep
  /** It travels only when its registry has it. */
  readonly ask: boolean
}

/** All wishes for one image, the strongest class first. */
export interface Request extends Wish {
  readonly steps: readonly SourceStep[]
}

const strength: readonly ArtifactClass[] = ['declared', 'used', 'optional', 'suspected']

/** What a chart or manifests want, of what was decided. */
export function wishesOf(by: Head, decided: readonly Decided[], step: SourceStep): Wish[] {
  const { id, kind } = by
  return decided.flatMap(({ image, canonical, decision }): Wish[] => {
    if (canonical === undefined || decision === 'excluded' || decision === 'stays') return []
    const places = [...new Set(image.provenance.map(placeOf))]
    return [
      {
        canonical,
        class: image.class,
        reason: reasonOf(image, kind),
        requiredBy: kind === 'chart' || places.length === 0 ? [id] : places,
        by: [by],
        step,
        ask: decision === 'ask',
      },
    ]
  })
}

function reasonOf({ class: own, switch: flipped, reason }: Decided['image'], kind: string): string {
  if (own === 'optional') return `it appears with ${switchText(flipped)}`
  if (own === 'suspected') return reason ?? 'a string that looks like an image'
  return kind === 'chart' ? 'the chart renders it' : 'an image field of a manifest names it'
}

/** `metrics.enabled=true, provider=aws` */
export function switchText(flipped: Switch = {}): string {
  return Object.entries(flipped)
    .map(([path, value]) => `${path}=${String(value)}`)
    .join(', ')
}

/** One request an image, in the order in which they were first wished for. */
export function merged(wishes: readonly Wish[]): Request[] {
  const requests = new Map<string, Request>()
  for (const wish of wishes) {
    const known = requests.get(wish.canonical)
    if (known === undefined) {
      requests.set(wish.canonical, { ...wish, steps: [wish.step] })
      continue
    }
    const stronger = strength.indexOf(wish.class) < strength.indexOf(known.class) ? wish : known
    requests.set(wish.canonical, {
      ...known,
      class: stronger.class,
      reason: stronger.reason,
      requiredBy: [...new Set([...known.requiredBy, ...wish.requiredBy])],
      by: [...known.by, ...wish.by],
      steps: [...known.steps, wish.step],
      ask: known.ask && wish.ask,
    })
  }
  return [...requests.values()]
}

/** Asks the registries for each request; by canonical reference an artifact or a failure. */
export async function ask(
  requests: readonly Request[],
  referrers: boolean,
  context: Context,
): Promise<ReadonlyMap<string, Artifact | Failure>> {
  const answers = new Map<string, Artifact | Failure>()
  const references = requests.map(({ canonical }) => ({ reference: canonical }))
  for await (const item of resolveReferences(references, context, { referrers })) {
    const { reference } = isFailure(item) ? { reference: undefined } : item.source
    answers.set(isFailure(item) || reference === undefined ? nameOf(item) : formatReference(reference), item)
  }
  return answers
}

function nameOf(item: Artifact | Failure): string {
  return isFailure(item) ? item.about : item.name
}
