import { fakeRegistry, makeImage } from '@ropeway/testkit'
import { describe, expect, it } from 'vitest'
import { testClient } from '../../test/client.js'
import { answering } from '../../test/registry.js'
import { rejection } from '../../test/server.js'

describe('tags', () => {
  it('come from all pages in their order', async () => {
    await using registry = await fakeRegistry({ quirks: { pageSize: 2, relativeLocation: true } })
    const image = await makeImage()
    const all = ['a', 'b', 'c', 'd', 'e']
    await registry.push('app', image, all)
    await using client = testClient()
    expect(await tagsOf(client.registry(registry.host, 'source').tags('app'))).toEqual(all)
  })

  it('stop when pages go in circles or to another host', async () => {
    await using server = await answering((seen, response) => {
      const next = seen.path.includes('elsewhere') ? 'https://evil.example/v2/x' : seen.path
      response.writeHead(200, { link: `<${next}>; rel="next"` }).end('{"tags":["a"]}')
    })
    await using client = testClient()
    const source = client.registry(server.host, 'source')
    expect(await tagsOf(source.tags('app'))).toEqual(['a'])
    expect(await tagsOf(source.tags('elsewhere'))).toEqual(['a'])
    expect(server.lines()).toHaveLength(3)
  })

  it('are asked for without a page size when the registry refuses one', async () => {
    await using server = await answering((seen, response) => {
      if (seen.path.includes('?')) response.writeHead(400).end('{"errors":[{"code":"PAGINATION_NUMBER_INVALID"}]}')
      else response.end('{"name":"app","tags":null}')
    })
    await using client = testClient()
    expect(await tagsOf(client.registry(server.host, 'source').tags('app'))).toEqual([])
  })

  it('of an absent repository are an error', async () => {
    await using registry = await fakeRegistry()
    await using client = testClient()
    const error = await rejection(tagsOf(client.registry(registry.host, 'source').tags('absent')))
    expect(error).toMatchObject({ code: 'SOURCE_NOT_FOUND' })
  })
})

async function tagsOf(tags: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = []
  for await (const tag of tags) all.push(tag)
  return all
}
