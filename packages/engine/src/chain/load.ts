import { resolve } from 'node:path'
import {
  didYouMean,
  type AdapterKind,
  type Platform,
  type RopewayError,
  type Sink,
  type Source,
  type Transform,
} from '@ropeway/core'
import { canonicalHost, parsePlatform } from '@ropeway/oci'
import { z } from 'zod'
import type { AdapterTable } from '../adapters/table.js'
import * as errors from '../errors.js'
import { adapterError } from '../resolve/guard.js'
import type { Chain, SinkStep, SourceStep, Step } from './chain.js'
import { discoverOptions, mirrorAddress, splitMirror } from './discover.js'
import { hostsOf } from './hosts.js'
import { readDocument, type ChainDocument, type Path } from './document.js'
import { checkOptions } from './options.js'
import { fillVariables, type Variables } from './variables.js'

const StepList = z.array(z.unknown())

/** The chain file but for its steps, whose options belong to their adapters. */
export const ChainFile = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]*$/, 'lower-case letters, digits, dots, dashes')
    .describe('Name of the chain: names the bundle and the place of files'),
  version: z.coerce.string().default('0.0.0').describe('Version of what the chain delivers'),
  extends: z.string().optional().describe('A base chain: what this file does not say is taken from there'),
  platforms: z
    .union([z.literal('auto'), z.string(), z.array(z.string())])
    .optional()
    .describe('Platforms to keep (`linux/amd64`); left out or `auto`: everything, as published'),
  sources: StepList.min(1).describe('Where artifacts come from'),
  discover: discoverOptions
    .prefault({})
    .describe('How images behind charts and manifests are found, and which of them travel'),
  transforms: StepList.default([]).describe('What is changed and renamed, in this order'),
  sinks: StepList.default([]).describe('Where artifacts go'),
  onError: z.enum(['stop', 'continue']).default('continue').describe('Whether one bad artifact stops the others'),
  allowUnproved: z
    .boolean()
    .default(false)
    .describe('Whether charts and manifests travel although not every reference in them is proved'),
  mirrors: z
    .record(z.string().min(1), mirrorAddress)
    .default({})
    .describe('Where images of a registry are read instead: host → `HOST[:PORT][/PREFIX]`'),
  insecure: z.array(z.string()).default([]).describe('Hosts that may speak plain HTTP'),
  ca: z.array(z.string()).default([]).describe('Files with certificates (PEM) to trust besides the system’s'),
})
export type ChainFile = z.infer<typeof ChainFile>

/** A chain as a TypeScript file exports it: `export default defineChain({ … })`. Only gives the type. */
export function defineChain(chain: z.input<typeof ChainFile>): z.input<typeof ChainFile> {
  return chain
}

/** Checks sinks as a chain's own are checked. */
export async function loadSinks(
  values: readonly unknown[],
  directory: string,
  adapters: AdapterTable,
): Promise<SinkStep[]> {
  const faults: RopewayError[] = []
  const at: At = { placeOf: () => undefined, directory }
  const sinks = await Promise.all(values.map((value, i) => sinkStep(value, `sinks[${i}]`, at, adapters, faults)))
  if (faults.length > 0) throw errors.chainInvalid(undefined, faults)
  return sinks.filter((step) => step !== undefined)
}

/** Checks transforms as a chain's own are checked. */
export async function loadTransforms(
  values: readonly unknown[],
  directory: string,
  adapters: AdapterTable,
): Promise<Step[]> {
  const faults: RopewayError[] = []
  const at: At = { placeOf: () => undefined, directory }
  const transforms = await transformSteps(values, 'transforms', () => at, adapters, faults)
  if (faults.length > 0) throw errors.chainInvalid(undefined, faults)
  return transforms
}

const HeadValues = z.object({ name: z.unknown(), version: z.unknown() })

export interface LoadOptions {
  readonly variables?: Variables | undefined
  /** In place of the `platforms` of the chain and of its steps. */
  readonly platforms?: readonly string[] | undefined
}

