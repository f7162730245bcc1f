import {
  RopewayError,
  didYouMean,
  isRopewayError,
  messageOf,
  withPlace,
  type AdapterKind,
  type Log,
  type Side,
} from '@ropeway/core'
import { unprovedLines, type Proof } from '@ropeway/images'

type Warning = Parameters<Log['warn']>[0]

const code = (value: string) => JSON.stringify(value)

/** The side of several failures: theirs, when they share one. */
function sharedSide(failures: readonly unknown[], otherwise: Side): Side {
  const sides = new Set(failures.map((failure) => (isRopewayError(failure) ? failure.side : otherwise)))
  const [side = otherwise] = sides
  return sides.size === 1 ? side : otherwise
}

/** An adapter answered with something that the contract does not provide for. The plugin has a fault. */
export function adapterAnswerInvalid(
  kind: AdapterKind,
  name: string,
  operation: string,
  what: string,
  at?: string,
): RopewayError {
  return new RopewayError({
    code: 'ADAPTER_ANSWER_INVALID',
    side: kind === 'credentials' ? 'internal' : kind,
    message: `${kind} ${code(name)} answered with something that the contract does not provide for: ${what}`,
    operation,
    about: name,
    at,
    hint: 'tell the author of the plugin, who finds such faults with @ropeway/testkit',
  })
}

/** A plugin was made for another version of the adapter contract. Install a version of the plugin, or of Ropeway, that fits. */
export function adapterApiVersion(plugin: string, theirs: number, ours: number): RopewayError {
  return new RopewayError({
    code: 'ADAPTER_API_VERSION',
    side: 'usage',
    message: `plugin ${plugin} speaks version ${theirs} of the adapter contract, this Ropeway speaks ${ours}`,
    about: plugin,
    hint: theirs > ours ? 'update Ropeway' : `update the plugin: ropeway plugins install ${plugin}`,
  })
}

/** An adapter threw something that is no error of Ropeway's. The plugin has a fault; the cause is the plugin's own message. */
export function adapterFailed(
  kind: AdapterKind,
  name: string,
  operation: string,
  thrown: unknown,
  at?: string,
): RopewayError {
  return new RopewayError({
    code: 'ADAPTER_FAILED',
    side: kind === 'source' || kind === 'sink' || kind === 'transform' ? kind : 'internal',
    message: `${kind} ${code(name)} failed while ${operation}: ${messageOf(thrown)}`,
    operation,
    about: name,
    at,
    hint: 'run again with --debug and tell the author of the plugin',
    cause: thrown,
  })
}

/** The module of an adapter could not be imported: the plugin is damaged, or lacks a dependency. Install it again. */
export function adapterImportFailed(kind: AdapterKind, name: string, plugin: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'ADAPTER_IMPORT_FAILED',
    side: 'usage',
    message: `${kind} ${code(name)} of ${plugin} cannot be loaded: ${messageOf(cause)}`,
    about: plugin,
    hint: `install the plugin again: ropeway plugins install ${plugin}`,
    cause,
  })
}

/** A plugin's package says one thing of an adapter and its module another. The plugin has a fault. */
export function adapterLies(kind: AdapterKind, name: string, plugin: string, what: string): RopewayError {
  return new RopewayError({
    code: 'ADAPTER_LIES',
    side: 'usage',
    message: `${plugin} lists ${kind} ${code(name)}, but ${what}`,
    about: plugin,
    hint: 'tell the author of the plugin, or remove it: ropeway plugins uninstall ' + plugin,
  })
}

/** What a package lists under `oclif.ropeway` is not a list of adapters. The plugin has a fault. */
export function adapterManifestInvalid(plugin: string, what: string): RopewayError {
  return new RopewayError({
    code: 'ADAPTER_MANIFEST_INVALID',
    side: 'usage',
    message: `the adapters that ${plugin} lists cannot be read: ${what}`,
    about: plugin,
    hint: 'tell the author of the plugin, or remove it: ropeway plugins uninstall ' + plugin,
  })
}

