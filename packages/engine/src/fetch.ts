import { chmod, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join, normalize, relative, resolve as resolvePath, isAbsolute, sep } from 'node:path'
import { isRopewayError, type Descriptor } from '@ropeway/core'
import { childrenOf, fileAnnotations, parseManifest, verified } from '@ropeway/oci'
import * as errors from './errors.js'
import { selectOnly } from './plan/select.js'
import { adapterError } from './resolve/guard.js'
import type { Resolution, ResolvedArtifact } from './resolve/resolved.js'
import type { Runtime } from './runtime/runtime.js'

export interface FetchOptions {
  /** Absolute folder; made when it is missing. */
  readonly directory: string
  readonly only?: readonly string[] | undefined
}

/** One file that was written. */
export interface FetchedFile {
  readonly id: string
  /** Relative to the folder. */
  readonly path: string
  readonly size: number
}

/**
 * Takes charts, manifests and files back out: every layer that has a name, and a chart's archive as `name-version.tgz`.
 * Each file appears whole or not at all; a name that leads out of the folder is refused (`FETCH_HOSTILE_PATH`).
 * Throws `FETCH_NOTHING` when nothing of it is a file, and `FETCH_COLLISION`, `FETCH_NOT_WRITABLE`.
 */
export async function fetchContent(
  resolution: Resolution,
  runtime: Runtime,
  options: FetchOptions,
): Promise<{ readonly files: readonly FetchedFile[] }> {
  const artifacts = resolution.artifacts.map((resolved) => ({ ...heading(resolved), resolved }))
  const wanted = selectOnly(artifacts, options.only ?? []).map(({ resolved }) => resolved)
  const planned = wanted.flatMap((resolved) =>
    filesOf(resolved).map((file) => ({ ...file, resolved, target: inside(options.directory, file.path) })),
  )
  if (planned.length === 0) throw errors.fetchNothing(wanted.map(({ locked }) => locked.id))
  refuseCollisions(planned)
  const files: FetchedFile[] = []
  for (const { target, path, descriptor, executable, resolved } of planned) {
    await writeFile(target, contentOf(resolved, descriptor, path, runtime), executable, runtime.signal)
    files.push({ id: resolved.locked.id, path, size: descriptor.size })
  }
  return { files }
}

/** The verified bytes of a file; what goes wrong with them is the source's. */
async function* contentOf(
  { content, locked, place }: ResolvedArtifact,
  descriptor: Descriptor,
  about: string,
  { signal }: Runtime,
): AsyncIterable<Uint8Array> {
  try {
    yield* verified(content.open(descriptor, { signal }), descriptor, { about })
  } catch (thrown) {
    signal.throwIfAborted()
    throw adapterError(thrown, { kind: 'source', adapter: locked.source.adapter, operation: `reading ${about}`, place })
  }
}

function heading({ locked }: ResolvedArtifact): { id: string; kind: string; name: string } {
  return { id: locked.id, kind: locked.kind, name: locked.name }
}

/** Two files of one name would overwrite each other. */
function refuseCollisions(planned: readonly { readonly path: string; readonly resolved: ResolvedArtifact }[]): void {
  const owners = new Map<string, string>()
  for (const { path, resolved } of planned) {
    const name = normalize(path)
    const other = owners.get(name)
    if (other !== undefined) throw errors.fetchCollision(path, other, resolved.locked.id)
    owners.set(name, resolved.locked.id)
  }
}

interface Layer {
  readonly path: string
  readonly descriptor: Descriptor
  readonly executable: boolean
}

function filesOf({ locked, manifestBytes }: ResolvedArtifact): Layer[] {
  const bytes = manifestBytes.get(locked.root.digest)
  if (bytes === undefined || locked.kind === 'image') return []
  const { blobs } = childrenOf(parseManifest(bytes, locked.root.mediaType))
  return blobs.flatMap((descriptor): Layer[] => {
    const title = descriptor.annotations?.[fileAnnotations.title] ?? chartFile(descriptor, locked)
    const executable = descriptor.annotations?.[fileAnnotations.executable] === 'true'
    return title === undefined ? [] : [{ path: title, descriptor, executable }]
  })
}

function chartFile({ mediaType }: Descriptor, { kind, name, version }: ResolvedArtifact['locked']): string | undefined {
  if (kind !== 'chart') return undefined
  const archive = `${name}-${version ?? '0.0.0'}.tgz`
  if (/^application\/(vnd\.cncf\.helm\.chart\.content\.v1\.)?tar\+gzip$/.test(mediaType)) return archive
  return mediaType === 'application/vnd.cncf.helm.chart.provenance.v1.prov' ? `${archive}.prov` : undefined
}

/** The absolute path of a name inside of a folder. */
function inside(directory: string, name: string): string {
  const target = resolvePath(directory, name)
  const path = relative(directory, target)
  if (path === '' || path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path))
    throw errors.fetchHostilePath(name)
  return join(directory, path)
}

async function writeFile(
  target: string,
  content: AsyncIterable<Uint8Array>,
  executable: boolean,
  signal: AbortSignal,
): Promise<void> {
  const partial = `${target}.partial`
  try {
    await mkdir(dirname(target), { recursive: true })
    const file = await open(partial, 'w')
    try {
      for await (const chunk of content) await file.writeFile(chunk)
    } finally {
      await file.close()
    }
    if (executable) await chmod(partial, 0o755)
    await rename(partial, target)
  } catch (thrown) {
    await rm(partial, { force: true }).catch(() => undefined)
    signal.throwIfAborted()
    throw isRopewayError(thrown) ? thrown : errors.fetchNotWritable(target, thrown)
  }
}
