import { describe, expect, it } from 'vitest'
import { hostsOf } from './hosts.js'

const step = (adapter: string, written: unknown) => ({ id: adapter, adapter, options: {}, written, directory: '/' })

describe('the hosts of a chain', () => {
  it('are those of references, addresses and destinations', () => {
    const chain = {
      sources: [
        step('oci', {
          references: ['a-b.example/app/web:1', 'localhost:5000/x@sha256:00', 'nginx', 'library/nginx:1.2'],
        }),
        step('helm', { repository: 'https://charts.example:8443/stable', chart: 'podinfo', version: '^6' }),
        step('helm', { chart: 'oci://oci.example/charts/x' }),
        step('tarball', null),
      ],
      transforms: [step('rewrite', { registry: 'a.b.example/mirror', map: { x: 'other.example/y' } })],
      sinks: [{ ...step('registry', {}), transforms: [step('rewrite', { registry: 'dr.example' })] }],
    }
    expect(hostsOf(chain)).toEqual([
      'a-b.example',
      'localhost:5000',
      'charts.example:8443',
      'oci.example',
      'a.b.example',
      'other.example',
      'dr.example',
    ])
  })
})