/** Two installed packages list an adapter of one kind and name. Uninstall one of them. */
export function adapterNameTaken(kind: AdapterKind, name: string, first: string, second: string): RopewayError {
  return new RopewayError({
    code: 'ADAPTER_NAME_TAKEN',
    side: 'usage',
    message: `${first} and ${second} both have a ${kind} named ${code(name)}`,
    about: name,
    hint: `uninstall one of them: ropeway plugins uninstall ${second}`,
  })
}

/** A chain names an adapter that is not installed. */
export function adapterUnknown(kind: AdapterKind, name: string, known: readonly string[], at?: string): RopewayError {
  const near = didYouMean(name, known)
  return new RopewayError({
    code: 'ADAPTER_UNKNOWN',
    side: 'chain',
    message: `unknown ${kind} ${code(name)}.${near === undefined ? '' : ` ${near}`}`,
    about: name,
    at,
    hint: `known: ${known.join(', ')}; others come with ropeway plugins install NAME`,
  })
}

/**
 * The thread that looked through or relocated a chart ended before it was done, mostly because memory ran out. Give the process more
 * (`NODE_OPTIONS=--max-old-space-size=4096`), or leave the chart out.
 */
export function analysisStopped(): RopewayError {
  return new RopewayError({
    code: 'ANALYSIS_STOPPED',
    side: 'discovery',
    message: 'the thread that worked on it ended before it was done',
    operation: 'rendering',
    hint: 'it may need more memory: NODE_OPTIONS=--max-old-space-size=4096',
  })
}

/**
 * The file that the chain names as catalogue of custom resources cannot be read. Its path is relative to the chain file.
 */
export function catalogueUnreadable(file: string, cause: unknown, at?: string): RopewayError {
  return new RopewayError({
    code: 'CATALOGUE_UNREADABLE',
    side: 'chain',
    message: `the catalogue ${file} cannot be read: ${messageOf(cause)}`,
    operation: 'reading the catalogue of custom resources',
    about: file,
    at,
    hint: 'write its path relative to the chain file, or take "catalogue" out',
    cause,
  })
}

/** A file with certificates cannot be read. */
export function caFileInvalid(file: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'CA_FILE_INVALID',
    side: 'usage',
    message: `the certificates in ${file} cannot be read: ${messageOf(cause)}`,
    about: file,
    hint: 'name a file of certificates in PEM form with --ca-file, `ca:` in the chain, or ROPEWAY_CA_FILE',
    cause,
  })
}

/** `extends:` leads back to the file itself. */
export function chainExtendsItself(file: string, at?: string): RopewayError {
  return new RopewayError({
    code: 'CHAIN_EXTENDS_ITSELF',
    side: 'chain',
    message: `a chain extends itself through ${file}`,
    about: file,
    at,
    hint: 'remove one of the `extends:` lines',
  })
}

/** The chain file holds faults; each is listed with its line. */
export function chainInvalid(file: string | undefined, faults: readonly RopewayError[]): RopewayError {
  const [only] = faults
  if (only !== undefined && faults.length === 1) return only
  return new RopewayError({
    code: 'CHAIN_INVALID',
    side: 'chain',
    message: `the chain has ${faults.length} faults`,
    about: file,
    errors: faults,
  })
}

/** A key of the chain file has a value that it cannot have. */
export function chainKeyInvalid(key: string, what: string, at?: string): RopewayError {
  return new RopewayError({
    code: 'CHAIN_KEY_INVALID',
    side: 'chain',
    message: key === '' ? `the chain is not valid: ${what}` : `${code(key)} is not valid: ${what}`,
    about: key,
    at,
    hint: 'see docs/chain.md, or validate with the schema that `ropeway schema` prints',
  })
}

/** The chain file has a key that no chain has. */
export function chainKeyUnknown(key: string, at?: string, near?: string): RopewayError {
  return new RopewayError({
    code: 'CHAIN_KEY_UNKNOWN',
    side: 'chain',
    message: `unknown key ${code(key)}.${near === undefined ? '' : ` ${near}`}`,
    about: key,
    at,
    hint: 'see docs/chain.md for the keys of a chain',
  })
}

/** The chain file cannot be read. */
export function chainMissing(file: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'CHAIN_MISSING',
    side: 'chain',
    message: `the chain file ${file} cannot be read: ${messageOf(cause)}`,
    about: file,
    hint: 'name the file as the first argument, or write one with: ropeway init',
    cause,
  })
}

