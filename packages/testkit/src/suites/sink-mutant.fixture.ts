import { defineSink, type Delivery, type Sink } from '@ropeway/core'
import { z } from 'zod'
import type { PaperSinkSetup } from '../paper/setups.js'
import type { SinkSetup } from './sink.js'

type Changes = Partial<Omit<Sink<unknown>, 'kind'>>

/** A paper sink with some of it replaced; `change` is shown the sink that keeps the contract. */
export function mutated<Service>(
  setup: PaperSinkSetup<Service>,
  change: (sink: Sink<unknown>, at: (options: unknown) => Service) => Changes,
): SinkSetup {
  const named = z.object({ service: z.string().optional(), disk: z.string().optional() })
  const at = (options: unknown): Service => {
    const { service, disk = '' } = named.parse(options)
    return setup.at(service ?? disk)
  }
  return { ...setup, adapter: defineSink({ ...setup.adapter, ...change(setup.adapter, at) }), patience: 40 }
}

type DeliveryOf<Type extends Delivery['type']> = Extract<Delivery, { readonly type: Type }>

/** A paper sink whose deliveries are changed. */
export function delivering<Service, Type extends Delivery['type']>(
  setup: PaperSinkSetup<Service>,
  type: Type,
  change: (delivery: DeliveryOf<Type>, service: Service) => Partial<DeliveryOf<Type>>,
): SinkSetup {
  return mutated(setup, (sink, at) => ({
    async open(plan, survey, options, context) {
      const delivery = await sink.open(plan, survey, options, context)
      if (delivery.type !== type) return delivery
      return { ...delivery, ...change(delivery as DeliveryOf<Type>, at(options)) }
    },
  }))
}

/** A paper sink whose surveys are changed. */
export function surveying<Service>(
  setup: PaperSinkSetup<Service>,
  change: (...args: Parameters<Sink<unknown>['survey']>) => object,
): SinkSetup {
  return mutated(setup, (sink) => ({
    survey: async (plan, options, context) => ({
      ...(await sink.survey(plan, options, context)),
      ...change(plan, options, context),
    }),
  }))
}

/** Where the paper file stands. */
export const path = 'kit-1.0.0.tar'
