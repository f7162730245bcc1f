import { defineTransform } from '@ropeway/core'
import { z } from 'zod'

/** Sends all memos to one place, under their names; other artifacts keep theirs. */
export const address = defineTransform({
  name: 'address',
  summary: 'Addresses files to a registry, below memos/.',
  shorthand: 'registry',
  stage: 'name',
  options: z.strictObject({ registry: z.string().describe('Host of the registry, with its port.') }),
  async apply(artifacts, { registry }, { signal }) {
    signal.throwIfAborted()
    return { artifacts: artifacts.map((artifact) => addressed(artifact, registry)), findings: [] }
  },
})

function addressed(artifact, registry) {
  if (artifact.kind !== 'file') return artifact
  const { path, tags } = artifact.naming
  const repository = `memos/${path.split('/').at(-1)}`
  return { ...artifact, destinations: tags.map((tag) => ({ registry, repository, tag })) }
}