/** The chain file is YAML, but not a map with `name` and `sources`. */
export function chainNotAMap(file: string | undefined): RopewayError {
  return new RopewayError({
    code: 'CHAIN_NOT_A_MAP',
    side: 'chain',
    message: `${file ?? 'the chain'} is not a chain: a map with "name" and "sources" is expected`,
    about: file,
    hint: 'see docs/chain.md, or write one with: ropeway init',
  })
}

/** The chain file is not YAML. */
export function chainSyntax(at: string, what: string): RopewayError {
  return new RopewayError({
    code: 'CHAIN_SYNTAX',
    side: 'chain',
    message: `not YAML: ${what}`,
    at,
    about: at,
    hint: 'look at this line and the one above: indentation, quotes, brackets',
  })
}

/** The chain uses a variable that has no value. */
export function chainVariableUnknown(name: string, at?: string, near?: string): RopewayError {
  return new RopewayError({
    code: 'CHAIN_VARIABLE_UNKNOWN',
    side: 'chain',
    message: `the variable {${name}} has no value.${near === undefined ? '' : ` ${near}`}`,
    about: name,
    at,
    hint: name.startsWith('git.')
      ? 'the chain must stand in a git repository that has such a commit, branch or tag'
      : `give it with --var ${name}=VALUE, or set it in the environment`,
  })
}

/** Artifacts could not be delivered; each failure is listed. Run the same command again to go on. */
export function deliveryFailed(sink: string, failures: readonly unknown[]): RopewayError {
  return new RopewayError({
    code: 'DELIVERY_FAILED',
    side: sharedSide(failures, 'sink'),
    message: `${failures.length === 1 ? 'one artifact was' : `${failures.length} artifacts were`} not delivered to ${sink}`,
    about: sink,
    hint: 'what was delivered stays; run the same command again to go on',
    errors: failures,
  })
}

/** Content that was made again from its recipe differs from what the lock says. Its inputs changed since; lock again. */
export function derivedMismatch(id: string, locked: string, made: string, at?: string): RopewayError {
  return new RopewayError({
    code: 'DERIVED_MISMATCH',
    side: 'verification',
    message: `${id} was made again as ${made}, but the lock says ${locked}`,
    about: id,
    at,
    hint: 'what it is made from changed since the lock was written; lock again: ropeway lock',
  })
}

/** Two artifacts with different content are to get one name at the destination. Nothing was moved. */
export function destinationCollision(destination: string, first: string, second: string, at?: string): RopewayError {
  return new RopewayError({
    code: 'DESTINATION_COLLISION',
    side: 'transform',
    message: `${first} and ${second} are different, and both are to become ${destination}`,
    about: destination,
    at,
    hint: 'give one of them another name with a rewrite transform, or leave one of them out',
  })
}

/** A name at the destination holds another content, and the policy is `skip`: it is left as it is. */
export function destinationKept(destination: string, existing: string, about: string): Warning {
  return {
    code: 'DESTINATION_KEPT',
    message: `${destination} holds another content (${existing}) and is left as it is`,
    about,
    hint: 'replace it with --existing overwrite',
  }
}

/** A name at the destination holds another content, and the policy is `verify` or `fail`. */
export function destinationTaken(policy: string, destination: string, existing: string, wanted: string): RopewayError {
  return new RopewayError({
    code: 'DESTINATION_TAKEN',
    side: 'sink',
    message: `${destination} holds ${existing} already, not ${wanted}`,
    operation: `checking the destination (existing: ${policy})`,
    about: destination,
    hint: 'give it another name, or replace it with --existing overwrite, or leave it with --existing skip',
  })
}

/**
 * The images behind a chart or manifests cannot be found, because it cannot be read or rendered. It does not travel; the others
 * do. When it needs values, give them to its step in the chain: `values: [FILE]` or `set: ["path=value"]`.
 */
