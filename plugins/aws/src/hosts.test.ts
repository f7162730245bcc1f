import { describe, expect, it } from 'vitest'
import { parseEcrHost, partitionOf, repositoryArn } from './hosts.js'

const account = '123456789012'

describe('the host of a registry', () => {
  it.each([
    [`${account}.dkr.ecr.eu-central-1.amazonaws.com`, 'eu-central-1', false, false],
    [`${account}.dkr.ecr.EU-Central-1.amazonaws.com`, 'eu-central-1', false, false],
    [`${account}.dkr.ecr-fips.us-gov-west-1.amazonaws.com`, 'us-gov-west-1', true, false],
    [`${account}.dkr.ecr.cn-north-1.amazonaws.com.cn`, 'cn-north-1', false, false],
    [`${account}.dkr.ecr.us-iso-east-1.c2s.ic.gov`, 'us-iso-east-1', false, false],
    [`${account}.dkr.ecr.us-isob-east-1.sc2s.sgov.gov`, 'us-isob-east-1', false, false],
    [`${account}.dkr.ecr.eusc-de-east-1.amazonaws.eu`, 'eusc-de-east-1', false, false],
    [`${account}.dkr-ecr.eu-west-1.on.aws`, 'eu-west-1', false, true],
    [`${account}.dkr-ecr-fips.us-east-1.on.aws`, 'us-east-1', true, true],
  ])('%s says account and region', (host, region, fips, dualStack) => {
    expect(parseEcrHost(host)).toEqual({ kind: 'private', host: host.toLowerCase(), account, region, fips, dualStack })
  })

  it('may be the public gallery', () => {
    expect(parseEcrHost('public.ecr.aws')).toEqual({ kind: 'public', host: 'public.ecr.aws' })
  })

  it.each([
    `${account}.dkr.ecr.eu-central-1.attacker.example`,
    `${account}.dkr.ecr.eu-central-1.amazonaws.com.attacker.example`,
    `${account}.dkr.ecr.cn-north-1.amazonaws.com`,
    `${account}.dkr.ecr.eu-west-1.on.aws`,
    '12345.dkr.ecr.eu-central-1.amazonaws.com',
    `${account}.dkr.ecr.eu-central-1.amazonaws.com:443`,
    'public.ecr.aws.attacker.example',
    'ghcr.io',
  ])('%s is none of ECR', (host) => {
    expect(parseEcrHost(host)).toBeUndefined()
  })

  it('gives the names of policies', () => {
    const registry = parseEcrHost(`${account}.dkr.ecr.cn-north-1.amazonaws.com.cn`)
    if (registry?.kind !== 'private') throw new TypeError('not private')
    expect(repositoryArn(registry, 'a/b')).toBe(`arn:aws-cn:ecr:cn-north-1:${account}:repository/a/b`)
    expect(partitionOf('eu-west-1').name).toBe('aws')
  })
})
