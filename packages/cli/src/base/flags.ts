import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { existingPolicies } from '@ropeway/core'
import * as errors from '../errors.js'

/** Repeatable flags take one value each, so that an argument may follow. */
export const several = { multiple: true, multipleNonGreedy: true } as const

export const globalFlags = {
  json: Flags.boolean({ description: 'the result as one JSON document on standard output', helpGroup: 'GLOBAL' }),
  quiet: Flags.boolean({ description: 'no progress: the result, warnings and errors only', helpGroup: 'GLOBAL' }),
  verbose: Flags.boolean({ description: 'more lines of progress', helpGroup: 'GLOBAL', exclusive: ['quiet'] }),
  debug: Flags.boolean({ description: 'everything, and stacks of errors', helpGroup: 'GLOBAL' }),
  'no-color': Flags.boolean({ description: 'no colours; NO_COLOR does the same', helpGroup: 'GLOBAL' }),
}

export const eventFlags = {
  events: Flags.string({
    description: 'write all events to FILE, one JSON object a line; - is standard error',
    helpValue: 'FILE',
    helpGroup: 'GLOBAL',
  }),
}

export const networkFlags = {
  insecure: Flags.string({
    ...several,
    description: 'a host that may speak plain HTTP (loopback always may)',
    helpValue: 'HOST',
    helpGroup: 'NETWORK',
  }),
  'ca-file': Flags.string({
    ...several,
    description: 'certificates (PEM) to trust besides the system’s',
    helpValue: 'FILE',
    helpGroup: 'NETWORK',
  }),
  concurrency: Flags.integer({
    description: 'transfers at once, and requests at once to one host',
    helpValue: 'N',
    helpGroup: 'NETWORK',
    min: 1,
    max: 256,
  }),
}

export const chainFlags = {
  var: Flags.string({
    ...several,
    description: 'value of {NAME} in the chain; before the environment',
    helpValue: 'NAME=VALUE',
    helpGroup: 'CHAIN',
  }),
  platform: Flags.string({
    ...several,
    delimiter: ',',
    description: 'platforms to keep, in place of the chain’s; auto: everything, as published',
    helpValue: 'auto|OS/ARCH[,...]',
    helpGroup: 'CHAIN',
  }),
}

export const lockedFlag = {
  locked: Flags.boolean({
    description: 'exactly what the lock beside the chain says; fails when the chain changed since',
    helpGroup: 'CHAIN',
  }),
}

export const sourceFlag = {
  source: Flags.string({
    ...several,
    description: 'in place of a chain: a source, as in oci=REFERENCE or "helm={chart: podinfo}"',
    helpValue: 'NAME=VALUE',
    helpGroup: 'CHAIN',
    exclusive: ['locked'],
  }),
}

export const onlyFlag = {
  only: Flags.string({
    ...several,
    description: 'only the artifacts of this id, kind or glob',
    helpValue: 'ID|KIND|GLOB',
    helpGroup: 'TRANSFER',
  }),
}

export const unprovedFlag = {
  'allow-unproved': Flags.boolean({
    description: 'let charts and manifests travel although not every reference in them is proved',
    helpGroup: 'TRANSFER',
  }),
}

export const existingFlag = {
  existing: Flags.string({
    options: [...existingPolicies],
    description: 'what to do where a name holds another content',
    helpGroup: 'TRANSFER',
  }),
}

export const chainArgument = Args.string({
  description: 'chain file; the default is ./ropeway.yaml',
  ignoreStdin: true,
})

export const bundleArgument = Args.string({ description: 'bundle file', required: true, ignoreStdin: true })

export interface GlobalFlags {
  readonly quiet?: boolean | undefined
  readonly verbose?: boolean | undefined
  readonly debug?: boolean | undefined
  readonly 'no-color'?: boolean | undefined
  readonly events?: string | undefined
}

/** `--var NAME=VALUE`, as a record. Throws `FLAG_INVALID`. */
export function variablesOf(given: readonly string[] | undefined, command: string): Record<string, string> {
  return Object.fromEntries(
    (given ?? []).map((text) => {
      const split = text.indexOf('=')
      if (split < 1) throw errors.flagInvalid(command, `--var ${text}: NAME=VALUE is expected`)
      return [text.slice(0, split), text.slice(split + 1)]
    }),
  )
}
