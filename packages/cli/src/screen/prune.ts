import type { Pruning } from '@ropeway/engine'
import type { PruneResult } from '../results.js'
import { count, shortDigest, size } from '../text/measure.js'
import type { Paint } from '../text/paint.js'
import { printableLine } from '../text/printable.js'
import { table } from '../text/table.js'

interface Outcome {
  /** False: it was only looked. */
  readonly removed: boolean
  readonly failures: number
}

/** What goes, or went, by repository. */
export function pruneScreen(
  { location, repositories, looked }: Pruning,
  { removed, failures }: Outcome,
  paint: Paint,
): string[] {
  const manifests = repositories.reduce((sum, each) => sum + each.manifests.length, 0)
  const tags = repositories.reduce((sum, each) => sum + each.tags.length, 0)
  const bytes = repositories.reduce((sum, each) => sum + each.bytes, 0)
  const place = printableLine(location)
  if (manifests + tags === 0)
    return [`${paint.green('✓')} nothing to remove of ${count(looked, 'manifest')} in ${place}`]
  const what = `${count(manifests, 'manifest')}${tags === 0 ? '' : ` and ${count(tags, 'tag')}`}, up to ${size(bytes)}`
  const lines = repositories.flatMap((each) => [
    paint.bold(printableLine(each.repository)),
    ...repositoryLines(each, paint),
  ])
  if (!removed) {
    const found = `would remove ${what} of ${count(looked, 'manifest')} in ${place}`
    return [...lines, found, '  nothing was removed; with --yes it is']
  }
  const mark = failures === 0 ? paint.green('✓') : paint.yellow('!')
  const rest = failures === 0 ? '' : `, but for ${count(failures, 'failure')}`
  return [...lines, `${mark} removed ${what} in ${place}${rest}`]
}

function repositoryLines({ manifests, tags, needed }: Pruning['repositories'][number], paint: Paint): string[] {
  const rows = manifests.map(({ digest, tags: names, size: bytes, pushed }) => [
    paint.red('-'),
    printableLine(names.join(', ') || '(no tag)'),
    shortDigest(digest),
    bytes === undefined ? '' : size(bytes),
    pushed === undefined ? '' : new Date(pushed).toISOString().slice(0, 10),
  ])
  return [
    ...table(rows, { indent: '  ', right: [3] }),
    ...tags.map(({ tag, digest }) => `  ${paint.red('-')} tag ${printableLine(tag)} of ${shortDigest(digest)}`),
    ...needed.map(({ digest }) => `  ${paint.dim(`${shortDigest(digest)} stays: a kept index needs it`)}`),
  ]
}

export function pruneJson({ location, repositories, looked }: Pruning, removed: boolean): PruneResult {
  return {
    location,
    removed,
    looked,
    bytes: repositories.reduce((sum, { bytes }) => sum + bytes, 0),
    repositories: repositories.map(({ repository, bytes, manifests, tags, needed }) => ({
      repository,
      bytes,
      manifests: manifests.map(({ digest, tags: names, size: each, pushed }) => ({
        digest,
        tags: names,
        size: each,
        pushed: pushed === undefined ? undefined : new Date(pushed).toISOString(),
      })),
      tags,
      needed: needed.map(({ digest }) => digest),
    })),
  }
}
