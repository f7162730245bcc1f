import * as Flags from '@oclif/core/flags'

const several = { multiple: true, multipleNonGreedy: true } as const
const group = { helpGroup: 'ADDONS' } as const

const addonFilters = {
  exclude: Flags.string({
    ...several,
    ...group,
    description: 'leave out the addon of this chart, or release with --catalog; wins over --only',
    helpValue: 'NAME[,...]',
  }),
}

/** In place of a chain: the addons of a values file, or of catalogs, and where they go. */
export const addonsFlags = {
  values: Flags.string({
    ...group,
    description: 'in place of a chain: the addons of a GitOps values file; --only then names charts',
    helpValue: 'FILE',
  }),
  catalog: Flags.string({
    ...several,
    ...group,
    description: 'in place of a chain: the addons of a catalog; --only then names releases',
    helpValue: 'FILE',
  }),
  to: Flags.string({
    ...group,
    description: 'registry that addons go to; a prefix is for images and charts',
    helpValue: 'HOST[/prefix]',
  }),
  ...addonFilters,
  latest: Flags.boolean({ ...group, description: 'the newest stable versions, in place of those that are written' }),
  'exclude-dependencies': Flags.boolean({
    ...group,
    description: 'carry charts without their dependencies; library charts stay',
  }),
  overrides: Flags.string({
    ...group,
    description: 'values that charts are rendered with; the default is ./chart-overrides.yaml, if it is there',
    helpValue: 'FILE',
  }),
  'embed-overrides': Flags.boolean({ ...group, description: 'make the overrides the charts’ own defaults' }),
  'target-prefix': Flags.string({
    ...group,
    description: 'path before images, and not before charts',
    helpValue: 'PATH',
  }),
  'chart-prefix': Flags.string({ ...group, description: 'path before charts', helpValue: 'PATH' }),
}

export const partialFlag = {
  partial: Flags.boolean({
    ...group,
    description: 'write what there is when addons fail; the lock says which are absent',
  }),
}
