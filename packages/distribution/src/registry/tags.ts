import { isRopewayError, type HttpResponse } from '@ropeway/core'
import { collect } from '@ropeway/oci'
import { z } from 'zod'
import { badResponse } from '../errors.js'
import { discard } from '../http/exchange.js'
import { parseUrl } from '../redact.js'
import { call, sceneOf, type RegistryCore } from './core.js'

const pageSize = 1000
const longestPage = 16 * 1024 * 1024
const mostPages = 10_000

const pageSchema = z.object({ tags: z.array(z.string()).nullish() })

/**
 * All tags, page by page (distribution-spec, "Content Discovery"). Pages are followed on the same host only, and never in
 * circles. Throws `…_NOT_FOUND` when there is no such repository.
 */
export async function* listTags(core: RegistryCore, repository: string, signal?: AbortSignal): AsyncIterable<string> {
  let next: string | undefined = `/v2/${repository}/tags/list?n=${pageSize}`
  const seen = new Set<string>()
  while (next !== undefined && !seen.has(next) && seen.size < mostPages) {
    seen.add(next)
    const response = await page(core, repository, next, signal)
    const target = nextPage(response, core)
    yield* await readPage(core, repository, response)
    next = target
  }
}

async function page(
  core: RegistryCore,
  repository: string,
  target: string,
  signal: AbortSignal | undefined,
): Promise<HttpResponse> {
  const request = {
    method: 'GET',
    target,
    repository,
    need: 'pull',
    about: `${core.host}/${repository}`,
    operation: 'listing tags of',
    headers: { accept: 'application/json' },
    signal,
    accept: [200, 400],
  } as const
  const response = await call(core, request)
  if (response.status === 200) return response
  // There are registries that take no page size, or a smaller one.
  await discard(response)
  return call(core, { ...request, target: target.replace(/\?n=\d+$/, ''), accept: [200] })
}

async function readPage(core: RegistryCore, repository: string, response: HttpResponse): Promise<readonly string[]> {
  const about = `${core.host}/${repository}`
  const bytes = await collect(response.body, longestPage, { side: core.role, about })
  try {
    return pageSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))).tags ?? []
  } catch {
    const scene = sceneOf(core, { about, operation: 'listing tags of' })
    throw badResponse(scene, { status: response.status, url: response.url, text: '' }, 'sent no list of tags')
  }
}

/** Path and query of the next page, of a `Link` header with `rel="next"`; another host is not followed. */
export function nextPage(response: HttpResponse, core: Pick<RegistryCore, 'base'>): string | undefined {
  const link = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(response.headers['link'] ?? '')?.[1]
  const url = link === undefined ? undefined : parseUrl(link, response.url)
  if (url === undefined || url.host !== new URL(core.base).host) return undefined
  return `${url.pathname}${url.search}`
}

/** Tags for a hint; `'no repository'`, or `undefined` when the registry does not tell. At most some pages are read. */
export async function tagsForHint(
  core: RegistryCore,
  repository: string,
  signal?: AbortSignal,
): Promise<readonly string[] | 'no repository' | undefined> {
  const tags: string[] = []
  try {
    for await (const tag of listTags(core, repository, signal)) {
      tags.push(tag)
      if (tags.length >= 20 * pageSize) break
    }
    return tags
  } catch (error) {
    signal?.throwIfAborted()
    return isRopewayError(error) && /_NOT_FOUND$/.test(error.code) ? 'no repository' : undefined
  }
}
