import { readFile } from 'node:fs/promises'
import type { CreateRepositoryCommandInput } from '@aws-sdk/client-ecr'
import type { Context } from '@ropeway/core'
import * as errors from './errors.js'
import type { EcrOptions } from './options.js'

/** What a repository is given when it is created, besides its name. */
export interface RepositorySettings {
  readonly create: Omit<CreateRepositoryCommandInput, 'registryId' | 'repositoryName'>
  /** JSON documents. */
  readonly lifecyclePolicy: string | undefined
  readonly repositoryPolicy: string | undefined
}

/** The options as the API wants them. Throws `ECR_SETTING_INVALID` for a file that cannot be read. */
export async function settingsOf(
  options: EcrOptions,
  context: Pick<Context, 'resolvePath'>,
): Promise<RepositorySettings> {
  const { scanOnPush, tags } = options
  const [lifecyclePolicy, repositoryPolicy] = await Promise.all([
    documentOf('lifecyclePolicy', options.lifecyclePolicy, context),
    documentOf('repositoryPolicy', options.repositoryPolicy, context),
  ])
  return {
    create: {
      ...mutabilityOf(options),
      ...encryptionOf(options.kms),
      ...(scanOnPush === undefined ? {} : { imageScanningConfiguration: { scanOnPush } }),
      tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    },
    lifecyclePolicy,
    repositoryPolicy,
  }
}

type Created = Pick<
  CreateRepositoryCommandInput,
  'imageTagMutability' | 'imageTagMutabilityExclusionFilters' | 'encryptionConfiguration'
>

function mutabilityOf({ immutability, immutabilityExclusions }: EcrOptions): Created {
  if (immutability === undefined && immutabilityExclusions === undefined) return {}
  const mode = immutability === 'mutable' ? 'MUTABLE' : 'IMMUTABLE'
  if (immutabilityExclusions === undefined) return { imageTagMutability: mode }
  return {
    imageTagMutability: `${mode}_WITH_EXCLUSION`,
    imageTagMutabilityExclusionFilters: immutabilityExclusions.map((filter) => ({ filterType: 'WILDCARD', filter })),
  }
}

function encryptionOf(kms: EcrOptions['kms']): Created {
  if (kms === undefined || kms === false) return {}
  const { key: kmsKey = undefined, twice = false } = typeof kms === 'object' ? kms : kms === true ? {} : { key: kms }
  return {
    encryptionConfiguration: {
      encryptionType: twice ? 'KMS_DSSE' : 'KMS',
      ...(kmsKey === undefined ? {} : { kmsKey }),
    },
  }
}

async function documentOf(
  option: string,
  given: string | Readonly<Record<string, unknown>> | undefined,
  { resolvePath }: Pick<Context, 'resolvePath'>,
): Promise<string | undefined> {
  if (given === undefined) return undefined
  if (typeof given === 'object') return JSON.stringify(given)
  try {
    return JSON.stringify(JSON.parse(await readFile(resolvePath(given), 'utf8')))
  } catch (error) {
    throw errors.settingInvalid(option, given, error)
  }
}
