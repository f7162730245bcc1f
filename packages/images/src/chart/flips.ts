import { GoMap, GoSlice, listType, mapType, type Value as GoValue } from '@ropeway/gotemplate'
import { deepCopy, mergeUserValues } from '@ropeway/helm'
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

/** A path as `--set` takes it: keys joined by dots, `[0]` for items. */
export function setPath(keys: Path): string {
  return keys
    .map((key, at) =>
      typeof key === 'number' ? `[${String(key)}]` : `${at === 0 ? '' : '.'}${key.replaceAll(/[\\.=[\],]/g, '\\$&')}`,
    )
    .join('')
}

export function asSwitch(flips: readonly Flip[]): Switch {
  const apis = flips.flatMap((flip) => (flip.kind === 'api' ? [flip.version] : []))
  return Object.fromEntries([
    ...flips.flatMap((flip) => (flip.kind === 'value' ? [[setPath(flip.keys), flip.value] as const] : [])),
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
  return setJson.length === 0 ? settings : { ...settings, values: { ...values, setJson: [...setJson, ...(values.setJson ?? [])] } }
}

function escaped(text: string): string {
  return text.replaceAll(/[\\,{}]/g, '\\$&')
}

/** The user's values with changes. `values` is not changed. */
export function flipped(values: GoMap, flips: readonly Flip[]): GoMap {
  const copy = deepCopy(values)
  const root = copy instanceof GoMap && !copy.isNil ? copy : new GoMap(mapType, new Map())
  for (const flip of flips) if (flip.kind === 'value') put(root, flip.keys, flip.value)
  return root
}

export function userValues(settings: RenderSettings): GoMap {
  return mergeUserValues(settings.values ?? {})
}

function put(root: GoMap, keys: Path, value: GoValue): void {
  let at: GoMap | GoSlice = root
  for (const [index, key] of keys.entries()) {
    const next = keys[index + 1]
    const child: GoValue = next === undefined ? value : descend(at, key, typeof next === 'number')
    if (at instanceof GoMap) at.entries.set(String(key), child)
    else at.items[Number(key)] = child
    if (!(child instanceof GoMap) && !(child instanceof GoSlice)) return
    at = child
  }
}

/** The map or list below a key, a new one when there is another kind of value or none. */
function descend(at: GoMap | GoSlice, key: string | number, list: boolean): GoMap | GoSlice {
  const present = at instanceof GoMap ? at.entries.get(String(key)) : at.items[Number(key)]
  if (list) return present instanceof GoSlice && !present.isNil ? present : new GoSlice(listType, [])
  return present instanceof GoMap && !present.isNil ? present : new GoMap(mapType, new Map())
}
