import { isRopewayError, didYouMean, type Artifact, type Context, type Finding } from '@ropeway/core'
import {
  chartArtifact,
  editValues,
  packChart,
  readChartArtifact,
  versionTag,
  type ChartFile,
  type ValuesEdit,
} from '@ropeway/helm'
import { withMade } from '@ropeway/oci'
import { parseDocument } from 'yaml'
import { overlayFailed, overlayFileMissing } from '../errors.js'
import { applyPatch, PatchProblem } from './json-patch.js'
import type { Patch } from './options.js'

/** What an overlay does to each of its charts. */
export interface ChartChanges {
  readonly edits: readonly ValuesEdit[]
  readonly patches: readonly Patch[]
}

/** The chart with other values and patched files, packed anew; the same one when nothing changes. What does not apply is a finding. */
export async function overlayChart(
  artifact: Artifact,
  { edits, patches }: ChartChanges,
  context: Pick<Context, 'cache' | 'signal'>,
): Promise<Artifact | Finding> {
  const { files, provenance } = await readChartArtifact(artifact, context)
  const changed = new Map<string, string>()
  const textOf = (path: string): string | undefined => {
    const bytes = files.find((file) => file.path === path)?.bytes
    return changed.get(path) ?? (bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8'))
  }
  try {
    if (edits.length > 0) changed.set('values.yaml', editValues(textOf('values.yaml') ?? '', edits))
    for (const { file = 'values.yaml', patch } of patches) {
      const text = textOf(file)
      if (text === undefined)
        return overlayFileMissing(
          artifact.name,
          file,
          didYouMean(
            file,
            files.map(({ path }) => path),
          ),
        )
      changed.set(file, patched(text, file, patch))
    }
  } catch (error) {
    if (error instanceof PatchProblem || isRopewayError(error)) return overlayFailed(artifact.name, error)
    throw error
  }
  const now = withTexts(files, changed)
  return now === files ? artifact : repacked(artifact, now, provenance !== undefined)
}

function patched(text: string, file: string, patch: Patch['patch']): string {
  const document = parseDocument(text, { version: '1.1', keepSourceTokens: false })
  const [problem] = document.errors
  if (problem !== undefined)
    throw new PatchProblem(`${file} is no YAML, as templates are not: patch values in their place`)
  applyPatch(document, patch)
  return document.toString({ lineWidth: 0 })
}

function withTexts(files: readonly ChartFile[], changed: ReadonlyMap<string, string>): readonly ChartFile[] {
  const left = new Map(changed)
  const kept = files.map((file) => {
    const text = left.get(file.path)
    left.delete(file.path)
    if (text === undefined || text === Buffer.from(file.bytes).toString('utf8')) return file
    return { path: file.path, bytes: Buffer.from(text) }
  })
  const added = [...left].map(([path, text]) => ({ path, bytes: Buffer.from(text) }))
  return added.length === 0 && kept.every((file, index) => file === files[index]) ? files : [...kept, ...added]
}

async function repacked(artifact: Artifact, files: readonly ChartFile[], signed: boolean): Promise<Artifact> {
  const packed = await packChart(files, artifact.name)
  const { manifest, config, layers } = chartArtifact(packed)
  const made = new Map([manifest, config, ...layers].map(({ descriptor, bytes }) => [descriptor.digest, bytes]))
  const { name, version } = packed.metadata
  const renamed = name !== artifact.name || version !== artifact.version
  return {
    ...artifact,
    name,
    version,
    root: manifest.descriptor,
    // What referred to the published chart does not refer to this one.
    content: withMade({ open: artifact.content.open.bind(artifact.content) }, made),
    naming: renamed ? { ...artifact.naming, tags: [versionTag(version)] } : artifact.naming,
    derived: [...made.keys()].map((digest) => ({ digest, recipe: { type: 'overlay', from: artifact.root.digest } })),
    annotations: signed ? { ...artifact.annotations, 'helm.provenance': 'dropped' } : artifact.annotations,
  }
}
