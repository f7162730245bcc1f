import { existingPolicies, slotKey, type PlannedArtifact, type Reference, type Survey } from '@ropeway/core'
import { sampleFor } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { decideNames, slotsOf } from './decide.js'

const first = { registry: 'to.test', repository: 'app/web', tag: '1' }
const second = { registry: 'to.test', repository: 'mirror/web', tag: '1' }
const artifact: PlannedArtifact = { ...sampleFor('image', 1, first).planned, destinations: [first, second] }
const other = `sha256:${'0'.repeat(64)}`

function held(destination: Reference, digest: string): Survey {
  return { location: 'there', names: [{ id: artifact.id, destination, digest }] }
}

function actions(survey: Survey, existing: (typeof existingPolicies)[number] = 'skip'): string[] {
  return decideNames([artifact], survey, existing).names.map(({ destination, action }) => `${destination} ${action}`)
}

describe('a name at the destination', () => {
  it('is given where it is free', () => {
    for (const existing of existingPolicies) {
      expect(actions({ location: 'there' }, existing)).toEqual([
        'to.test/app/web:1 deliver',
        'to.test/mirror/web:1 deliver',
      ])
    }
  })
  it('is left where it holds the same, whatever the policy', () => {
    for (const existing of existingPolicies) {
      const decisions = decideNames([artifact], held(second, artifact.root.digest), existing)
      expect(decisions.names.map(({ action }) => action)).toEqual(['deliver', 'present'])
      expect([...decisions.warnings, ...decisions.errors]).toEqual([])
    }
  })
  it('is kept with one warning, refused or replaced where it holds something else', () => {
    const survey = held(first, other)
    expect(decideNames([artifact], survey, 'skip')).toMatchObject({
      names: [{ action: 'keep', existing: other }, { action: 'deliver' }],
      warnings: [{ code: 'DESTINATION_KEPT', about: artifact.id, message: expect.stringContaining(other) }],
      errors: [],
    })
    for (const existing of ['verify', 'fail'] as const) {
      expect(decideNames([artifact], survey, existing)).toMatchObject({
        warnings: [],
        errors: [{ code: 'DESTINATION_TAKEN', about: 'to.test/app/web:1', exitCode: 5 }],
      })
    }
    expect(decideNames([artifact], survey, 'overwrite')).toMatchObject({
      names: [{ action: 'deliver', existing: other }, {}],
      warnings: [],
      errors: [],
    })
  })
  it('is given again where something that belongs to it is missing', () => {
    const signature = artifact.manifests.at(-1) ?? artifact.root
    const missing = (repository: string) => new Set([slotKey({ ...first, repository, descriptor: signature })])
    const survey = held(first, artifact.root.digest)
    expect(actions({ ...survey, missing: missing('app/web') })[0]).toContain('deliver')
    expect(actions({ ...survey, missing: missing('mirror/web') })[0]).toContain('present')
  })
  it('is that of the artifact that was asked for', () => {
    const survey = held(first, artifact.root.digest)
    expect(decideNames([{ ...artifact, id: 'image:other' }], survey, 'skip').names[0]?.action).toBe('deliver')
  })
})

describe('slots', () => {
  it('are those of names that are given, each once', () => {
    const { names } = decideNames([artifact], held(second, artifact.root.digest), 'skip')
    const slots = slotsOf({ ...artifact, destinations: [first, { ...first, tag: '2' }, second] }, names)
    expect(new Set(slots.map(({ repository }) => repository))).toEqual(new Set(['app/web']))
    expect(slots).toHaveLength(artifact.blobs.length + artifact.manifests.length)
    expect(slotsOf(artifact, [])).toEqual([])
  })
})
