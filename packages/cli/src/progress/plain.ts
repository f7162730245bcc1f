import type { Phase, TimedEvent } from '@ropeway/core'
import { count, duration } from '../text/measure.js'
import type { Paint } from '../text/paint.js'
import type { Groups } from './groups.js'
import { eventLines } from './lines.js'
import { tagged, type Owners } from './owners.js'
import type { Output, Renderer, Verbosity } from './renderer.js'
import { createProgress, follow } from './state.js'
import { doing, totals } from './words.js'

export interface PlainOptions {
  readonly output: Output
  readonly paint: Paint
  readonly verbosity: Verbosity
  readonly groups: Groups
  /** What lines are marked with; absent: nothing. */
  readonly owners?: Owners | undefined
  readonly now: () => number
  /** Calls back every so many milliseconds until the returned function is called; must not keep the process alive. */
  readonly every: (milliseconds: number, action: () => void) => () => void
}

/** A sign of life for a log that nobody draws in. */
export const heartbeat = 30_000

/** Phases that take no time worth a line, unless more is asked for. */
const brief: ReadonlySet<Phase> = new Set(['load', 'edit', 'name', 'prove', 'lock'])

/** Plain lines, for CI and pipes: one a finished artifact, one a phase, a heartbeat. */
export function plainRenderer({ output, paint, verbosity, groups, owners, now, every }: PlainOptions): Renderer {
  const progress = createProgress()
  const write = (lines: readonly string[]) => {
    if (lines.length > 0) output.write(lines.map((line) => `${line}\n`).join(''))
  }
  const stop = every(heartbeat, () => write(beat()))

  function beat(): string[] {
    if (progress.phase === undefined && !progress.delivering) return []
    if (progress.delivering) return [`  still delivering: ${totals(progress, now()).join(', ')}`]
    const found = progress.resolved === 0 ? '' : `: ${count(progress.resolved, 'artifact')} so far`
    return [`  still ${doing[progress.phase ?? 'deliver']}${found}`]
  }

  function phaseLines(event: TimedEvent): string[] {
    if (event.type === 'phase:start' && (verbosity !== 'normal' || !brief.has(event.phase))) {
      // Delivery says more of itself in its own event.
      return [
        ...groups.open(event.phase, doing[event.phase], event.at),
        ...(event.phase === 'deliver' ? [] : [doing[event.phase]]),
      ]
    }
    if (event.type === 'phase:done') {
      const lines =
        event.phase === 'resolve'
          ? [`found ${count(progress.resolved, 'artifact')} in ${duration(event.milliseconds)}`]
          : []
      return [...lines, ...groups.close(event.phase, event.at)]
    }
    return []
  }

  return {
    event(event) {
      follow(progress, event)
      const lines = eventLines(event, verbosity, paint)
      write([
        ...phaseLines(event),
        ...(owners === undefined ? lines : tagged(lines, owners.ownerOf(event), owners, paint)),
      ])
    },
    print: write,
    async end() {
      stop()
      write(groups.close(undefined, now()))
    },
    warned: true,
  }
}
