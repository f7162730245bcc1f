import { memoryRegistry } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { answer, env, fakeEcr, fault, host } from './ecr.fixture.js'
import { ecrCredentials } from './index.js'

const world = () => fakeEcr(memoryRegistry(host))
const hour = 3_600_000

describe('the credential for a registry', () => {
  it('is a token that is renewed when four fifths of its life are over', async () => {
    const ecr = world()
    const credential = await ecrCredentials.get(host, 'source', ecr.context({ now: 2 * hour }))
    expect(credential).toMatchObject({ username: 'AWS', password: 'kit-token-1', expires: 2 * hour + 0.8 * 10 * hour })
  })

  it('is kept until it is refused where the clock says that it has expired', async () => {
    const credential = await ecrCredentials.get(host, 'sink', world().context({ now: 13 * hour }))
    expect(credential?.expires).toBeUndefined()
  })

  it('may be a password of the environment, and then AWS is not asked', async () => {
    for (const [name, at] of [
      ['ECR_PRIVATE_PASSWORD', host],
      ['ECR_PUBLIC_PASSWORD', 'public.ecr.aws'],
    ] as const) {
      const ecr = world()
      const context = ecr.context({ env: { ...env, [name]: 'given' } })
      expect(await ecrCredentials.get(at, 'source', context)).toMatchObject({ password: 'given', origin: name })
      expect(ecr.actions).toEqual([])
    }
  })

  it('of the public gallery comes from its own API', async () => {
    const ecr = world()
    ecr.answers['GetAuthorizationToken'] = () =>
      answer({
        authorizationData: {
          authorizationToken: Buffer.from('AWS:public-token').toString('base64'),
          expiresAt: 43_200,
        },
      })
    expect(await ecrCredentials.get('public.ecr.aws', 'source', ecr.context())).toMatchObject({
      password: 'public-token',
    })
  })

  it('is told with both accounts when it is denied', async () => {
    const ecr = world()
    ecr.answers['GetAuthorizationToken'] = () => fault('AccessDeniedException', 'no identity-based policy allows it')
    const foreign = host.replace(/^\d+/, '999988887777')
    await expect(ecrCredentials.get(foreign, 'source', ecr.context())).rejects.toMatchObject({
      code: 'ECR_ACCESS_DENIED',
      side: 'source',
      message: expect.stringMatching(/account 123456789012.*account 999988887777/) as string,
    })
  })
})
