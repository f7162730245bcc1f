import { RopewayError, type Log, type Role } from '@ropeway/core'
import type { AwsFault } from './sdk.js'
import type { Caller } from './sts.js'

/** What a request to an API of AWS was about. */
export interface Request {
  readonly role: Role
  /** `ecr:CreateRepository`. */
  readonly action: string
  /** ARN, or `*` for what IAM grants for everything only. */
  readonly resource: string
  /** Account of the registry; absent for the public gallery. */
  readonly account?: string | undefined
  /** A reference or a host. */
  readonly about: string
}

type Warning = Parameters<Log['warn']>[0]

/**
 * IAM does not allow what was to be done. The message names the action, the resource and both accounts: the one of who asks,
 * and the one of the registry. Allow the action in the policy of the identity; where the accounts differ, the registry's
 * repository policy has to allow it too.
 */
export function accessDenied(request: Request, caller: Caller | undefined, words: string): RopewayError {
  const { action, resource, account, about, role } = request
  const who = caller === undefined ? 'these AWS credentials' : `${caller.arn} (account ${caller.account})`
  const registry = account === undefined ? 'ECR Public' : `the registry of account ${account}`
  const foreign = account !== undefined && caller !== undefined && caller.account !== account
  return new RopewayError({
    code: 'ECR_ACCESS_DENIED',
    side: role,
    message: `${who} may not ${action} on ${resource} in ${registry}: ${words}`,
    operation: role === 'sink' ? 'delivering to' : 'reading from',
    about,
    hint:
      `allow it in the identity's policy: {"Effect": "Allow", "Action": "${action}", "Resource": "${resource}"}` +
      (foreign ? `\nand in a repository policy of account ${account} for account ${caller.account}` : ''),
  })
}

/**
 * No registry is named, and AWS does not say whose credentials these are, so that the own registry is not known either. Name the
 * registry, or check the credentials.
 */
export function accountUnknown(region: string): RopewayError {
  return new RopewayError({
    code: 'ECR_ACCOUNT_UNKNOWN',
    side: 'sink',
    message: `no registry is named, and AWS does not say whose credentials these are in ${region}`,
    operation: 'looking for the registry of',
    about: 'the default account',
    hint: 'name it: --registry ACCOUNT.dkr.ecr.REGION.amazonaws.com\nor check the credentials: aws sts get-caller-identity',
  })
}

/**
 * No AWS credentials were found: not in the environment, in no profile, and this machine has none of its own. Set
 * `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` or `AWS_PROFILE`, log in with `aws sso login`, or give the machine a role.
 */
export function credentialsMissing(role: Role, about: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'ECR_CREDENTIALS_MISSING',
    side: role,
    message: `no AWS credentials were found for ${about}`,
    operation: 'asking for credentials for',
    about,
    tried: ['AWS_ACCESS_KEY_ID / AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE', 'web identity, container and instance roles'],
    hint: 'set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; or run: aws sso login',
    cause,
  })
}

/**
 * AWS does not know these credentials, or they have expired. Get new ones; a wrong clock of this machine has the same effect.
 */
export function credentialsRefused(request: Request, fault: AwsFault): RopewayError {
  return new RopewayError({
    code: 'ECR_CREDENTIALS_REFUSED',
    side: request.role,
    message: `AWS does not accept the credentials for ${request.action} (${fault.name}): ${fault.message}`,
    operation: 'asking for credentials for',
    about: request.about,
    hint: 'get new credentials (aws sso login, or a new session token), and check the clock of this machine',
  })
}

/**
 * A destination of the sink `ecr` is no host of ECR. Private registries are `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, the public
 * one is `public.ecr.aws`. For a registry behind another name give the options `registry`, `account` and `region`; for any
 * other registry take the sink `registry`.
 */
export function hostUnknown(host: string, own: string | undefined): RopewayError {
  return new RopewayError({
    code: 'ECR_HOST_UNKNOWN',
    side: 'sink',
    message: `${host} is no registry of ECR that this sink knows`,
    operation: 'delivering to',
    about: host,
    hint:
      `name artifacts for it: rewrite: {registry: "${own ?? 'ACCOUNT.dkr.ecr.REGION.amazonaws.com'}"}\n` +
      'behind another name, give the sink registry, account and region; elsewhere take the sink registry',
  })
}

/**
 * A layer is larger than ECR takes: 52 000 MiB in a private registry, 10 000 MiB in the public one. It cannot be delivered
 * there; the image has to be built with smaller layers.
 */
export function layerTooLarge(about: string, digest: string, size: number, limit: number): RopewayError {
  const mib = (bytes: number) => Math.ceil(bytes / (1024 * 1024))
  return new RopewayError({
    code: 'ECR_LAYER_TOO_LARGE',
    side: 'sink',
    message: `layer ${digest} has ${mib(size)} MiB, and ECR takes ${mib(limit)} MiB at most`,
    operation: 'delivering to',
    about,
    hint: 'build the image with smaller layers, or leave it out with --only',
  })
}

/**
 * A quota of the account is used up: repositories of a region, images of a repository, tags of an image. The message says
 * which. Remove what is not needed (`ropeway prune`), or have the quota raised.
 */
export function limitExceeded(request: Request, fault: AwsFault): RopewayError {
  return new RopewayError({
    code: 'ECR_LIMIT_EXCEEDED',
    side: request.role,
    message: `a quota of ECR is used up: ${fault.message}`,
    operation: 'delivering to',
    about: request.about,
    hint: 'remove what is not needed with ropeway prune, or have the quota raised: Service Quotas, Amazon Elastic Container Registry',
  })
}

