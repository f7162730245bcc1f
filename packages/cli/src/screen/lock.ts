import type { Lock, LockDiff } from '@ropeway/engine'
import type { DiffResult } from '../results.js'
import { count } from '../text/measure.js'
import type { Paint } from '../text/paint.js'
import { printableLine } from '../text/printable.js'
import { chainTitle, countKinds, kindsText } from './summary.js'

/** What changed between two locks, a line a thing: `+` came, `-` went, `~` is another one now. */
export function diffScreen(diff: LockDiff, paint: Paint): string[] {
  if (diff.equal) return ['the locks hold the same']
  return [
    ...diff.head.map((line) => `${paint.yellow('~')} ${printableLine(line)}`),
    ...diff.added.map(({ id, root }) => `${paint.green('+')} ${printableLine(id)}  ${root.digest}`),
    ...diff.removed.map(({ id, root }) => `${paint.red('-')} ${printableLine(id)}  ${root.digest}`),
    ...diff.changed.flatMap(({ id, what }) => [
      `${paint.yellow('~')} ${printableLine(id)}`,
      ...what.map((line) => `    ${printableLine(line)}`),
    ]),
    `${count(diff.added.length, 'artifact')} came, ${diff.removed.length} went, ${diff.changed.length} changed`,
  ]
}

export function diffJson(diff: LockDiff): DiffResult {
  const brief = ({ id, root }: LockDiff['added'][number]) => ({ id, digest: root.digest })
  return {
    equal: diff.equal,
    head: diff.head,
    added: diff.added.map(brief),
    removed: diff.removed.map(brief),
    changed: diff.changed.map(({ id, what, from, to }) => ({ id, what, from: from.root.digest, to: to.root.digest })),
  }
}

export interface LockOutcome {
  readonly file: string
  readonly lock: Lock
  readonly lockDigest: string
  /** Absent when there was no lock before. */
  readonly diff: LockDiff | undefined
  readonly changed: boolean
  /** It was only checked, and is not right any more. */
  readonly outdated: boolean
}

/** What `ropeway lock` did, or found. */
export function lockScreen({ file, lock, lockDigest, diff, changed, outdated }: LockOutcome, paint: Paint): string[] {
  const what = `${chainTitle(lock.chain)}: ${kindsText(countKinds(lock.artifacts))}`
  if (!changed) return [`${paint.green('✓')} nothing to do: ${file} is up to date`, `  ${what} · ${lockDigest}`]
  const moved =
    diff === undefined
      ? []
      : diff.equal
        ? ['the chain’s steps changed, its artifacts did not']
        : diffScreen(diff, paint)
  return outdated ? moved : [...moved, `${paint.green('✓')} wrote ${file}`, `  ${what} · ${lockDigest}`]
}
