import { artifactKinds, defineSink, existingPolicies } from '@ropeway/core'
import { checkedRepositories, planLocation, registryDelivery, surveyRegistries } from '@ropeway/distribution'
import { z } from 'zod'

const options = z.strictObject({
  existing: z
    .enum(existingPolicies)
    .describe(
      'What to do with a tag that holds other content: `skip` leaves it with one warning, `verify` and `fail` are errors, `overwrite` moves it. Equal content is never touched.',
    )
    .default('skip'),
})

/** Any registry that speaks the OCI distribution API. */
export const registrySink = defineSink<z.output<typeof options>>({
  name: 'registry',
  summary: 'Any OCI registry: images, charts and artifacts under the names that name transforms gave them.',
  options,
  accepts: artifactKinds,
  takes: 'store',
  async survey(plan, { existing }, context) {
    return { location: planLocation(plan), existing, ...(await surveyRegistries(plan, context)) }
  },
  async check(plan, _options, context) {
    const { signal } = context
    await Promise.all(
      checkedRepositories(plan).map(({ registry, repository }) =>
        context.registry(registry, 'sink').check(repository, 'push', { signal }),
      ),
    )
  },
  async open(plan, _survey, _options, context) {
    return registryDelivery(plan, context)
  },
})