/** A chain file, or a chain as a value with the folder that its paths are relative to. */
export type ChainOrigin =
  | { readonly file: string }
  | { readonly value: unknown; readonly directory: string; readonly label?: string | undefined }

/**
 * Reads a chain and checks all of it: unknown keys and options, adapters, the order of stages. Throws one `CHAIN_INVALID` that
 * holds every fault, each with its line and the nearest right name; imports only the adapters that the chain names.
 */
export async function loadChain(
  origin: ChainOrigin,
  adapters: AdapterTable,
  options: LoadOptions = {},
): Promise<Chain> {
  const documents = await withBases('file' in origin ? await readDocument(origin.file) : memoryDocument(origin))
  const [own] = documents
  const faults: RopewayError[] = []
  const value = merge(documents)
  const placeOf = (path: Path) => sayingDocument(documents, path).placeOf(path)

  const variables = options.variables ?? {}
  const identity = { name: value['name'], version: value['version'] ?? '0.0.0' }
  const head = HeadValues.parse(await fillVariables(identity, variables, {}, placeOf))
  const filled = await fillVariables(
    { ...value, ...head },
    variables,
    { name: String(head.name), version: String(head.version) },
    placeOf,
  )
  const file = parseFile(filled, own.file, placeOf, faults)

  const at = (path: Path) => ({
    placeOf: (rest: Path) => placeOf([...path, ...rest]),
    directory: sayingDocument(documents, path).directory,
  })
  const sources = await Promise.all(
    file.sources.map((step, i) =>
      sourceStep(step, `sources[${i}]`, at(['sources', i]), adapters, faults, options.platforms !== undefined),
    ),
  )
  const transforms = await transformSteps(file.transforms, 'transforms', (i) => at(['transforms', i]), adapters, faults)
  const sinks = await Promise.all(
    file.sinks.map((step, i) => sinkStep(step, `sinks[${i}]`, at(['sinks', i]), adapters, faults)),
  )
  const platforms = collectPlatforms(
    options.platforms ?? file.platforms,
    options.platforms === undefined ? placeOf(['platforms']) : undefined,
    faults,
  )
  if (faults.length > 0) throw errors.chainInvalid(own.file, faults)
  const steps = {
    sources: sources.filter((step) => step !== undefined),
    transforms,
    sinks: sinks.filter((step) => step !== undefined),
  }
  return {
    name: file.name,
    version: file.version,
    file: own.file,
    directory: own.directory,
    platforms,
    ...steps,
    discover: {
      ...file.discover,
      id: 'discover',
      written: filledDiscover(filled),
      place: filledDiscover(filled) === undefined ? undefined : placeOf(['discover']),
      directory: sayingDocument(documents, ['discover']).directory,
    },
    onError: file.onError,
    allowUnproved: file.allowUnproved,
    mirrors: mirrorsOf(file.mirrors),
    insecure: file.insecure,
    caFiles: file.ca.map((path) => resolve(sayingDocument(documents, ['ca']).directory, path)),
    hosts: [...new Set([...hostsOf(steps), ...Object.values(file.mirrors).map((each) => splitMirror(each).registry)])],
  }
}

function filledDiscover(filled: unknown): unknown {
  return isRecord(filled) ? filled['discover'] : undefined
}

function mirrorsOf(written: Readonly<Record<string, string>>): Chain['mirrors'] {
  return new Map(Object.entries(written).map(([host, address]) => [canonicalHost(host), splitMirror(address)] as const))
}

function memoryDocument(origin: { readonly value: unknown; readonly directory: string }): ChainDocument {
  return { value: origin.value, directory: resolve(origin.directory), placeOf: () => undefined }
}

type Documents = [ChainDocument, ...ChainDocument[]]

