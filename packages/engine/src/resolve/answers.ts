import {
  artifactKinds,
  relocationModes,
  type Artifact,
  type Delivery,
  type Failure,
  type Survey,
  type Transform,
} from '@ropeway/core'
import { isDigest } from '@ropeway/oci'
import { z } from 'zod'
import * as errors from '../errors.js'
import type { Asked } from './guard.js'

const Callable = z.custom<object>((value) => typeof value === 'function', 'a function is expected')

const ReferenceAnswer = z.looseObject({ registry: z.string(), repository: z.string() })

const ArtifactAnswer = z.looseObject({
  kind: z.enum(artifactKinds),
  name: z.string().min(1),
  version: z.string().optional(),
  source: z.looseObject({ location: z.string() }),
  root: z.looseObject({
    mediaType: z.string(),
    digest: z.string().refine(isDigest, 'it is no digest that can be verified'),
    size: z.number().int().nonnegative(),
  }),
  content: z.looseObject({ open: Callable }),
  naming: z.looseObject({ path: z.string(), tags: z.array(z.string()) }),
  destinations: z.array(ReferenceAnswer).optional(),
  relocation: z.enum(relocationModes).optional(),
})
const ItemAnswer = z.union([z.looseObject({ about: z.string(), error: z.unknown() }), ArtifactAnswer])

const FindingAnswer = z.looseObject({
  severity: z.enum(['warning', 'error']),
  code: z.string(),
  message: z.string(),
  concerns: z
    .array(
      z.looseObject({ kind: z.enum(artifactKinds), name: z.string(), root: z.looseObject({ digest: z.string() }) }),
    )
    .optional(),
})
const TransformAnswer = z.looseObject({ artifacts: z.array(ArtifactAnswer), findings: z.array(FindingAnswer) })

const SurveyAnswer = z.looseObject({
  location: z.string(),
  names: z.array(z.looseObject({ id: z.string(), destination: ReferenceAnswer, digest: z.string() })).optional(),
  present: z.set(z.string()).optional(),
  missing: z.set(z.string()).optional(),
  space: z.looseObject({ free: z.number(), needed: z.number() }).optional(),
})

const ending = { close: Callable, abort: Callable }
const DeliveryAnswer = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('artifacts'), ...ending, put: Callable }),
  z.looseObject({ type: z.literal('bytes'), ...ending, stored: Callable, write: Callable, seal: Callable }),
  z.looseObject({
    type: z.literal('store'),
    ...ending,
    prepare: Callable,
    missing: Callable,
    blob: Callable,
    manifest: Callable,
    tag: Callable,
  }),
])

/** What an adapter answered, as it is, when it has the shape that the contract wants; else `ADAPTER_ANSWER_INVALID`. */
function checked<T>(asked: Asked, schema: z.ZodType, answer: T): T {
  const result = schema.safeParse(answer)
  if (result.success) return answer
  const what = result.error.issues.map(({ message, path }) =>
    path.length === 0 ? message : `${message} at ${path.join('.')}`,
  )
  throw errors.adapterAnswerInvalid(asked.kind, asked.adapter, asked.operation, what.join('; '), asked.place)
}

/** An item of a source's `resolve`. A compiler checks adapters, but not all of them met one. */
export const checkItem = (asked: Asked, item: Artifact | Failure) =>
  checked(asked, isFailureLike(item) ? ItemAnswer : ArtifactAnswer, item)

function isFailureLike(item: unknown): boolean {
  return typeof item === 'object' && item !== null && 'error' in item
}

export const checkTransformed = (asked: Asked, answer: Awaited<ReturnType<Transform<unknown>['apply']>>) =>
  checked(asked, TransformAnswer, answer)

export const checkSurvey = (asked: Asked, survey: Survey) => checked(asked, SurveyAnswer, survey)

export const checkDelivery = (asked: Asked, delivery: Delivery) => checked(asked, DeliveryAnswer, delivery)