/**
 * ECR does not take a signature, an SBOM or another thing that refers to an image, because of the form of its manifest. The
 * image itself is delivered, without it.
 */
export function manifestSkipped(about: string, words: string): Warning {
  return {
    code: 'ECR_MANIFEST_SKIPPED',
    message: `${about} is left out, because ECR does not take manifests of its form: ${words}`,
    about,
    hint: 'the image is there without it; leave referrers out at the source to be rid of this warning',
  }
}

/**
 * ECR does not take an artifact because of the form of its manifest. Some artifacts of newer forms cannot be stored there.
 */
export function manifestUnsupported(about: string, cause: RopewayError): RopewayError {
  return new RopewayError({
    code: 'ECR_MANIFEST_UNSUPPORTED',
    side: 'sink',
    message: `ECR does not take manifests of this form: ${cause.message}`,
    operation: 'pushing',
    about,
    hint: 'leave it out with --only, or carry it to another registry or in a bundle',
    cause,
  })
}

/**
 * A repository cannot have this name in ECR: lower-case letters, digits, single `-`, `_` and `.` between them, and `/`, from 2 to
 * 256 characters. Give another name with a name transform (`rewrite`).
 */
export function nameInvalid(repository: string, about: string): RopewayError {
  return new RopewayError({
    code: 'ECR_NAME_INVALID',
    side: 'sink',
    message: `ECR has no repositories with a name like "${repository}"`,
    operation: 'delivering to',
    about,
    hint: 'single ".", "_" and "-" may stand between letters and digits only: map it to another name with rewrite',
  })
}

/**
 * Images of the public gallery cannot be pruned: its API does not tell enough of them.
 */
export function publicUnlisted(host: string): RopewayError {
  return new RopewayError({
    code: 'ECR_PUBLIC_UNLISTED',
    side: 'sink',
    message: `${host} cannot be pruned: only private registries can`,
    operation: 'listing',
    about: host,
    hint: 'remove images of the public gallery in the console of AWS',
  })
}

/**
 * A destination lies below the prefix of a pull through cache rule: what is there belongs to ECR's cache, and pushes would be
 * refused or get lost in it. Choose another prefix.
 */
export function pullThrough(repository: string, prefix: string, upstream: string, about: string): RopewayError {
  return new RopewayError({
    code: 'ECR_PULL_THROUGH',
    side: 'sink',
    message: `${repository} lies below "${prefix}", which is ECR's pull through cache of ${upstream}`,
    operation: 'delivering to',
    about,
    hint: 'choose another prefix: rewrite: {registry: "HOST/PREFIX"}',
  })
}

/**
 * ECR refused a request for a reason of its own; the message holds its words. A KMS key that cannot be used, a policy that is
 * no valid document, and settings that do not fit each other are told so.
 */
export function refused(request: Request, fault: AwsFault): RopewayError {
  return new RopewayError({
    code: 'ECR_REFUSED',
    side: request.role,
    message: `ECR refused ${request.action} (${fault.name}): ${fault.message}`,
    operation: 'asking',
    about: request.about,
    hint: `look the reason up under ${request.action} in the API reference of Amazon ECR`,
    temporary: fault.status !== undefined && fault.status >= 500,
  })
}

/**
 * Nothing says in which region the registry is. Name the registry, or set `AWS_REGION`.
 */
export function regionUnknown(): RopewayError {
  return new RopewayError({
    code: 'ECR_REGION_UNKNOWN',
    side: 'sink',
    message: 'no registry is named, and nothing says in which region the own one is',
    operation: 'looking for the registry of',
    about: 'the default account',
    hint: 'name it: --registry ACCOUNT.dkr.ecr.REGION.amazonaws.com\nor set AWS_REGION',
  })
}

/**
 * A file that the options of the sink name, a lifecycle policy or a repository policy, cannot be read or is not JSON.
 */
export function settingInvalid(option: string, file: string, cause: unknown): RopewayError {
  return new RopewayError({
    code: 'ECR_SETTING_INVALID',
    side: 'chain',
    message: `${option} cannot be read as JSON from ${file}`,
    operation: 'reading',
    about: file,
    hint: 'check the path, which is relative to the chain, and the document; it may also stand in the chain itself',
    cause,
  })
}

/**
 * A tag holds another image, and the repository does not let tags be moved. Keep what is there (`existing: skip`), choose
 * another tag, or replace it (`existing: overwrite`), which removes the tag first.
 */
export function tagImmutable(about: string, cause?: unknown): RopewayError {
  return new RopewayError({
    code: 'ECR_TAG_IMMUTABLE',
    side: 'sink',
    message: `the tag of ${about} holds another image and cannot be moved there`,
    operation: 'pushing',
    about,
    hint: 'keep what it holds (--existing skip), choose another tag, or replace it (--existing overwrite)',
    cause,
  })
}

/**
 * ECR slows requests down, and did so for longer than is waited. Others may work on the same account; try again later, or with
 * a lower `--concurrency`.
 */
export function throttled(request: Request, fault: AwsFault): RopewayError {
  return new RopewayError({
    code: 'ECR_THROTTLED',
    side: request.role,
    message: `ECR allows no more ${request.action} for now (${fault.name})`,
    operation: 'asking',
    about: request.about,
    hint: 'run again later, or with a lower --concurrency; Service Quotas shows the rates of the account',
    temporary: true,
  })
}
