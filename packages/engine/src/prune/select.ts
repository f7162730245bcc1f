import type { HeldManifest } from '@ropeway/core'
import { fallbackTag, isReferrerTag } from '@ropeway/oci'
import { matchesGlob } from '../plan/select.js'

/** What goes; all that is given has to hold at once. */
export interface PruneRules {
  /** `REPOSITORY[:TAG]`, globs with `*` and `?`; none: every repository. */
  readonly patterns?: readonly string[] | undefined
  /** Newest images of each repository that stay. */
  readonly keep?: number | undefined
  /** Milliseconds since the epoch: what was pushed later stays. */
  readonly before?: number | undefined
  /** Digests that stay with all that is below them. */
  readonly wanted?: ReadonlySet<string> | undefined
  /** Also what has no tag and belongs to nothing; the default is false. */
  readonly untagged?: boolean | undefined
}

/** What goes of one repository. */
export interface Selection {
  /** Parents before their children. */
  readonly manifests: readonly HeldManifest[]
  /** Tags that go while their image stays: it has others, or an index needs it. */
  readonly tags: readonly { readonly tag: string; readonly digest: string }[]
  /** Images that the rules would let go, and that something which stays needs. */
  readonly needed: readonly HeldManifest[]
}

/**
 * Chooses from what a repository holds. `childrenOf` gives the digests below an index. An image goes by its own tags; what is below
 * it and what refers to it (signatures) goes with it, unless something that stays needs it.
 */
export function selectPrunable(
  repository: string,
  held: readonly HeldManifest[],
  childrenOf: (digest: string) => readonly string[],
  rules: PruneRules,
): Selection {
  const family = familyOf(held, childrenOf)
  const named = held.filter((manifest) => versionsOf(manifest).length > 0)
  const loose = held.filter((manifest) => manifest.tags.length === 0 && !family.belongs(manifest.digest))
  const newest = new Set([...named].sort(byAge).slice(0, rules.keep ?? 0))
  const chosen = new Map<HeldManifest, readonly string[]>()
  for (const manifest of [...named, ...(rules.untagged === true ? loose : [])]) {
    const going = versionsOf(manifest).filter((tag) => fits(rules, repository, tag))
    const all = manifest.tags.length === 0 ? fits(rules, repository, undefined) : going.length > 0
    const stays = newest.has(manifest) || isYoung(manifest, rules) || rules.wanted?.has(manifest.digest) === true
    if (all && !stays) chosen.set(manifest, going)
  }
  const whole = new Set(
    [...chosen].filter(([manifest, tags]) => tags.length === versionsOf(manifest).length).map(([{ digest }]) => digest),
  )
  const staying = family.closure(
    [...named, ...loose].map(({ digest }) => digest).filter((digest) => !whole.has(digest)),
  )
  const wantedBelow = family.closure(held.map(({ digest }) => digest).filter((digest) => rules.wanted?.has(digest)))
  const kept = new Set([...staying, ...wantedBelow])
  const going = [...family.closure([...whole])].filter((digest) => !kept.has(digest))
  const known = new Map(held.map((manifest) => [manifest.digest, manifest]))
  return {
    manifests: family.parentsFirst(going).flatMap((digest) => known.get(digest) ?? []),
    tags: [...chosen].flatMap(([{ digest }, tags]) =>
      kept.has(digest) || !whole.has(digest) ? tags.map((tag) => ({ tag, digest })) : [],
    ),
    needed: held.filter(({ digest }) => whole.has(digest) && kept.has(digest)),
  }
}

/** Tags that people gave; those of referrers are no versions. */
function versionsOf({ tags }: HeldManifest): readonly string[] {
  return tags.filter((tag) => !isReferrerTag(tag))
}

/** Newest first; one of which nobody knows when it came counts as new. */
function byAge(a: HeldManifest, b: HeldManifest): number {
  return (b.pushed ?? Infinity) - (a.pushed ?? Infinity) || (a.digest < b.digest ? -1 : 1)
}

function isYoung({ pushed = Infinity }: HeldManifest, { before }: PruneRules): boolean {
  return before !== undefined && pushed >= before
}

/** A pattern with a tag is about what has one; without, about everything of the repository. */
function fits({ patterns = [] }: PruneRules, repository: string, tag: string | undefined): boolean {
  if (patterns.length === 0) return true
  return patterns.some((pattern) => {
    const cut = pattern.indexOf(':')
    if (cut < 0) return matchesGlob(pattern, repository)
    return (
      tag !== undefined && matchesGlob(pattern.slice(0, cut), repository) && matchesGlob(pattern.slice(cut + 1), tag)
    )
  })
}

interface Family {
  /** Whether it is below an index, or refers to something that is held. */
  belongs(digest: string): boolean
  /** These with all that is below them and all that refers to any of it. */
  closure(digests: readonly string[]): ReadonlySet<string>
  /** In an order in which each can be removed: an index before its parts. */
  parentsFirst(digests: readonly string[]): readonly string[]
}

function familyOf(held: readonly HeldManifest[], childrenOf: (digest: string) => readonly string[]): Family {
  const children = new Map(held.map(({ digest }) => [digest, childrenOf(digest)]))
  const parented = new Set([...children.values()].flat())
  const subjects = new Map(held.map((manifest) => [manifest.digest, subjectsOf(manifest, held)]))
  const referrers = Map.groupBy(
    [...subjects].flatMap(([digest, all]) => all.map((subject) => ({ digest, subject }))),
    ({ subject }) => subject,
  )
  const around = (digest: string) => [
    ...(children.get(digest) ?? []),
    ...(referrers.get(digest) ?? []).map((referrer) => referrer.digest),
  ]
  return {
    belongs: (digest) => parented.has(digest) || (subjects.get(digest) ?? []).length > 0,
    closure(digests) {
      const reached = new Set(digests)
      for (const digest of reached) for (const next of around(digest)) reached.add(next)
      return reached
    },
    parentsFirst(digests) {
      const wanted = new Set(digests)
      const order: string[] = []
      const visit = (digest: string): void => {
        if (!wanted.delete(digest)) return
        for (const child of children.get(digest) ?? []) visit(child)
        order.unshift(digest)
      }
      for (const digest of digests) visit(digest)
      return order
    },
  }
}

/** What a manifest refers to: by its own word, or by the tag that a scheme gives it. */
function subjectsOf({ subject, tags }: HeldManifest, held: readonly HeldManifest[]): readonly string[] {
  const stems = tags.filter(isReferrerTag).map((tag) => tag.split('.', 1)[0])
  const tagged =
    stems.length === 0 ? [] : held.map(({ digest }) => digest).filter((digest) => stems.includes(fallbackTag(digest)))
  return subject === undefined ? tagged : [subject, ...tagged]
}
