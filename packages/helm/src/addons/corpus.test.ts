import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { corpusFile, hasCorpus } from '../cases.fixture.js'
import { chartAddresses } from './addresses.js'
import { catalogText, readCatalogs } from './catalog.js'
import { readOverrides } from './overrides.js'
import { selectAddons } from './select.js'
import { readAddonValues } from './values.js'

const there = hasCorpus('a real values file of addons')
const read = (name: string) => readFileSync(corpusFile(`inputs/${name}`), 'utf8')

describe.runIf(there)('the addons of a real values file', () => {
  const { addons, skipped } = readAddonValues(there ? read('addons-values.yaml') : '', 'addons-values.yaml')

  it('are 61, of which 16 are on registries without a scheme', () => {
    expect(addons).toHaveLength(61)
    expect(addons.filter(({ repository }) => !repository.includes('://'))).toHaveLength(16)
  })

  it('are skipped by name where they come from git', () => {
    expect(skipped.map(({ name }) => name)).toEqual(['adot_collector', 'cw_prometheus', 'eks_upgrade_insights_demo'])
    expect(skipped.every(({ reason }) => reason.includes('git'))).toBe(true)
  })

  it('are looked for where their repository says', () => {
    const first = (name: string) => chartAddresses(addons.find((addon) => addon.name === name) ?? expect.fail(name))[0]
    expect(first('karpenter')).toEqual({ type: 'registry', location: 'oci://public.ecr.aws/karpenter/karpenter' })
    expect(first('grafana_operator')).toEqual({
      type: 'registry',
      location: 'oci://ghcr.io/grafana/helm-charts/grafana-operator',
    })
    expect(first('keda')).toEqual({
      type: 'repository',
      repository: 'https://kedacore.github.io/charts',
      chart: 'keda',
    })
  })

  it('stay the same through a catalog, where releases are unique', () => {
    const { text, renamed } = catalogText(addons)
    expect(renamed).toEqual([{ name: 'ack_iam', release: 'ack-eks', now: 'ack-iam' }])
    const again = readCatalogs([{ name: 'catalog.yaml', text }]).addons
    // argo-cd stands three times as one release
    expect(again).toHaveLength(59)
    const places = (list: typeof addons) => new Set(list.map((addon) => JSON.stringify(chartAddresses(addon)[0])))
    expect(places(again)).toEqual(places(addons))
  })

  it('are selected by chart', () => {
    expect(selectAddons(addons, { only: ['ARGO-CD'] }, 'chart')).toHaveLength(3)
    expect(selectAddons(addons, { only: ['karpenter/karpenter,keda'], exclude: ['Keda'] }, 'chart')).toHaveLength(1)
  })

  it('have overrides of their own', () => {
    const overrides = readOverrides(read('chart-overrides.yaml'), 'chart-overrides.yaml')
    expect([...overrides.keys()]).toHaveLength(6)
    expect(overrides.get('karpenter')).toBe(
      'settings:\n  clusterEndpoint: https://placeholder\n  clusterName: placeholder\n',
    )
  })
})