export function discoveryFailed(id: string, thrown: unknown, at?: string): RopewayError {
  if (isRopewayError(thrown)) return withPlace(thrown, { at, about: id, operation: `finding the images of ${id}` })
  return new RopewayError({
    code: 'DISCOVERY_FAILED',
    side: 'discovery',
    message: `${id} cannot be rendered: ${messageOf(thrown)}`,
    operation: `finding the images of ${id}`,
    about: id,
    at,
    hint: 'give it the values that it needs in the chain: values: [FILE] or set: ["path=value"]',
    cause: thrown,
  })
}

/** Looking through a chart showed something that its author or the chain may want to know. */
export function discoveryNote(id: string, message: string): Warning {
  return { code: 'DISCOVERY_NOTE', message: `${id}: ${message}`, about: id }
}

/**
 * The chain's `failOn` ends the run: there are suspected images that nobody decided on, or image fields that hold no reference. Name
 * each under `discover.images` when it is needed, or under `discover.exclude` when it is not; correct the fields.
 */
export function discoveryRefused(lines: readonly string[], at?: string): RopewayError {
  return new RopewayError({
    code: 'DISCOVERY_REFUSED',
    side: 'discovery',
    message: `failOn does not let pass:\n${lines.map((line) => `- ${line}`).join('\n')}`,
    operation: 'finding images',
    at,
    hint: 'name each under discover.images to carry it, or under discover.exclude to leave it out',
  })
}

/** Two artifacts, or one of them twice, hold a file of one name. Nothing was written. */
export function fetchCollision(path: string, first: string, second: string): RopewayError {
  return new RopewayError({
    code: 'FETCH_COLLISION',
    side: 'usage',
    message:
      first === second
        ? `${first} holds two files ${code(path)}`
        : `${first} and ${second} both hold a file ${code(path)}`,
    about: path,
    hint:
      first === second
        ? `tell who published it; leave it out with --only`
        : `fetch them into folders of their own, with --only ${first} and --only ${second}`,
  })
}

/** A file in an artifact has a name that leads out of the folder. Nothing was written. */
export function fetchHostilePath(name: string): RopewayError {
  return new RopewayError({
    code: 'FETCH_HOSTILE_PATH',
    side: 'verification',
    message: `the artifact holds a file named ${code(name)}, which leads out of the folder`,
    about: name,
    hint: 'do not trust this artifact; tell who published it',
  })
}

/** What was asked for holds no files: images are not unpacked. */
export function fetchNothing(ids: readonly string[]): RopewayError {
  return new RopewayError({
    code: 'FETCH_NOTHING',
    side: 'usage',
    message: `there are no files in ${ids.join(', ') || 'it'}`,
    hint: 'fetch takes charts, manifests and files out; images are carried whole, by export and import',
  })
}

/** A file cannot be written to the folder. What was written before it stays, and nothing half-written does. */
export function fetchNotWritable(file: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'FETCH_NOT_WRITABLE',
    side: 'usage',
    message: `${file} cannot be written: ${messageOf(cause)}`,
    about: file,
    hint: 'name a folder that may be written to, with -o',
    cause,
  })
}

/**
 * A chart or manifests do not travel, because an image that they need gets no name at the destination. What is wrong with the image is
 * told beside it: mend that, exclude the image (`discover.exclude`), or let the chart travel unproved.
 */
export function imageNameless(id: string, images: readonly string[], at?: string): RopewayError {
  return new RopewayError({
    code: 'IMAGE_NAMELESS',
    side: 'transform',
    message: `${id} does not travel: ${images.join(', ')}, which it needs, cannot be named at the destination`,
    about: id,
    at,
    hint: 'give the image another name (map of rewrite), exclude it (discover.exclude), or let the chart travel unproved (--allow-unproved)',
  })
}

/** An image field of a chart or of manifests holds no reference, so no image travels for it. */
export function imageUnresolved(id: string, place: string, reason: string): Warning {
  return {
    code: 'IMAGE_UNRESOLVED',
    message: `${place}: ${reason}`,
    about: id,
    hint: 'name the image under discover.images when it is needed',
  }
}

/** A sink does not take things of this kind; the chain's other sinks get it. */
export function kindNotTaken(id: string, location: string, sink: string, accepts: readonly string[]): Warning {
  return {
    code: 'KIND_NOT_TAKEN',
    message: `${id} is not delivered to ${location}: ${sink} takes ${accepts.join(', ')} only`,
    about: id,
  }
}

