import { RopewayError, didYouMean, messageOf } from '@ropeway/core'
import type { HelmError } from '@ropeway/helm'
import type { Collision } from './base/destinations.js'
import type { Warning } from './screen/warnings.js'

/**
 * An adapter never finished what it was asked to do, and nothing was left running that could finish it. The plugin has a fault;
 * tell its author, and remove it if it is in the way.
 */
export function adapterHung(doing: string, adapter?: string): RopewayError {
  return new RopewayError({
    code: 'ADAPTER_HUNG',
    side: 'internal',
    message:
      adapter === undefined
        ? `nothing is left that could go on while ${doing}: something never answered`
        : `${adapter} never answered while ${doing}, and nothing is left that could go on`,
    operation: doing,
    about: adapter,
    hint: 'run again with --debug to see the last step, and tell the author of the plugin',
  })
}

/** An argument that the command cannot do without is missing. */
export function argumentMissing(command: string, names: readonly string[]): RopewayError {
  return new RopewayError({
    code: 'ARGUMENT_MISSING',
    side: 'usage',
    message: `${names.length === 1 ? 'an argument is' : 'arguments are'} missing: ${names.join(', ')}`,
    about: names.join(', '),
    hint: `ropeway ${command} --help shows what is expected, with an example`,
  })
}

/** There are more arguments than the command takes. A flag's value that holds spaces needs quotes. */
export function argumentUnexpected(command: string, given: readonly string[]): RopewayError {
  return new RopewayError({
    code: 'ARGUMENT_UNEXPECTED',
    side: 'usage',
    message: `unexpected ${given.length === 1 ? 'argument' : 'arguments'}: ${given.join(' ')}`,
    about: given.join(' '),
    hint: `ropeway ${command} --help shows what is expected, with an example`,
  })
}

/**
 * A chart cannot be rendered, for the reason that Helm gives, in its words; the template and the line follow. Helm refuses the chart with these
 * values too: give the values that it asks for, or correct the chart.
 */
export function chartFailed(error: HelmError): RopewayError {
  const { template, line, message } = error
  const at = template === undefined || line === undefined ? template : `${template}:${String(line)}`
  return new RopewayError({
    code: 'CHART_FAILED',
    side: 'discovery',
    operation: 'rendering a chart',
    message,
    about: template,
    at,
    cause: error,
  })
}

/** A command that is not Ropeway's own (of oclif, or of a plugin) failed; the message is its own. */
export function commandFailed(thrown: unknown, usage: boolean): RopewayError {
  return new RopewayError({
    code: 'COMMAND_FAILED',
    side: usage ? 'usage' : 'internal',
    message: messageOf(thrown),
    cause: thrown,
  })
}

/** There is no such command. Commands of plugins are known once the plugin is installed. */
export function commandUnknown(command: string, known: readonly string[]): RopewayError {
  const near = didYouMean(command, known)
  return new RopewayError({
    code: 'COMMAND_UNKNOWN',
    side: 'usage',
    message: `ropeway has no command ${JSON.stringify(command)}.${near === undefined ? '' : ` ${near}`}`,
    about: command,
    hint: 'ropeway help lists the commands',
  })
}

/** The file of `--events` cannot be written. Nothing was started. */
export function eventsFile(file: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'EVENTS_FILE',
    side: 'usage',
    message: `the events cannot be written to ${file}: ${messageOf(cause)}`,
    about: file,
    hint: 'give a file in a folder that exists and may be written to, or - for standard error',
    cause,
  })
}

/** A file that the command would write is there already. It was left as it is. */
export function fileExists(file: string): RopewayError {
  return new RopewayError({
    code: 'FILE_EXISTS',
    side: 'usage',
    message: `${file} exists already and was left as it is`,
    about: file,
    hint: 'give another name, or replace it with --force',
  })
}

/** A file that the command line names cannot be read. */
export function fileNotReadable(file: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'FILE_NOT_READABLE',
    side: 'usage',
    message: `${file} cannot be read: ${messageOf(cause)}`,
    about: file,
    hint: 'check the name, and who may read it',
    cause,
  })
}

/** A file cannot be written: its folder is missing or may not be written to, or the disk is full. */
export function fileNotWritable(file: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'FILE_NOT_WRITABLE',
    side: 'usage',
    message: `${file} cannot be written: ${messageOf(cause)}`,
    about: file,
    hint: 'check the folder, who may write there, and the free space',
    cause,
  })
}

/** Two flags, or a flag and an argument, say different things of one matter. */
export function flagConflict(first: string, second: string, why: string): RopewayError {
  return new RopewayError({
    code: 'FLAG_CONFLICT',
    side: 'usage',
    message: `${first} and ${second} cannot be given together: ${why}`,
    about: first,
    hint: 'leave one of them out',
  })
}

/** A flag's value is missing, or is none that the flag can have. */
export function flagInvalid(command: string, what: string): RopewayError {
  return new RopewayError({
    code: 'FLAG_INVALID',
    side: 'usage',
    message: what,
    hint: `ropeway ${command} --help shows the flags`,
  })
}

/** The command has no such flag. */
export function flagUnknown(command: string, flags: readonly string[], known: readonly string[]): RopewayError {
  const near = flags.map((flag) => didYouMean(flag, known)).find((found) => found !== undefined)
  return new RopewayError({
    code: 'FLAG_UNKNOWN',
    side: 'usage',
    message: `unknown ${flags.length === 1 ? 'flag' : 'flags'} ${flags.join(', ')}.${near === undefined ? '' : ` ${near}`}`,
    about: flags.join(', '),
    hint: `ropeway ${command} --help shows the flags`,
  })
}

