import { stripVTControlCharacters } from 'node:util'
import { isRopewayError, toRopewayError, type RopewayError } from '@ropeway/core'
import { z } from 'zod'
import * as errors from './errors.js'
import { isHelmError } from './screen/chart-error.js'

/** What oclif's own errors look like; they come in several classes, of several copies. */
const HostError = z.object({
  name: z.string().optional(),
  message: z.string(),
  oclif: z.object({ exit: z.number().optional() }),
  flags: z.array(z.string()).optional(),
  args: z.array(z.union([z.string(), z.object({ name: z.string() })])).optional(),
  parse: z.object({ input: z.object({ flags: z.record(z.string(), z.unknown()).optional() }).optional() }).optional(),
})
type HostError = z.infer<typeof HostError>

export interface Host {
  /** First words of the command line, as the user typed them. */
  readonly command: string
  readonly commands: readonly string[]
}

/** Exit code with which oclif's not-found plugin ends. */
const notFound = 127

/** Whatever ends a command, as a `RopewayError`: mistakes in the command line come from oclif in its own words. */
export function hostError(thrown: unknown, host: Host): RopewayError {
  if (isRopewayError(thrown)) return thrown
  if (isHelmError(thrown)) return errors.chartFailed(thrown)
  const parsed = HostError.safeParse(thrown)
  if (!parsed.success || !(thrown instanceof Error)) return toRopewayError(thrown)
  return fromOclif(thrown, parsed.data, host)
}

function fromOclif(thrown: Error, data: HostError, { command, commands }: Host): RopewayError {
  const kind = thrown.constructor.name
  const message = stripVTControlCharacters(data.message)
    .replace(/\nSee more help with --help\s*$/, '')
    .trim()
  if (data.oclif.exit === notFound || /^command .* not found$/.test(message))
    return errors.commandUnknown(command, commands)
  if (kind === 'NonExistentFlagsError') return errors.flagUnknown(command, data.flags ?? [], knownFlags(data))
  const names = (data.args ?? []).map((arg) => (typeof arg === 'string' ? arg : arg.name.toUpperCase()))
  if (kind === 'RequiredArgsError') return errors.argumentMissing(command, names)
  if (kind === 'UnexpectedArgsError') return errors.argumentUnexpected(command, names)
  if (data.parse !== undefined || /^(Flag|Expected|Missing required flag|Parsing) /.test(message)) {
    return errors.flagInvalid(command, sentence(message))
  }
  return errors.commandFailed(thrown, data.oclif.exit === 2)
}

function knownFlags({ parse }: HostError): string[] {
  return Object.keys(parse?.input?.flags ?? {}).map((name) => `--${name}`)
}

/** oclif lists reasons below a heading; one reason needs none. */
function sentence(message: string): string {
  return message.replace(/^The following errors? occurred:\s*/, '').replace(/\s*\n\s*/g, '; ')
}
