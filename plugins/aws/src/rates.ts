import { createPacer, type Pacer } from '@ropeway/distribution'
import type { EcrRegistry } from './hosts.js'

/** Per second, a little below what ECR allows an account in a region. */
const rates: Readonly<Record<string, number>> = {
  BatchCheckLayerAvailability: 800,
  BatchGetImage: 1600,
  GetAuthorizationToken: 160,
  InitiateLayerUpload: 80,
  PutImage: 8,
}
/** Of the public gallery, where they are lower. */
const publicRates: Readonly<Record<string, number>> = {
  ...rates,
  BatchCheckLayerAvailability: 160,
  InitiateLayerUpload: 8,
}
/** Of actions whose limits ECR does not publish. */
const gentle = 10

/** Holds actions at a registry to the rates of ECR. */
export function ecrPacer(kind: EcrRegistry['kind'], signal: AbortSignal): Pacer {
  const known = kind === 'public' ? publicRates : rates
  return createPacer({ signal, limitOf: (action) => known[action] ?? gentle })
}
