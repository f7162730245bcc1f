import type { fetchContent } from '@ropeway/engine'
import { count, size } from '../text/measure.js'
import type { Paint } from '../text/paint.js'
import { printableLine } from '../text/printable.js'
import { table } from '../text/table.js'

type Files = Awaited<ReturnType<typeof fetchContent>>['files']

export function fetchScreen(files: Files, directory: string, paint: Paint): string[] {
  const rows = files.map(({ id, path, size: bytes }) => [
    printableLine(path),
    size(bytes),
    paint.dim(printableLine(id)),
  ])
  return [
    ...table(rows, { indent: '  ', right: [1] }),
    `${paint.green('✓')} wrote ${count(files.length, 'file')} to ${directory}`,
  ]
}
