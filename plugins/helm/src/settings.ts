import { readFile } from 'node:fs/promises'
import type { ChartSettings, Context } from '@ropeway/core'
import { sha256 } from '@ropeway/oci'
import { valuesFileUnreadable } from './errors.js'
import type { NamedChart } from './options.js'

/**
 * How a chart is rendered, with the text of its values files: a lock and a bundle hold it, so that both sides render the same.
 * Throws `VALUES_FILE_UNREADABLE`.
 */
export async function settingsOf(
  named: NamedChart,
  context: Pick<Context, 'resolvePath'>,
): Promise<ChartSettings | undefined> {
  const { values, releaseName: name, releaseNamespace: namespace, kubeVersion, apiVersions, ...sets } = named
  const files = await Promise.all(values.map(async (path) => ({ name: path, content: await textOf(path, context) })))
  const given = {
    name,
    namespace,
    kubeVersion,
    apiVersions,
    values: files,
    set: sets.set,
    setString: sets.setString,
    setJson: sets.setJson,
  }
  const settings = Object.fromEntries(Object.entries(given).filter(([, value]) => (value ?? '').length > 0))
  return Object.keys(settings).length === 0 ? undefined : settings
}

async function textOf(path: string, context: Pick<Context, 'resolvePath'>): Promise<string> {
  const bytes = await bytesOf(path, context)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw valuesFileUnreadable(path, 'it is not UTF-8 text', error)
  }
}

async function bytesOf(path: string, { resolvePath }: Pick<Context, 'resolvePath'>): Promise<Uint8Array> {
  try {
    return await readFile(resolvePath(path))
  } catch (error) {
    throw valuesFileUnreadable(path, isMissing(error) ? 'it does not exist' : 'it cannot be read', error)
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/** Digest of a values file; absent when it cannot be read. */
export async function valuesDigest(
  path: string,
  { resolvePath }: Pick<Context, 'resolvePath'>,
): Promise<string | undefined> {
  return readFile(resolvePath(path)).then(sha256, () => undefined)
}
