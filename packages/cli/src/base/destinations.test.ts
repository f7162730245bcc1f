import { describe, expect, it } from 'vitest'
import { collisionsAt, destinationsAt, objectionTo } from './destinations.js'

const destinations = destinationsAt('harbor.example/m', 'relocate')

describe('destinations', () => {
  it.each([
    ['nginx', 'harbor.example/m/library/nginx'],
    ['quay.io/a/b:1@sha256:' + 'a'.repeat(64), 'harbor.example/m/a/b:1@sha256:' + 'a'.repeat(64)],
    ['harbor.example/m/a/b:1', 'harbor.example/m/a/b:1'],
    ['no reference!', undefined],
  ])('of %s', (reference, destination) => {
    expect(destinations.of(reference)).toBe(destination)
  })

  it.each(['', 'nohost', 'bad host/x'])('are below a registry, not below "%s"', (registry) => {
    expect(() => destinationsAt(registry, 'relocate')).toThrow(expect.objectContaining({ code: 'FLAG_INVALID' }))
  })

  it('collide where different images would have one name; ways to write the same image do not', () => {
    const collisions = collisionsAt(destinations, ['nginx', 'docker.io/library/nginx:latest', 'a/b:1', 'ghcr.io/a/b:1'])
    expect(collisions).toEqual([
      {
        destination: 'harbor.example/m/a/b:1',
        references: ['a/b:1', 'ghcr.io/a/b:1'],
        images: ['docker.io/a/b:1', 'ghcr.io/a/b:1'],
      },
    ])
    expect(objectionTo('nginx', collisions)).toBeUndefined()
    expect(objectionTo('a/b:1', collisions)?.reason).toContain(
      'docker.io/a/b:1 and ghcr.io/a/b:1 would both be harbor.example/m/a/b:1',
    )
  })
})
