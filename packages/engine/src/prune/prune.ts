import { resolve } from 'node:path'
import { toRopewayError, type Context, type Holdings, type RopewayError } from '@ropeway/core'
import { createLimiter } from '@ropeway/distribution'
import { childrenOf, isIndex, parseManifest } from '@ropeway/oci'
import { bareChain, stepFrom } from '../chain/adhoc.js'
import { loadSinks } from '../chain/load.js'
import * as errors from '../errors.js'
import type { Lock } from '../lock/lock.js'
import { matchesGlob } from '../plan/select.js'
import type { Runtime } from '../runtime/runtime.js'
import { selectPrunable, type PruneRules, type Selection } from './select.js'

export interface PruneOptions extends Omit<PruneRules, 'before' | 'wanted'> {
  /** `NAME` or `NAME=OPTIONS` of a sink. */
  readonly sink: string
  /** `HOST[/prefix]`; absent: what the sink's options or the surroundings name. */
  readonly registry?: string | undefined
  /** Milliseconds: what is younger stays. */
  readonly olderThan?: number | undefined
  /** What these locks deliver stays. */
  readonly notIn?: readonly Lock[] | undefined
  /** Hosts that may speak plain HTTP. */
  readonly insecure?: readonly string[] | undefined
  readonly directory: string
}

/** What goes of one repository, sizes in bytes. */
export interface PrunedRepository extends Selection {
  readonly repository: string
  /** As the place tells it: layers that images share count for each of them. */
  readonly bytes: number
}

export interface Pruning {
  readonly location: string
  /** Repositories of which something goes, by name. */
  readonly repositories: readonly PrunedRepository[]
  /** Manifests that were looked at. */
  readonly looked: number
  /** Removes what was chosen; what cannot be removed does not keep the rest. Returns the errors. */
  remove(): Promise<readonly RopewayError[]>
}

/** Repositories that are looked at or emptied at once. */
const atOnce = 4

/**
 * Finds what may go at a sink, and removes nothing yet. Throws `PRUNE_UNBOUNDED` when no rule says what goes, and
 * `PRUNE_UNSUPPORTED` for a sink that cannot list and remove.
 */
export async function prune(options: PruneOptions, runtime: Runtime): Promise<Pruning> {
  const rules = rulesOf(options, runtime.now())
  const holdings = await openHoldings(options, runtime)
  const repositories: string[] = []
  for await (const repository of holdings.repositories()) {
    if (concerns(rules, repository)) repositories.push(repository)
  }
  const limiter = createLimiter(atOnce)
  const all = <T>(items: readonly string[], work: (item: string) => Promise<T>) =>
    Promise.all(items.map((item) => limiter.run(() => work(item), runtime.signal)))
  const found = await all(repositories.sort(), (repository) => look(holdings, repository, rules))
  const going = found.filter(({ manifests, tags }) => manifests.length + tags.length > 0)
  return {
    location: holdings.location,
    repositories: going,
    looked: found.reduce((sum, { looked }) => sum + looked, 0),
    async remove() {
      const byName = new Map(going.map((each) => [each.repository, each]))
      const failed = await all([...byName.keys()], async (repository) => {
        const chosen = byName.get(repository)
        return chosen === undefined ? [] : removeFrom(holdings, chosen)
      })
      return failed.flat()
    },
  }
}

function rulesOf(options: PruneOptions, now: number): PruneRules {
  const { patterns = [], keep, olderThan, notIn, untagged } = options
  const bounded = patterns.length > 0 || keep !== undefined || olderThan !== undefined || notIn !== undefined
  if (!bounded) throw errors.pruneUnbounded()
  return {
    patterns,
    keep,
    untagged,
    before: olderThan === undefined ? undefined : now - olderThan,
    wanted: notIn === undefined ? undefined : new Set(notIn.flatMap(digestsOf)),
  }
}

function digestsOf({ artifacts }: Lock): string[] {
  return artifacts.flatMap(({ root, published, digestMap = {}, referrers }) => [
    root.digest,
    published.digest,
    ...Object.values(digestMap),
    ...referrers.map(({ descriptor }) => descriptor.digest),
  ])
}

async function openHoldings(
  { sink: text, registry, insecure = [], directory }: PruneOptions,
  runtime: Runtime,
): Promise<Holdings> {
  const at = resolve(directory)
  const [step] = await loadSinks([await stepFrom('sink', text, runtime)], at, runtime.adapters)
  const name = step?.adapter ?? text
  const sink = await runtime.adapters.load('sink', name)
  const context: Context = runtime.context({ ...bareChain(at), insecure })
  const holdings = await sink.prune?.(registry, step?.options, context)
  if (holdings === undefined) throw errors.pruneUnsupported(name)
  return holdings
}

/** Whether any pattern may be about the repository: the others are not even listed. */
function concerns({ patterns = [] }: PruneRules, repository: string): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matchesGlob(pattern.split(':', 1)[0] ?? '', repository))
}

async function look(
  holdings: Holdings,
  repository: string,
  rules: PruneRules,
): Promise<PrunedRepository & { readonly looked: number }> {
  const held = await holdings.manifests(repository)
  const indexes = held.filter(({ mediaType }) => mediaType === undefined || isIndex(mediaType))
  const bytes = await holdings.read(
    repository,
    indexes.map(({ digest }) => digest),
  )
  const below = new Map(
    [...bytes].map(([digest, content]) => [
      digest,
      childrenOf(parseManifest(content)).manifests.map((child) => child.digest),
    ]),
  )
  // Below an index that cannot be read nobody knows what it needs.
  const untagged = rules.untagged === true && indexes.every(({ digest }) => bytes.has(digest))
  const selection = selectPrunable(repository, held, (digest) => below.get(digest) ?? [], { ...rules, untagged })
  return {
    repository,
    ...selection,
    looked: held.length,
    bytes: selection.manifests.reduce((sum, { size = 0 }) => sum + size, 0),
  }
}

async function removeFrom(
  holdings: Holdings,
  { repository, manifests, tags }: PrunedRepository,
): Promise<RopewayError[]> {
  try {
    const failed = [
      ...(tags.length === 0 ? [] : await holdings.remove(repository, { tags: tags.map(({ tag }) => tag) })),
      ...(manifests.length === 0
        ? []
        : await holdings.remove(repository, { digests: manifests.map(({ digest }) => digest) })),
    ]
    return failed.map(({ error }) => toRopewayError(error))
  } catch (error) {
    return [toRopewayError(error)]
  }
}
