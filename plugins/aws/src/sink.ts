import { artifactKinds, defineSink } from '@ropeway/core'
import { planLocation } from '@ropeway/distribution'
import { checkEcr } from './check.js'
import { ecrDelivery } from './delivery.js'
import { ecrHoldings } from './holdings.js'
import { refusalsOf } from './limits.js'
import { EcrOptions } from './options.js'
import { ownRegistry } from './own.js'
import { createRegistries } from './registries.js'
import { surveyEcr } from './survey.js'

/** Registries of Amazon ECR: like any registry, with repositories that have to be created and rates that have to be kept. */
export const ecrSink = defineSink<EcrOptions>({
  name: 'ecr',
  summary: 'Registries of Amazon ECR: creates repositories with their settings, and keeps to ECR’s rates and limits.',
  shorthand: 'registry',
  options: EcrOptions,
  accepts: artifactKinds,
  takes: 'store',
  async survey(plan, options, context) {
    context.signal.throwIfAborted()
    const registries = createRegistries(options, context)
    const refusals = refusalsOf(plan, registries.registry)
    for (const { code, message, about, hint } of refusals.all()) context.log.warn({ code, message, about, hint })
    const found = await surveyEcr(plan, registries, refusals, context)
    return { location: planLocation(plan), existing: options.existing, ...found }
  },
  async check(plan, options, context) {
    context.signal.throwIfAborted()
    const registries = createRegistries(options, context)
    await checkEcr(plan, registries, refusalsOf(plan, registries.registry), context)
  },
  async open(plan, survey, options, context) {
    const registries = createRegistries(options, context)
    return ecrDelivery(plan, survey, options, registries, refusalsOf(plan, registries.registry), context)
  },
  registry: (options, context) => ownRegistry(options, context),
  prune: async (place, options, context) =>
    ecrHoldings(place ?? (await ownRegistry(options, context)), options, context),
})
