/** A private registry: one for each account and region. */
export interface PrivateRegistry {
  readonly kind: 'private'
  /** Canonical host, as in `Reference.registry`. */
  readonly host: string
  readonly account: string
  readonly region: string
  readonly fips: boolean
  readonly dualStack: boolean
}

/** The public gallery. */
export interface PublicRegistry {
  readonly kind: 'public'
  readonly host: string
}

export type EcrRegistry = PrivateRegistry | PublicRegistry

/** Hosts of the public gallery, by IPv4 alone and by both. */
const publicHosts = ['public.ecr.aws', 'ecr-public.aws.com']

/** Partitions of AWS by the beginning of their regions; the first that fits counts. */
const partitions = [
  { name: 'aws-cn', regions: 'cn-', suffix: 'amazonaws.com.cn', dualStack: 'on.amazonwebservices.com.cn' },
  { name: 'aws-us-gov', regions: 'us-gov-', suffix: 'amazonaws.com', dualStack: 'on.aws' },
  { name: 'aws-iso', regions: 'us-iso-', suffix: 'c2s.ic.gov', dualStack: 'on.aws' },
  { name: 'aws-iso-b', regions: 'us-isob-', suffix: 'sc2s.sgov.gov', dualStack: 'on.aws' },
  { name: 'aws-iso-e', regions: 'eu-isoe-', suffix: 'cloud.adc-e.uk', dualStack: 'on.aws' },
  { name: 'aws-iso-f', regions: 'us-isof-', suffix: 'csp.hci.ic.gov', dualStack: 'on.aws' },
  { name: 'aws-eusc', regions: 'eusc-', suffix: 'amazonaws.eu', dualStack: 'on.aws' },
  { name: 'aws', regions: '', suffix: 'amazonaws.com', dualStack: 'on.aws' },
] as const

/** The partition that a region belongs to: its name in ARNs, and the domain of its services. */
export function partitionOf(region: string): {
  readonly name: string
  readonly suffix: string
  readonly dualStack: string
} {
  return partitions.find(({ regions }) => region.startsWith(regions)) ?? partitions[partitions.length - 1]!
}

const privateHost = /^(\d{12})\.(dkr\.ecr|dkr\.ecr-fips|dkr-ecr|dkr-ecr-fips)\.([a-z]{2,5}(?:-[a-z]+)+-\d+)\.(.+)$/

/**
 * The registry that a host names, with account and region read from it; `undefined` for what is no host of ECR. The domain has
 * to be the partition's own: whoever owns another one must not be sent a token.
 */
export function parseEcrHost(host: string): EcrRegistry | undefined {
  const canonical = host.toLowerCase()
  if (publicHosts.includes(canonical)) return { kind: 'public', host: canonical }
  const [, account, service, region, domain] = privateHost.exec(canonical) ?? []
  if (account === undefined || service === undefined || region === undefined) return undefined
  const partition = partitionOf(region)
  const dualStack = service.startsWith('dkr-ecr')
  if (domain !== (dualStack ? partition.dualStack : partition.suffix)) return undefined
  return { kind: 'private', host: canonical, account, region, fips: service.endsWith('-fips'), dualStack }
}

/** ARN of a repository, as IAM policies name it. */
export function repositoryArn({ account, region }: PrivateRegistry, repository: string): string {
  return `arn:${partitionOf(region).name}:ecr:${region}:${account}:repository/${repository}`
}
