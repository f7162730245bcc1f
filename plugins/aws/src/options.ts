import { existingPolicies } from '@ropeway/core'
import { z } from 'zod'

const policyDocument = (what: string) =>
  z
    .union([z.string().min(1), z.record(z.string(), z.unknown())])
    .describe(`${what} of a repository that is created: a JSON file, relative to the chain, or the document itself.`)
    .optional()

export const EcrOptions = z.strictObject({
  registry: z
    .string()
    .min(1)
    .describe(
      'The registry, `ACCOUNT.dkr.ecr.REGION.amazonaws.com`; needed when nothing else names it, and for one behind another name.',
    )
    .optional(),
  account: z
    .string()
    .regex(/^\d{12}$/, 'an account has twelve digits')
    .describe('Account of a registry whose host does not say it.')
    .optional(),
  region: z
    .string()
    .regex(/^[a-z]{2,5}(-[a-z]+)+-\d+$/, 'a region is written like eu-central-1')
    .describe('Region of a registry whose host does not say it, and of the own registry when none is named.')
    .optional(),
  endpoint: z.url().describe('Address of the ECR API, in place of the region’s; as `AWS_ENDPOINT_URL_ECR`.').optional(),
  createRepositories: z
    .enum(['missing', 'never'])
    .describe(
      'Whether repositories that are missing are created, unless a template of the registry creates them on push.',
    )
    .default('missing'),
  immutability: z
    .enum(['mutable', 'immutable'])
    .describe('Whether tags of a repository that is created can be moved.')
    .optional(),
  immutabilityExclusions: z
    .array(z.string().regex(/^[0-9A-Za-z._*-]{1,128}$/))
    .min(1)
    .max(5)
    .describe('Tags for which `immutability` means the opposite; `*` for any run of characters: `sha256-*`.')
    .optional(),
  scanOnPush: z
    .boolean()
    .describe('Whether images of a repository that is created are scanned when they are pushed.')
    .optional(),
  kms: z
    .union([
      z.boolean(),
      z.string().min(1),
      z.strictObject({
        key: z.string().min(1).describe('ARN, id or alias of the key; left out: the one of AWS for ECR.').optional(),
        twice: z.boolean().describe('Two layers of encryption (KMS_DSSE).').default(false),
      }),
    ])
    .describe('Encryption by KMS of a repository that is created: `true`, or the key. It cannot be changed later.')
    .optional(),
  tags: z
    .record(z.string().min(1).max(128), z.string().max(256))
    .refine((tags) => Object.keys(tags).length <= 50, 'a repository has 50 tags at most')
    .describe('AWS tags of a repository that is created.')
    .default({}),
  lifecyclePolicy: policyDocument('Lifecycle policy'),
  repositoryPolicy: policyDocument('Repository policy'),
  existing: z
    .enum(existingPolicies)
    .describe(
      'What to do with a tag that holds other content: `skip` leaves it with one warning, `verify` and `fail` are errors, `overwrite` replaces it, also where tags are immutable. Equal content is never touched.',
    )
    .default('skip'),
})
export type EcrOptions = z.output<typeof EcrOptions>
