import { defineCredentials } from '@ropeway/core'
import { parseEcrHost } from './hosts.js'
import { credentialFor } from './token.js'

/** Tokens for registries of ECR, in the name of whom the surroundings say. */
export const ecrCredentials = defineCredentials({
  name: 'ecr',
  summary: 'Tokens for private and public registries of Amazon ECR, from the default AWS credentials.',
  async get(host, role, context) {
    const registry = parseEcrHost(host)
    return registry === undefined ? undefined : credentialFor(registry, undefined, role, context)
  },
})
