import type { TimedEvent } from '@ropeway/core'
import { count, duration, listed, shortDigest, size } from '../text/measure.js'
import type { Paint } from '../text/paint.js'
import { printableLine } from '../text/printable.js'
import { placeText } from '../screen/summary.js'
import { warningLines } from '../screen/warnings.js'
import type { Verbosity } from './renderer.js'

/** The lines that an event is worth in a log that stays, by how much the user wants to see. */
export function eventLines(event: TimedEvent, verbosity: Verbosity, paint: Paint): string[] {
  const more = verbosity !== 'normal'
  switch (event.type) {
    case 'artifact:resolved':
      return more ? [`  found ${event.kind} ${printableLine(event.name)} ${shortDigest(event.digest)}`] : []
    case 'deliver:start':
      return deliverLines(event)
    case 'artifact:start':
      return more ? [`  ${printableLine(event.id)} to ${placeText(event.sink)} ...`] : []
    case 'artifact:done':
      return [`${paint.green('✓')} ${printableLine(event.id)} ${outcomeText(event)}`]
    case 'artifact:failed':
      return [
        `${paint.red('✗')} ${printableLine(event.id)} not delivered to ${placeText(event.sink)}: ${printableLine(event.message)}`,
      ]
    case 'blob:done':
      return more ? [`  blob ${shortDigest(event.digest)} ${size(event.size)} ${event.outcome}`] : []
    case 'retry':
      return more || event.attempt > 1 || event.wait >= 5000 ? [retryLine(event)] : []
    case 'warning':
      return warningLines(event, paint)
    case 'log':
      return (event.level === 'info' && more) || verbosity === 'debug'
        ? [`  ${paint.dim(printableLine(event.message))}`]
        : []
    default:
      return []
  }
}

function deliverLines(event: Extract<TimedEvent, { type: 'deliver:start' }>): string[] {
  const { sinks, artifacts, blobs, bytes } = event
  if (artifacts === 0) return []
  const moves = blobs === 0 ? '' : `, ${count(blobs, 'blob')}, ${size(bytes)}`
  return [`delivering ${count(artifacts, 'artifact')}${moves} to ${listed(sinks.map(placeText))}`]
}

function outcomeText(event: Extract<TimedEvent, { type: 'artifact:done' }>): string {
  const sink = placeText(event.sink)
  if (event.outcome === 'present') return `was there already: ${sink}`
  if (event.outcome === 'kept') return `left as it is there: ${sink}`
  return `delivered to ${sink} (${size(event.bytes)})`
}

function retryLine(event: Extract<TimedEvent, { type: 'retry' }>): string {
  return `  trying again in ${duration(event.wait)} (${event.attempt}): ${printableLine(event.about)}: ${printableLine(event.reason)}`
}