/** The chain, or a file that it reads, is not what the lock was made from. */
export function lockDrift(moved: readonly string[], lockFile?: string): RopewayError {
  return new RopewayError({
    code: 'LOCK_DRIFT',
    side: 'chain',
    message: `the lock no longer fits: ${moved.join('; ')}`,
    about: lockFile,
    hint: 'look at the change, then lock again: ropeway lock',
  })
}

/** A lock file cannot be read, or is of a version that this Ropeway does not know. */
export function lockInvalid(name: string, what: string): RopewayError {
  return new RopewayError({
    code: 'LOCK_INVALID',
    side: 'chain',
    message: `${name} is not a lock: ${what}`,
    about: name,
    hint: 'write it anew with: ropeway lock',
  })
}

/** `--locked` was given and there is no lock. */
export function lockMissing(name: string): RopewayError {
  return new RopewayError({
    code: 'LOCK_MISSING',
    side: 'chain',
    message: `there is no lock ${name}`,
    about: name,
    hint: 'write one with: ropeway lock',
  })
}

/** The lock file cannot be written. The file that was there is as it was. */
export function lockNotWritable(file: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'LOCK_NOT_WRITABLE',
    side: 'usage',
    message: `the lock ${file} cannot be written: ${messageOf(cause)}`,
    about: file,
    hint: 'write it elsewhere with -o FILE',
    cause,
  })
}

/** An artifact has no name at the destination: it was built here, and no name transform gave it one. */
export function noDestination(ids: readonly string[], at?: string): RopewayError {
  const id = ids.join(', ')
  return new RopewayError({
    code: 'NO_DESTINATION',
    side: 'transform',
    message: `${id} ${ids.length === 1 ? 'has' : 'have'} no name at the destination`,
    about: id,
    at,
    hint: 'name it with a rewrite transform, or give --registry HOST[/prefix]',
  })
}

/** `--only` matched nothing. */
export function onlyMatchesNothing(pattern: string, near?: string): RopewayError {
  return new RopewayError({
    code: 'ONLY_MATCHES_NOTHING',
    side: 'usage',
    message: `--only ${pattern} matches no artifact.${near === undefined ? '' : ` ${near}`}`,
    about: pattern,
    hint: 'give an id as `ropeway plan` prints it, a kind (image, chart, manifests, file, artifact) or a glob',
  })
}

/** An option of a step has a value that it cannot have. */
export function optionInvalid(
  kind: AdapterKind,
  adapter: string,
  option: string,
  what: string,
  at?: string,
): RopewayError {
  return new RopewayError({
    code: 'OPTION_INVALID',
    side: 'chain',
    message: `${option === '' ? 'the options' : `option ${code(option)}`} of ${kind} ${code(adapter)}: ${what}`,
    about: option,
    at,
    hint: `see docs/chain.md for the options of ${adapter}`,
  })
}

/** A step has an option that its adapter does not know. */
export function optionUnknown(
  kind: AdapterKind,
  adapter: string,
  option: string,
  at?: string,
  near?: string,
): RopewayError {
  return new RopewayError({
    code: 'OPTION_UNKNOWN',
    side: 'chain',
    message: `unknown option ${code(option)} for ${kind} ${code(adapter)}.${near === undefined ? '' : ` ${near}`}`,
    about: option,
    at,
    hint: `see docs/chain.md for the options of ${adapter}`,
  })
}

/** The plan cannot be started: each reason is listed. Nothing was moved. */
export function planRefused(reasons: readonly RopewayError[]): RopewayError {
  return new RopewayError({
    code: 'PLAN_REFUSED',
    side: 'sink',
    message: `${reasons.length} things keep this plan from being started`,
    errors: reasons,
  })
}

/** Two steps name one image and ask for different platforms of it. Give both the same `platforms`. */
export function platformsDisagree(id: string, first: string | undefined, second: string | undefined): RopewayError {
  return new RopewayError({
    code: 'PLATFORMS_DISAGREE',
    side: 'chain',
    message: `${id} is wanted with different platforms by two steps (${first ?? 'one'} and ${second ?? 'another'})`,
    about: id,
    at: second,
    hint: 'give both steps the same platforms',
  })
}

