import { GoMap } from '@ropeway/gotemplate'
import { formatValuesPath, mergeUserValues, withValue } from '@ropeway/helm'
import type { Path } from '../path.js'
import type { RenderSettings, Switch } from './types.js'

/** One change of what a chart is rendered with. */
export type Flip =
  | { readonly kind: 'value'; readonly keys: Path; readonly value: boolean | number | string }
  /** An API version that the cluster knows. */
  | { readonly kind: 'api'; readonly version: string }
  | { readonly kind: 'upgrade' }

/** Keys of a switch that are no values but flags of `helm template`. */
export const apiVersionsKey = '--api-versions'
export const upgradeKey = '--is-upgrade'

export function asSwitch(flips: readonly Flip[]): Switch {
  const apis = flips.flatMap((flip) => (flip.kind === 'api' ? [flip.version] : []))
  return Object.fromEntries([
    ...flips.flatMap((flip) => (flip.kind === 'value' ? [[formatValuesPath(flip.keys), flip.value] as const] : [])),
    ...(apis.length === 0 ? [] : [[apiVersionsKey, apis.join(',')] as const]),
    ...(flips.some(({ kind }) => kind === 'upgrade') ? [[upgradeKey, true] as const] : []),
  ])
}

/** The settings with a switch flipped, over what the user set. */
export function withSwitch(settings: RenderSettings, flip: Switch): RenderSettings {
  const entries = Object.entries(flip).filter(([path]) => !path.startsWith('--'))
  const { values = {}, capabilities = {}, release = {} } = settings
  const apis = flip[apiVersionsKey]
  return {
    ...settings,
    release: flip[upgradeKey] === true ? { ...release, isUpgrade: true } : release,
    capabilities:
      typeof apis === 'string'
        ? { ...capabilities, apiVersions: [...(capabilities.apiVersions ?? []), ...apis.split(',')] }
        : capabilities,
    values: {
      ...values,
      set: [
        ...(values.set ?? []),
        ...entries.filter(([, value]) => typeof value !== 'string').map(([path, value]) => `${path}=${String(value)}`),
      ],
      setString: [
        ...(values.setString ?? []),
        ...entries.flatMap(([path, value]) => (typeof value === 'string' ? [`${path}=${escaped(value)}`] : [])),
      ],
    },
  }
}

/** The settings with values that a chart requires and that the user did not give; see `Discovery.filled`. */
export function withFilled(settings: RenderSettings, filled: Readonly<Record<string, unknown>>): RenderSettings {
  const { values = {} } = settings
  const setJson = Object.entries(filled).map(([path, value]) => `${path}=${JSON.stringify(value)}`)
  return setJson.length === 0
    ? settings
    : { ...settings, values: { ...values, setJson: [...setJson, ...(values.setJson ?? [])] } }
}

function escaped(text: string): string {
  return text.replaceAll(/[\\,{}]/g, '\\$&')
}

/** The user's values with changes. `values` is not changed. */
export function flipped(values: GoMap, flips: readonly Flip[]): GoMap {
  let changed: GoMap = values
  for (const flip of flips) {
    if (flip.kind !== 'value') continue
    const next = withValue(changed, flip.keys, flip.value)
    if (next instanceof GoMap) changed = next
  }
  return changed
}

export function userValues(settings: RenderSettings): GoMap {
  return mergeUserValues(settings.values ?? {})
}

/** Of several flips of one value the last counts. */
export function distinct(flips: readonly Flip[]): readonly Flip[] {
  const byPlace = new Map(
    flips.map((flip) => [flip.kind === 'value' ? JSON.stringify(flip.keys) : JSON.stringify(flip), flip]),
  )
  return [...byPlace.values()]
}