/** Helm warns of it too, in these words. Nothing has to be done; it may explain what is missing in the result. */
export function helmWarning(message: string): Warning {
  return { code: 'HELM_WARNING', message }
}

/**
 * A list of images (`--check`) is not what was found: lines with `+` are missing in it, lines with `-` are too many. Write it anew
 * with `--list -o FILE`, and look at what changed before you commit it.
 */
export function imageListDiffers(file: string, missing: number, extra: number): RopewayError {
  return new RopewayError({
    code: 'IMAGE_LIST_DIFFERS',
    side: 'discovery',
    operation: 'comparing images with a list',
    message: `${file} is out of date: ${missing} missing, ${extra} too many`,
    about: file,
    hint: `write it anew: ropeway images TARGET --list -o ${file}`,
  })
}

/** The image that `--why` asks about is not among those that were found. The hint gives the nearest that are. */
export function imageNotFound(reference: string, found: readonly string[]): RopewayError {
  const containing = [...new Set(found)].filter((image) => image.includes(reference)).slice(0, 5)
  return new RopewayError({
    code: 'IMAGE_NOT_FOUND',
    side: 'usage',
    operation: 'looking for an image',
    message: `${reference} is not among the ${found.length} images that were found`,
    about: reference,
    hint:
      didYouMean(reference, found) ??
      (containing.length > 0
        ? `of those that were found, these contain it: ${containing.join(', ')}`
        : 'without --why all are listed; --optional and --suspected add others'),
  })
}

/** Ctrl-C or a signal stopped the command. Nothing half-finished is visible; the exit code is 130 (143 for SIGTERM). */
export function interrupted(next: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'INTERRUPTED',
    side: 'internal',
    message: 'stopped before it was done',
    hint: next,
    cause,
  })
}

/** Two locks differ, and `--exit-code` was given. What differs stands on standard output. */
export function locksDiffer(first: string, second: string): RopewayError {
  return new RopewayError({
    code: 'LOCKS_DIFFER',
    side: 'verification',
    message: `${first} and ${second} do not hold the same`,
    about: second,
  })
}

/** The lock is not what the chain resolves to now: something was published anew, or the chain changed; standard output says what. Nothing was written. */
export function lockOutdated(file: string): RopewayError {
  return new RopewayError({
    code: 'LOCK_OUTDATED',
    side: 'verification',
    message: `${file} is not what the chain resolves to now`,
    about: file,
    hint: 'look at the change, then write the lock anew with: ropeway lock',
  })
}

/** A folder was given in which there is neither a chart nor a manifest: no Chart.yaml, no .yaml, .yml or .json file. */
export function manifestsMissing(folder: string): RopewayError {
  return new RopewayError({
    code: 'MANIFESTS_MISSING',
    side: 'source',
    operation: 'reading manifests',
    message: `there is neither a chart nor a manifest in ${folder}`,
    about: folder,
    hint: 'name a folder with Chart.yaml, or one with .yaml files',
  })
}

/**
 * Images that appear only when something is switched would share one name at the destination, and by their names alone nobody can
 * tell whether they are equal. Nothing has to be done unless the chart is used with one of them: then see that it is the one that is
 * there.
 */
export function optionalCollision({ destination, images }: Collision): Warning {
  return {
    code: 'OPTIONAL_COLLISION',
    message: `${images.join(' and ')}, which the chart needs only when something is switched, would both be ${destination}`,
    about: destination,
    hint: 'see that what is there is the one that you use',
  }
}

/** A password is needed, and there is no terminal to ask for it at. */
export function passwordMissing(about: string, way: string): RopewayError {
  return new RopewayError({
    code: 'PASSWORD_MISSING',
    side: 'usage',
    message: `there is no password for ${about}`,
    about,
    hint: `give it by ${way}`,
  })
}

/**
 * A chart was named as `repository/chart`, and helm knows no repository of that name; nor is there a folder or file of it. Give the repository's
 * address with `--repo`, or add it with `helm repo add`.
 */
export function repositoryUnknown(name: string, target: string): RopewayError {
  return new RopewayError({
    code: 'REPOSITORY_UNKNOWN',
    side: 'usage',
    message: `there is no chart at ${target}, and helm knows no repository ${JSON.stringify(name)}`,
    about: target,
    hint: `check the path, or give the repository's address: --repo URL ${target.slice(name.length + 1)}`,
  })
}

/** Several things went wrong; each is listed with its own code, and the exit code is that of the worst. What was delivered stays: run the same command again to go on. */
export function severalFailures(failures: readonly RopewayError[], what: string, hint?: string): RopewayError {
  return new RopewayError({
    code: 'SEVERAL_FAILURES',
    side: failures.toSorted((a, b) => b.exitCode - a.exitCode)[0]?.side ?? 'internal',
    message: `${failures.length} things ${what}`,
    hint,
    errors: failures,
  })
}

/** The chain has no sink, and the command line names none, so there is nowhere to deliver to. */
export function sinkMissing(hint: string): RopewayError {
  return new RopewayError({
    code: 'SINK_MISSING',
    side: 'usage',
    message: 'there is nowhere to deliver to: no sink is named',
    hint,
  })
}

/** A user name is needed, and there is no terminal to ask for it at. */
export function usernameMissing(host: string): RopewayError {
  return new RopewayError({
    code: 'USERNAME_MISSING',
    side: 'usage',
    message: `there is no user name for ${host}`,
    about: host,
    hint: 'give it with --username',
  })
}
