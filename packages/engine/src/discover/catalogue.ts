import { readFile } from 'node:fs/promises'
import type { Context } from '@ropeway/core'
import { sha256 } from '@ropeway/oci'
import type { DiscoverStep } from '../chain/chain.js'
import * as errors from '../errors.js'

/** Text of the user's catalogue of places in custom resources. Throws `CATALOGUE_UNREADABLE`. */
export async function catalogueOf(
  { catalogue, place }: DiscoverStep,
  { resolvePath }: Pick<Context, 'resolvePath'>,
): Promise<string | undefined> {
  if (catalogue === undefined) return undefined
  try {
    return await readFile(resolvePath(catalogue), 'utf8')
  } catch (thrown) {
    throw errors.catalogueUnreadable(catalogue, thrown, place)
  }
}

/** The local files of the step `discover`, with their digests. */
export async function discoverInputs(
  { catalogue }: DiscoverStep,
  { resolvePath }: Pick<Context, 'resolvePath'>,
): Promise<Readonly<Record<string, string>>> {
  if (catalogue === undefined) return {}
  const digest = await readFile(resolvePath(catalogue)).then(sha256, () => undefined)
  return digest === undefined ? {} : { [catalogue]: digest }
}