async function withBases(own: ChainDocument): Promise<Documents> {
  const documents: Documents = [own]
  const seen = new Set([own.file])
  for (;;) {
    const last = documents.at(-1) ?? own
    const base = z.object({ extends: z.string() }).safeParse(last.value)
    if (!base.success) return documents
    const file = resolve(last.directory, base.data.extends)
    if (seen.has(file)) throw errors.chainExtendsItself(file, last.placeOf(['extends']))
    seen.add(file)
    documents.push(await readDocument(file))
  }
}

/** The first document that says the first key of a path. */
function sayingDocument(documents: Documents, path: Path): ChainDocument {
  const [key] = path
  return (
    documents.find(({ value }) => isRecord(value) && key !== undefined && Object.hasOwn(value, key)) ?? documents[0]
  )
}

function merge(documents: Documents): Record<string, unknown> {
  if (!documents.every(({ value }) => isRecord(value))) {
    const wrong = documents.find(({ value }) => !isRecord(value)) ?? documents[0]
    throw errors.chainNotAMap(wrong.file)
  }
  const merged: Record<string, unknown> = {}
  for (const { value } of documents.toReversed()) Object.assign(merged, value)
  delete merged['extends']
  return merged
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** Throws what keeps the rest from being checked; unknown keys do not, and go to `faults`. */
function parseFile(
  filled: unknown,
  file: string | undefined,
  placeOf: (path: Path) => string | undefined,
  faults: RopewayError[],
): z.output<typeof ChainFile> {
  const parsed = ChainFile.safeParse(filled)
  if (parsed.success) return parsed.data
  faults.push(...parsed.error.issues.flatMap((issue) => keyFaults(issue, placeOf)))
  const known = z.object(ChainFile.shape).safeParse(filled)
  if (known.success) return known.data
  throw errors.chainInvalid(file, faults)
}

function keyFaults(issue: z.core.$ZodIssue, placeOf: (path: Path) => string | undefined): RopewayError[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => errors.chainKeyUnknown(key, placeOf([...path, key]), didYouMean(key, keysAt(path))))
  }
  return [errors.chainKeyInvalid(path.join('.'), issue.message, placeOf(path))]
}

/** Keys that the chain file knows at a path. */
function keysAt([key]: Path): string[] {
  return Object.keys(key === 'discover' ? discoverOptions.shape : ChainFile.shape)
}

interface At {
  placeOf(path: Path): string | undefined
  readonly directory: string
}

/** Splits `{ name: options }`; anything else is a fault with the nearest right name. */
function splitStep(
  step: unknown,
  kind: AdapterKind,
  id: string,
  at: At,
  adapters: AdapterTable,
  faults: RopewayError[],
) {
  const place = at.placeOf([])
  const keys = typeof step === 'string' ? [step] : isRecord(step) ? Object.keys(step) : []
  const [name] = keys
  if (name === undefined || keys.length !== 1) {
    faults.push(errors.stepShape(kind, id, keys, place))
    return undefined
  }
  if (adapters.find(kind, name) === undefined) {
    const known = adapters.list().filter((entry) => entry.kind === kind)
    faults.push(
      errors.adapterUnknown(
        kind,
        name,
        known.map((entry) => entry.name),
        at.placeOf([name]) ?? place,
      ),
    )
    return undefined
  }
  const written = isRecord(step) ? (step[name] ?? {}) : {}
  return { name, written, place: at.placeOf([name]) ?? place }
}

/** Takes a key that belongs to the engine out of a step's options. */
function takeKey(written: unknown, key: string): { rest: unknown; taken: unknown } {
  if (!isRecord(written) || !Object.hasOwn(written, key)) return { rest: written, taken: undefined }
  const { [key]: taken, ...rest } = written
  return { rest, taken }
}

