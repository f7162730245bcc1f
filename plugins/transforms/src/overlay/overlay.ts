import { defineTransform, didYouMean, type Artifact, type Context, type Finding } from '@ropeway/core'
import { readFile } from 'node:fs/promises'
import { sha256 } from '@ropeway/oci'
import { overlayUnused } from '../errors.js'
import { overlayChart, type ChartChanges } from './chart.js'
import { overlayManifests } from './manifests.js'
import { matchesAny, namesOf } from './match.js'
import { listOf, overlayOptions, type OverlayOptions } from './options.js'
import { valueEdits } from './values.js'

/** Changes charts and manifests before the images behind them are looked for: values, and files by JSON patches. */
export const overlay = defineTransform<OverlayOptions>({
  name: 'overlay',
  summary: 'Changes values and files of charts, and objects of manifests, before their images are looked for.',
  stage: 'edit',
  options: overlayOptions,
  async apply(artifacts, options, context) {
    const changes = { edits: await valueEdits(options.values, context), patches: options.patches ?? [] }
    const findings: Finding[] = [...unusedOf(artifacts, options)]
    const changed: Artifact[] = []
    for (const artifact of artifacts) {
      const result = await overlaid(artifact, options, changes, context)
      if ('severity' in result) findings.push(result)
      changed.push('severity' in result ? artifact : result)
    }
    return { artifacts: changed, findings }
  },
  async inputs({ values }, { resolvePath }) {
    const digests: Record<string, string> = {}
    const files = typeof values === 'string' || Array.isArray(values) ? listOf(values) : []
    for (const path of files) {
      const digest = await readFile(resolvePath(path)).then(sha256, () => undefined)
      if (digest !== undefined) digests[path] = digest
    }
    return digests
  },
})

async function overlaid(
  artifact: Artifact,
  { charts, manifests }: OverlayOptions,
  changes: ChartChanges,
  context: Context,
): Promise<Artifact | Finding> {
  const named = (patterns: readonly string[]) => patterns.some((pattern) => matchesAny(pattern, namesOf(artifact)))
  if (artifact.kind === 'chart' && named(listOf(charts))) return overlayChart(artifact, changes, context)
  if (artifact.kind === 'manifests' && named(listOf(manifests)))
    return overlayManifests(artifact, changes.patches, context)
  return artifact
}

/** An error for every name that nothing has. */
function* unusedOf(artifacts: readonly Artifact[], { charts, manifests }: OverlayOptions): Generator<Finding> {
  if (artifacts.length === 0) return
  for (const [kind, patterns] of [
    ['chart', listOf(charts)],
    ['manifests', listOf(manifests)],
  ] as const) {
    const own = artifacts.filter((artifact) => artifact.kind === kind)
    for (const pattern of patterns) {
      if (own.some((artifact) => matchesAny(pattern, namesOf(artifact)))) continue
      yield overlayUnused(
        kind,
        pattern,
        didYouMean(
          pattern,
          own.map(({ name }) => name),
        ),
      )
    }
  }
}
