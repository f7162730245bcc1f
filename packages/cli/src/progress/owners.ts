import type { TimedEvent } from '@ropeway/core'
import type { Paint } from '../text/paint.js'
import { printableLine } from '../text/printable.js'

/** What the artifacts of a run belong to in the user's eyes: addons. Empty for chains that know none. */
export interface Owners {
  /** Gives names their colours, in this order. */
  introduce(names: readonly string[]): void
  /** Says whose an artifact (its id, or what events call it) is. */
  claim(artifact: string, name: string): void
  /** Whose business an event is. */
  ownerOf(event: TimedEvent): string | undefined
  /** The name in its colour. */
  painted(name: string, paint: Paint): string
}

const colours = ['cyan', 'magenta', 'blue', 'yellow', 'green'] as const

export function createOwners(): Owners {
  const order = new Map<string, number>()
  const claimed = new Map<string, string>()
  return {
    introduce(names) {
      for (const name of names) if (!order.has(name)) order.set(name, order.size)
    },
    claim: (artifact, name) => void claimed.set(artifact, name),
    ownerOf(event) {
      for (const subject of subjectsOf(event)) {
        const owner = order.has(subject) ? subject : claimed.get(subject)
        if (owner !== undefined) return owner
      }
      return undefined
    },
    painted(name, paint) {
      const colour = colours[(order.get(name) ?? 0) % colours.length] ?? 'cyan'
      return paint[colour](printableLine(name))
    },
  }
}

function subjectsOf(event: TimedEvent): string[] {
  switch (event.type) {
    case 'artifact:resolved':
      return [`${event.kind}:${event.name}`]
    case 'artifact:start':
    case 'artifact:done':
    case 'artifact:failed':
      return [event.id]
    case 'blob:start':
      return [event.artifact]
    case 'retry':
      return [event.about]
    case 'warning':
      return event.about === undefined ? [] : [event.about]
    default:
      return []
  }
}

/** Lines of a log, each behind the name that they belong to. */
export function tagged(lines: readonly string[], owner: string | undefined, owners: Owners, paint: Paint): string[] {
  return owner === undefined ? [...lines] : lines.map((line) => `${owners.painted(owner, paint)}: ${line.trimStart()}`)
}

/** Lines of a terminal: the name when it changes, the steps below it. */
export function createSteps(owners: Owners, paint: Paint) {
  let last: string | undefined
  return (lines: readonly string[], owner: string | undefined): string[] => {
    if (lines.length === 0) return []
    const head = owner !== undefined && owner !== last ? [owners.painted(owner, paint)] : []
    last = owner
    return owner === undefined ? [...lines] : [...head, ...lines.map((line) => `  ${line.trimStart()}`)]
  }
}
