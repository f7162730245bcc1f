import { artifactKinds } from '@ropeway/core'
import { count, duration, size } from '../text/measure.js'
import type { Paint } from '../text/paint.js'
import { printableLine } from '../text/printable.js'
import { fit, padEnd, padStart, widthOf } from '../text/width.js'
import { eventLines } from './lines.js'
import { createSteps, type Owners } from './owners.js'
import { liveRegion } from './live.js'
import { columnsOf, rowsOf, type Output, type Renderer, type Verbosity } from './renderer.js'
import { bytesDone, createProgress, follow, type Progress, type Transfer } from './state.js'
import { doing, totals } from './words.js'

export interface TtyOptions {
  readonly output: Output
  readonly paint: Paint
  readonly verbosity: Verbosity
  /** What lines stand below; absent: nothing. */
  readonly owners?: Owners | undefined
  readonly now: () => number
  readonly every: (milliseconds: number, action: () => void) => () => void
}

/** Ten drawings a second are smooth enough and cost nothing. */
export const frame = 100

/** A terminal: one line a transfer in flight, one of totals. Failures stay on screen, all else is in the result. */
export function ttyRenderer({ output, paint, verbosity, owners, now, every }: TtyOptions): Renderer {
  const progress = createProgress()
  const steps = owners === undefined ? undefined : createSteps(owners, paint)
  const region = liveRegion(output)
  let stale = false
  let ended = false
  const draw = () => {
    // A terminal that does not keep up is not written to: the next frame says all that this one would.
    if (ended || output.writableNeedDrain === true) return
    if (!stale && progress.phase === undefined && !progress.delivering) return
    stale = false
    region.draw(frameLines(progress, { columns: columnsOf(output), rows: rowsOf(output), now: now(), paint }))
  }
  const stop = every(frame, draw)

  return {
    event(event) {
      follow(progress, event)
      stale = true
      const owner = owners?.ownerOf(event)
      if (!stays(event.type, verbosity) && (owner === undefined || event.type !== 'artifact:done')) return
      const lines = eventLines(event, verbosity, paint)
      if (lines.length > 0) region.print(steps === undefined ? lines : steps(lines, owner))
    },
    print: (lines) => region.print(lines),
    async end() {
      if (ended) return
      ended = true
      stop()
      region.clear()
    },
    warned: false,
  }
}

function stays(type: string, verbosity: Verbosity): boolean {
  if (type === 'artifact:failed') return true
  return verbosity !== 'normal' && type !== 'warning' && type !== 'deliver:start'
}

interface Frame {
  readonly columns: number
  readonly rows: number
  readonly now: number
  readonly paint: Paint
}

/** What a terminal of this size shows of a run; one string a row. */
export function frameLines(progress: Progress, view: Frame): string[] {
  const transfers = [...progress.transfers.values()]
  const room = Math.max(1, Math.min(view.rows - 3, 20))
  const shown = transfers.length > room ? transfers.slice(0, room - 1) : transfers
  const rest = transfers.length - shown.length
  return [
    ...shown.map((transfer) => transferLine(transfer, view)),
    ...(rest > 0 ? [view.paint.dim(`  and ${rest} more`)] : []),
    totalsLine(progress, view),
  ]
}

const barWidth = 16
const sizeWidth = 18
const speedWidth = 10

/** An id begins with its kind; in a narrow line the rest says more. */
const kindPrefix = new RegExp(`^(${artifactKinds.join('|')}):`)

function transferLine(transfer: Transfer, { columns, now, paint }: Frame): string {
  const seconds = (now - transfer.startedAt) / 1000
  const speed = seconds > 0.5 ? `${size((transfer.done - transfer.resumedAt) / seconds)}/s` : ''
  const numbers = `${padStart(`${size(transfer.done)} / ${size(transfer.size)}`, sizeWidth)}  ${padStart(speed, speedWidth)}`
  const withBar = columns >= 76
  const room = columns - 1 - 2 - sizeWidth - 2 - speedWidth - 2 - (withBar ? barWidth + 2 : 0)
  const name = padEnd(fit(printableLine(transfer.artifact.replace(kindPrefix, '')), room), room)
  return `  ${name}  ${withBar ? `${paint.cyan(bar(transfer.done, transfer.size, barWidth))}  ` : ''}${numbers}`
}

function totalsLine(progress: Progress, view: Frame): string {
  const { now, paint, columns } = view
  if (!progress.delivering) {
    if (progress.phase === undefined) return ''
    const parts = [
      progress.resolved === 0 ? '' : count(progress.resolved, 'artifact'),
      duration(Math.max(0, now - progress.phaseStartedAt)),
      progress.retries === 0 ? '' : count(progress.retries, 'retry', 'retries'),
    ]
    return `${paint.bold(doing[progress.phase])}  ${parts.filter((part) => part !== '').join(' · ')}`
  }
  const text = totals(progress, now).join(' · ')
  const graph =
    progress.bytes.total === 0
      ? []
      : [`${paint.cyan(bar(bytesDone(progress), progress.bytes.total, barWidth))}  ${text}`]
  // What is only nice to see goes first when the terminal is narrow.
  const lines = [...graph, `${paint.bold(doing.deliver)}  ${text}`]
  return lines.find((line) => widthOf(line) < columns) ?? text
}

function bar(done: number, total: number, width: number): string {
  const full = total === 0 ? width : Math.min(width, Math.floor((done / total) * width))
  return '█'.repeat(full) + '░'.repeat(width - full)
}
