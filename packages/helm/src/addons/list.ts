import type { AddonList } from './addon.js'
import { readCatalogs, type CatalogFile } from './catalog.js'
import { selectAddons, type AddonFilters } from './select.js'
import { readAddonValues } from './values.js'

/** Where addons stand: in a values file, or in catalogs. */
export type AddonFiles = { readonly values: CatalogFile } | { readonly catalogs: readonly CatalogFile[] }

/** The addons of a values file or of catalogs that filters keep. Throws what reading and selecting them throws. */
export function readAddonList(files: AddonFiles, filters: AddonFilters): AddonList {
  if ('values' in files) {
    const { addons, skipped } = readAddonValues(files.values.text, files.values.name)
    return { addons: selectAddons(addons, filters, 'chart'), skipped }
  }
  const { addons, skipped } = readCatalogs(files.catalogs)
  return { addons: selectAddons(addons, filters, 'release'), skipped }
}
