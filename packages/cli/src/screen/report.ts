import type { Receipt } from '@ropeway/engine'
import { count, duration, exactSize, size } from '../text/measure.js'
import type { Paint } from '../text/paint.js'
import { printableLine } from '../text/printable.js'
import { table } from '../text/table.js'
import { nextLines, placeText } from './summary.js'

/** How a delivery ended: one line a sink, what was left as it is, and what to do next. */
export function reportScreen(receipts: readonly Receipt[], paint: Paint): string[] {
  const next = [...new Set(receipts.flatMap((receipt) => receipt.next))]
  return [...receipts.flatMap((receipt) => receiptLines(receipt, paint)), ...nextLines(next.map(printableLine))]
}

function receiptLines(receipt: Receipt, paint: Paint): string[] {
  const { location, complete, artifacts } = receipt
  const place = placeText(location)
  const kept = artifacts.filter(({ outcome }) => outcome === 'kept').length
  const failed = artifacts.filter(({ outcome }) => outcome === 'failed').length
  const lines: string[] = []
  if (!complete) {
    const text =
      failed === 0
        ? `${place} is not complete`
        : `${count(failed, 'artifact')} of ${artifacts.length} not delivered to ${place}`
    lines.push(`${paint.red('✗')} ${text}`)
  } else if (nothingDone(receipt)) {
    lines.push(
      `${paint.green('✓')} nothing to do: ${place} has all of it already (${count(artifacts.length, 'artifact')})`,
    )
  } else {
    lines.push(`${paint.green('✓')} delivered to ${place} in ${duration(receipt.milliseconds)} · ${movedText(receipt)}`)
  }
  if (kept > 0) {
    lines.push(
      `  ${count(kept, 'name')} ${kept === 1 ? 'holds' : 'hold'} another content there and ${kept === 1 ? 'was' : 'were'} left; --existing overwrite replaces`,
    )
  }
  return [...lines, ...factLines(receipt.facts)]
}

function factLines(facts: Receipt['facts']): string[] {
  const rows = Object.entries(facts).map(([name, value]) => [
    printableLine(name),
    name === 'size' && /^\d+$/.test(value) ? exactSize(Number(value)) : printableLine(value),
  ])
  return table(rows, { indent: '  ' })
}

function nothingDone({ artifacts, bytesSent, blobsSent, blobsMounted }: Receipt): boolean {
  return (
    bytesSent === 0 &&
    blobsSent === 0 &&
    blobsMounted === 0 &&
    artifacts.every(({ outcome }) => outcome === 'present' || outcome === 'kept')
  )
}

function movedText({ bytesSent, blobsPresent, blobsMounted, blobsResumed }: Receipt): string {
  const parts = [`${size(bytesSent)} sent`]
  if (blobsPresent > 0) parts.push(`${count(blobsPresent, 'blob')} ${blobsPresent === 1 ? 'was' : 'were'} there`)
  if (blobsMounted > 0) parts.push(`${blobsMounted} mounted`)
  if (blobsResumed > 0) parts.push(`${count(blobsResumed, 'blob')} resumed`)
  return parts.join(', ')
}
