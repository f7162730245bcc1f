import type { ChartSettings } from '@ropeway/core'
import type { RenderSettings } from '@ropeway/images'
import type { DiscoverStep } from '../chain/chain.js'

/** What the chain says of all charts, and over it what it says of this one. */
export function settingsFor(
  own: ChartSettings | undefined,
  { kubeVersion, apiVersions }: Pick<DiscoverStep, 'kubeVersion' | 'apiVersions'>,
): ChartSettings | undefined {
  const shared = {
    ...(kubeVersion === undefined ? {} : { kubeVersion }),
    ...(apiVersions.length === 0 ? {} : { apiVersions }),
  }
  const settings = { ...shared, ...own }
  return Object.keys(settings).length === 0 ? undefined : settings
}

/** Settings of a lock as rendering takes them. */
export function renderSettings(settings: ChartSettings = {}): RenderSettings {
  const { name, namespace, kubeVersion, apiVersions, values, set, setString, setJson } = settings
  return {
    release: { name, namespace },
    capabilities: { kubeVersion, apiVersions },
    values: { files: values, set, setString, setJson },
  }
}
