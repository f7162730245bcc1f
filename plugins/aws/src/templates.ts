import { isRopewayError } from '@ropeway/core'
import type { EcrApi } from './api.js'
import { isFault } from './actions.js'

/** How a registry makes repositories by itself when something is pushed. `undefined`: it may not be looked at. */
export async function createOnPush(api: EcrApi): Promise<((repository: string) => boolean) | undefined> {
  if (await isForeign(api)) return undefined
  const { sdk, client, act } = api
  const prefixes: string[] = []
  const others: string[] = []
  try {
    let nextToken: string | undefined
    do {
      const answer = await act({ action: 'ecr:DescribeRepositoryCreationTemplates', resource: '*' }, () =>
        client.send(new sdk.DescribeRepositoryCreationTemplatesCommand({ nextToken })),
      )
      for (const { prefix = '', appliedFor = [] } of answer.repositoryCreationTemplates ?? []) {
        if (appliedFor.includes('CREATE_ON_PUSH')) prefixes.push(prefix)
        else others.push(prefix)
      }
      nextToken = answer.nextToken
    } while (nextToken !== undefined)
  } catch (error) {
    if (isFault(error, 'TemplateNotFoundException')) return () => false
    if (!isUnreadable(error)) throw error
    return undefined
  }
  if (prefixes.length === 0) return () => false
  return (repository) => {
    // Where another kind of template is the closest, it is not said which one counts: then nothing is relied on.
    const longest = [...prefixes, ...others]
      .filter((prefix) => covers(prefix, repository))
      .sort((a, b) => lengthOf(b) - lengthOf(a))[0]
    return longest !== undefined && prefixes.includes(longest)
  }
}

/** Whether the registry is of another account than who asks: settings of an account are told to itself alone. */
export async function isForeign({ caller, registry }: EcrApi): Promise<boolean> {
  const who = await caller().catch(() => undefined)
  return who !== undefined && who.account !== registry.account
}

/** A permission that the identity lacks, or an endpoint that knows no such action: then it is as if there were nothing. */
export function isUnreadable(error: unknown): boolean {
  return isRopewayError(error) && (error.code === 'ECR_ACCESS_DENIED' || error.code === 'ECR_REFUSED')
}

/** A prefix has a slash at its end, written or not; `ROOT` is for everything that no other one is for. */
function covers(prefix: string, repository: string): boolean {
  return prefix === 'ROOT' || repository.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`)
}

function lengthOf(prefix: string): number {
  return prefix === 'ROOT' ? 0 : prefix.length
}
