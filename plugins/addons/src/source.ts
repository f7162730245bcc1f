import { defineSource } from '@ropeway/core'
import { addonSkipped } from '@ropeway/helm'
import { reopenAddon } from './access.js'
import { inputDigests, listAddons, loadOverrides } from './files.js'
import { type AddonsOptions, addonsOptions } from './options.js'
import { resolveAddons } from './resolve.js'

/** The charts of a platform's addons, as a GitOps values file or catalogs list them. */
export const addonsSource = defineSource<AddonsOptions>({
  name: 'addons',
  summary: 'Charts of the addons in a GitOps values file or in catalogs.',
  shorthand: 'values',
  options: addonsOptions,
  async *resolve(options, context) {
    context.signal.throwIfAborted()
    const { addons, skipped } = await listAddons(options, context)
    for (const { name, reason, place } of skipped) context.log.warn(addonSkipped(name, reason, place))
    const overrides = await loadOverrides(options, context)
    yield* await resolveAddons(addons, options, overrides, context)
  },
  reopen: reopenAddon,
  inputs: inputDigests,
})