/** Text that should name a platform does not. */
export function platformInvalid(name: string, at?: string): RopewayError {
  return new RopewayError({
    code: 'PLATFORM_INVALID',
    side: 'chain',
    message: `${code(name)} is no platform`,
    about: name,
    at,
    hint: 'write os/architecture[/variant], such as linux/amd64 or linux/arm64/v8, or auto for everything',
  })
}

/**
 * Nothing says what `prune` may remove. Give at least one rule: patterns, how many to keep, an age, or the locks whose content
 * stays.
 */
export function pruneUnbounded(): RopewayError {
  return new RopewayError({
    code: 'PRUNE_UNBOUNDED',
    side: 'usage',
    message: 'nothing says what may be removed',
    hint: 'give a rule: --pattern GLOB, --keep N, --older-than 90d, or --not-in LOCK',
  })
}

/** A sink cannot list what it holds, or cannot remove it, so nothing can be pruned there. */
export function pruneUnsupported(sink: string): RopewayError {
  return new RopewayError({
    code: 'PRUNE_UNSUPPORTED',
    side: 'usage',
    message: `sink ${code(sink)} cannot list and remove what it holds`,
    about: sink,
    hint: 'remove it with the tools of that place; ropeway prune works for the sink ecr',
  })
}

/** A chart or manifests cannot be relocated at all: rendering or packing failed. It does not travel; the others do. */
export function relocationFailed(id: string, thrown: unknown, at?: string): RopewayError {
  if (isRopewayError(thrown)) return withPlace(thrown, { at, about: id, operation: `relocating ${id}` })
  return new RopewayError({
    code: 'RELOCATION_FAILED',
    side: 'proof',
    message: `${id} cannot be relocated: ${messageOf(thrown)}`,
    operation: `relocating ${id}`,
    about: id,
    at,
    hint: 'let it travel as it is (charts: as-is), and give its images by values of your own',
    cause: thrown,
  })
}

/** Some artifacts cannot be resolved; each is listed. Nothing was written. */
export function resolveFailed(failures: readonly unknown[]): RopewayError {
  return new RopewayError({
    code: 'RESOLVE_FAILED',
    side: sharedSide(failures, 'source'),
    message: `${failures.length} artifacts cannot be resolved`,
    errors: failures,
  })
}

/** A folder for a scanned chart cannot be written. Check the path, its permissions and the space that is free. */
export function scanNotWritable(folder: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'SCAN_NOT_WRITABLE',
    side: 'usage',
    message: `${folder} cannot be written: ${messageOf(cause)}`,
    operation: 'writing charts',
    about: folder,
    hint: 'name another folder with -o',
    cause,
  })
}

/** Two steps bring one chart with other values, releases or clusters, and it can be looked through with one of them only. */
export function settingsDisagree(id: string, first: string | undefined, second: string | undefined): RopewayError {
  return new RopewayError({
    code: 'SETTINGS_DISAGREE',
    side: 'chain',
    message: `${id} is wanted twice, with other values or another release${first === undefined ? '' : `: at ${first} and at ${String(second)}`}`,
    about: id,
    at: second,
    hint: 'name it once, with all values files that count',
  })
}

/** `--source` or `--sink` is not NAME=VALUE. */
export function shorthandInvalid(flag: string, text: string, what: string): RopewayError {
  return new RopewayError({
    code: 'SHORTHAND_INVALID',
    side: 'usage',
    message: `${flag} ${text}: ${what}`,
    about: text,
    hint: `write ${flag} NAME=VALUE, as in --source oci=registry.example/app/web:1, or ${flag} 'NAME={option: value}'`,
  })
}

/** A sink that carries transforms of its own may only rename: what it delivers is what was locked. */
export function sinkEdits(transform: string, sink: string, at?: string): RopewayError {
  return new RopewayError({
    code: 'SINK_EDITS',
    side: 'chain',
    message: `transform ${code(transform)} changes content and cannot stand in sink ${code(sink)}`,
    about: transform,
    at,
    hint: 'move it to the chain’s own transforms',
  })
}