async function step<Kind extends 'source' | 'transform' | 'sink'>(
  kind: Kind,
  id: string,
  split: { readonly name: string; readonly written: unknown; readonly place: string | undefined },
  at: At,
  adapters: AdapterTable,
  faults: RopewayError[],
): Promise<{ step: Step; adapter: Source<unknown> | Transform<unknown> | Sink<unknown> } | undefined> {
  const { name, written, place } = split
  try {
    const adapter = await adapters.load(kind, name)
    const checked = await checkOptions(adapter, written, (path) => at.placeOf([name, ...path]))
    if ('options' in checked) {
      return { step: { id, adapter: name, options: checked.options, written, place, directory: at.directory }, adapter }
    }
    faults.push(...checked.errors)
  } catch (thrown) {
    faults.push(adapterError(thrown, { kind, adapter: name, operation: 'checking its options', place }))
  }
  return undefined
}

async function sourceStep(
  value: unknown,
  id: string,
  at: At,
  adapters: AdapterTable,
  faults: RopewayError[],
  overridden: boolean,
): Promise<SourceStep | undefined> {
  const split = splitStep(value, 'source', id, at, adapters, faults)
  if (split === undefined) return undefined
  const { rest, taken } = takeKey(split.written, 'platforms')
  const made = await step('source', id, { ...split, written: rest }, at, adapters, faults)
  if (made === undefined) return undefined
  const own = taken === undefined ? undefined : collectPlatforms(taken, at.placeOf([split.name, 'platforms']), faults)
  return { ...made.step, written: split.written, platforms: overridden ? undefined : own }
}

async function transformSteps(
  values: readonly unknown[],
  id: string,
  at: (index: number) => At,
  adapters: AdapterTable,
  faults: RopewayError[],
): Promise<Step[]> {
  const steps: Step[] = []
  let naming: string | undefined
  for (const [index, value] of values.entries()) {
    const split = splitStep(value, 'transform', `${id}[${index}]`, at(index), adapters, faults)
    if (split === undefined) continue
    const made = await step('transform', `${id}[${index}]`, split, at(index), adapters, faults)
    if (made === undefined) continue
    if (made.adapter.kind === 'transform' && made.adapter.stage === 'name') naming = split.name
    else if (naming !== undefined) faults.push(errors.stageOrder(split.name, naming, split.place))
    steps.push(made.step)
  }
  return steps
}

async function sinkStep(
  value: unknown,
  id: string,
  at: At,
  adapters: AdapterTable,
  faults: RopewayError[],
): Promise<SinkStep | undefined> {
  const split = splitStep(value, 'sink', id, at, adapters, faults)
  if (split === undefined) return undefined
  const { rest, taken } = takeKey(split.written, 'transforms')
  const made = await step('sink', id, { ...split, written: rest }, at, adapters, faults)
  if (made === undefined) return undefined
  if (taken === undefined) return { ...made.step, written: split.written }
  const list = StepList.safeParse(taken)
  if (!list.success) {
    faults.push(
      errors.optionInvalid(
        'sink',
        split.name,
        'transforms',
        'a list of transforms',
        at.placeOf([split.name, 'transforms']),
      ),
    )
    return undefined
  }
  const inner = (index: number): At => ({
    ...at,
    placeOf: (path) => at.placeOf([split.name, 'transforms', index, ...path]),
  })
  const transforms = await transformSteps(list.data, `${id}.transforms`, inner, adapters, faults)
  const edits = (await Promise.all(transforms.map((each) => adapters.load('transform', each.adapter)))).filter(
    ({ stage }) => stage === 'edit',
  )
  for (const edit of edits) faults.push(errors.sinkEdits(edit.name, split.name, split.place))
  return { ...made.step, written: split.written, transforms }
}

function collectPlatforms(value: unknown, place: string | undefined, faults: RopewayError[]): Platform[] {
  const names = (Array.isArray(value) ? value : value === undefined ? [] : [value]).flatMap((each: unknown) =>
    String(each).split(','),
  )
  const platforms: Platform[] = []
  for (const name of names.map((each) => each.trim())) {
    if (name === '' || name === 'auto') continue
    try {
      platforms.push(parsePlatform(name))
    } catch {
      faults.push(errors.platformInvalid(name, place))
    }
  }
  return platforms
}
