import type { Artifact, Context, Finding } from '@ropeway/core'
import { manifestArtifact, readManifestArtifact, type ManifestFile } from '@ropeway/images'
import { withMade } from '@ropeway/oci'
import { isMap, parseAllDocuments, type Document } from 'yaml'
import { z } from 'zod'
import { overlayFailed, overlayFileMissing } from '../errors.js'
import { applyPatch, PatchProblem } from './json-patch.js'
import { matchesGlob } from './match.js'
import type { Patch, PatchTarget } from './options.js'

/** Manifests with patched objects; the same ones when nothing changes. A patch that meets no object is a finding. */
export async function overlayManifests(
  artifact: Artifact,
  patches: readonly Patch[],
  context: Pick<Context, 'cache' | 'signal'>,
): Promise<Artifact | Finding> {
  const given = await readManifestArtifact(artifact, context)
  let files = given
  try {
    for (const patch of patches) {
      const { file } = patch
      const wanted = files.filter(({ name }) => file === undefined || matchesGlob(file, name))
      if (wanted.length === 0) return overlayFileMissing(artifact.name, file ?? '*', undefined)
      files = patchedFiles(files, new Set(wanted), patch)
    }
  } catch (error) {
    if (error instanceof PatchProblem) return overlayFailed(artifact.name, error)
    throw error
  }
  return files.every(({ text }, index) => text === given[index]?.text) ? artifact : remade(artifact, files)
}

function patchedFiles(files: readonly ManifestFile[], wanted: ReadonlySet<ManifestFile>, patch: Patch): ManifestFile[] {
  let met = 0
  const patched = files.map((file) => {
    if (!wanted.has(file)) return file
    const documents = parseAllDocuments(file.text, { version: '1.1' })
    if (!Array.isArray(documents)) return file
    const targets = documents.filter((document) => isTarget(document, patch.target))
    if (targets.length === 0) return file
    met += targets.length
    for (const document of targets) applyPatch(document, patch.patch)
    return { ...file, text: textOf(documents) }
  })
  if (met === 0) throw new PatchProblem(`no object is ${targetText(patch.target)}`)
  return patched
}

/** A document's own text begins with its directives; the first needs no marker. */
function textOf(documents: readonly Document[]): string {
  return documents
    .map((document, index) => {
      const text = document.toString({ lineWidth: 0 })
      return index > 0 && !text.startsWith('---') && !text.startsWith('%') ? `---\n${text}` : text
    })
    .join('')
}

function isTarget(document: Document, { apiVersion, kind, name, namespace }: PatchTarget = {}): boolean {
  if (!isMap(document.contents)) return false
  const is = (wanted: string | undefined, path: readonly string[]) =>
    wanted === undefined || matchesGlob(wanted, z.string().catch('').parse(document.getIn(path)))
  return (
    is(apiVersion, ['apiVersion']) &&
    is(kind, ['kind']) &&
    is(name, ['metadata', 'name']) &&
    is(namespace, ['metadata', 'namespace'])
  )
}

function targetText({ apiVersion, kind, name, namespace }: PatchTarget = {}): string {
  return [apiVersion, namespace, [kind ?? '*', name ?? '*'].join('/')].filter((part) => part !== undefined).join(' ')
}

function remade(artifact: Artifact, files: readonly ManifestFile[]): Artifact {
  const { manifest, blobs } = manifestArtifact(files)
  const made = new Map([manifest, ...blobs].map(({ descriptor, bytes }) => [descriptor.digest, bytes]))
  return {
    ...artifact,
    root: manifest.descriptor,
    content: withMade({ open: artifact.content.open.bind(artifact.content) }, made),
    derived: [{ digest: manifest.descriptor.digest, recipe: { type: 'overlay', from: artifact.root.digest } }],
  }
}