/** A sink opened a delivery of another type than it declares. The plugin has a fault. */
export function sinkLies(sink: string, declared: string, opened: string, at?: string): RopewayError {
  return new RopewayError({
    code: 'SINK_LIES',
    side: 'sink',
    message: `sink ${code(sink)} takes ${code(declared)}, but opened a delivery of type ${code(opened)}`,
    about: sink,
    at,
    hint: 'tell the author of the plugin',
  })
}

/** The destination has too little space. Nothing was moved. */
export function sinkSpace(location: string, needed: number, free: number): RopewayError {
  return new RopewayError({
    code: 'SINK_SPACE',
    side: 'sink',
    message: `${location} needs ${needed} bytes and has ${free} free`,
    about: location,
    hint: 'make room, choose another place, or carry less with --only or --platform',
  })
}

/** A source gave content of another digest than the lock or the registry promised; see the cause. */
export function sourceChanged(id: string, cause: unknown, at?: string): RopewayError {
  return new RopewayError({
    code: 'SOURCE_CHANGED',
    side: 'verification',
    message: `${id} is not what the lock says: ${messageOf(cause)}`,
    about: id,
    at,
    hint: 'lock again: ropeway lock',
    cause,
  })
}

/** An edit transform stands after a name transform: what it changes would not be named. */
export function stageOrder(edit: string, name: string, at?: string): RopewayError {
  return new RopewayError({
    code: 'STAGE_ORDER',
    side: 'chain',
    message: `transform ${code(edit)} changes content and must stand before ${code(name)}, which gives names`,
    about: edit,
    at,
    hint: `move ${edit} above ${name}`,
  })
}

/** A step of the chain is not one adapter with its options. */
export function stepShape(kind: AdapterKind, id: string, keys: readonly string[], at?: string): RopewayError {
  return new RopewayError({
    code: 'STEP_SHAPE',
    side: 'chain',
    message:
      keys.length === 0
        ? `${id} is not a step: the name of a ${kind} with its options is expected`
        : `${id} has several keys (${keys.join(', ')}); each step is one key, the name of a ${kind}`,
    about: id,
    at,
    hint: `write  - NAME: { option: value }  (ropeway adapters lists the names)`,
  })
}

/** An image that was only suspected travels, because its registry has it. */
export function suspectedCarried(reference: string, requiredBy: readonly string[]): Warning {
  return {
    code: 'SUSPECTED_CARRIED',
    message: `${reference} is only suspected, and travels because its registry has it (${requiredBy.join(', ')})`,
    about: reference,
    hint: `name it under discover.images or discover.exclude; ropeway images CHAIN --why ${reference} tells where it stands`,
  }
}

/** A string that looks like an image is not carried: its registry does not have it, or does not say so. */
export function suspectedLeft(reference: string, reason: string, requiredBy: readonly string[]): Warning {
  return {
    code: 'SUSPECTED_LEFT',
    message: `${reference} is suspected (${reason}) and not carried: its registry does not have it (${requiredBy.join(', ')})`,
    about: reference,
    hint: `ropeway images CHAIN --why ${reference} tells where it stands; discover.images carries it`,
  }
}

/** Transforms found several things that must not go on; each is listed. */
export function transformsRefused(refused: readonly RopewayError[]): RopewayError {
  return new RopewayError({
    code: 'TRANSFORMS_REFUSED',
    side: 'transform',
    message: `the transforms found ${refused.length} faults`,
    errors: refused,
  })
}

/** A name transform changed more than names. The plugin has a fault. */
export function transformChanged(transform: string, id: string): RopewayError {
  return new RopewayError({
    code: 'TRANSFORM_CHANGED',
    side: 'transform',
    message: `name transform ${code(transform)} changed ${id} itself, not only its destinations`,
    about: transform,
    hint: 'tell the author of the plugin: an edit belongs in a transform of stage "edit"',
  })
}

/** A chart or manifests travel although not every reference in them is proved, because that was allowed. */
export function unprovedTravels(id: string, proof: Proof): Warning {
  return {
    code: 'UNPROVED_TRAVELS',
    message: `${id} travels unproved:\n${unprovedLines(proof).join('\n')}`,
    about: id,
    hint: 'its proof travels with it and names each reference',
  }
}
