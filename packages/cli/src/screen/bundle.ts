import type { BundleSummary } from '@ropeway/engine'
import type { InspectResult } from '../results.js'
import { count, exactSize, shortDigest, size } from '../text/measure.js'
import type { Paint } from '../text/paint.js'
import { printableLine } from '../text/printable.js'
import { table } from '../text/table.js'
import { chainTitle, countKinds, kindsText, platformsText } from './summary.js'

/** What a bundle says of itself. */
export function bundleScreen(bundle: BundleSummary, file: string, paint: Paint): string[] {
  const { chain, platforms, artifacts, blobs } = bundle
  const rows = artifacts.map(({ kind, name, version, root, source }) => [
    kind,
    printableLine(version === undefined || name.endsWith(`:${version}`) ? name : `${name} ${version}`),
    shortDigest(root.digest),
    source.location === name ? '' : paint.dim(printableLine(source.location)),
  ])
  return [
    `${paint.bold(chainTitle(chain))} · ${platformsText(platforms)}`,
    ...table(
      [
        ['file', `${file}, ${exactSize(bundle.size)}`],
        ['identity', bundle.identity],
        ['lock', bundle.lock],
      ],
      { indent: '  ' },
    ),
    '',
    ...table(rows, { indent: '  ' }),
    '',
    `  ${kindsText(countKinds(artifacts))} · ${count(blobs.count, 'blob')}, ${size(blobs.bytes)}`,
  ]
}

export function bundleJson(bundle: BundleSummary): InspectResult {
  const { file, identity, size: bytes, chain, lock, platforms, artifacts, blobs } = bundle
  return { file, identity, size: bytes, chain, lock, platforms, blobs, artifacts }
}
